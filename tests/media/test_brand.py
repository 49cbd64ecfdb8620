"""A brand that cannot be read is refused where it is configured."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from publisher.media.brand import Brand, contrast, rgb
from publisher.media.errors import BadMedia


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"force": "  "}, "no force name"),
        ({"plate": "navy"}, "#rrggbb"),
        ({"ink": "#0b1f40"}, "cannot be read: their contrast"),
        ({"accent": "#203050"}, "cannot be read: their contrast"),
        ({"crest": Path("/nowhere/crest.png")}, "crest"),
        ({"font": Path(__file__)}, "font"),
    ],
)
def test_an_unusable_brand_is_refused_in_words(brand: Brand, change: dict[str, object], says: str) -> None:
    with pytest.raises(BadMedia, match=says):
        dataclasses.replace(brand, **change).check()


def test_the_crest_must_be_a_png(brand: Brand, tmp_path: Path) -> None:
    crest = tmp_path / "crest.png"
    crest.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    with pytest.raises(BadMedia, match="not a PNG"):
        dataclasses.replace(brand, crest=crest).check()


def test_contrast_is_what_wcag_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


def test_the_shipped_colours_are_far_above_the_limit(brand: Brand) -> None:
    assert contrast(rgb(brand.ink), rgb(brand.plate)) > 12
    assert contrast(rgb(brand.accent), rgb(brand.plate)) > 7


def test_a_changed_crest_is_another_brand(brand: Brand, tmp_path: Path) -> None:
    crest = tmp_path / "crest.png"
    crest.write_bytes(brand.crest.read_bytes() + b"\x00")
    assert dataclasses.replace(brand, crest=crest).identity != brand.identity

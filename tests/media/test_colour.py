"""Whatever mode a picture is stored in, the tones that are published are its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from publisher.media.colour import profile_name, to_srgb

RAMP = np.tile(np.arange(256, dtype=np.uint8), (16, 1))


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).mean())


def test_sixteen_bits_keep_every_tone() -> None:
    deep = Image.fromarray(RAMP.astype(np.uint16) * 256 + 128)
    assert deep.mode == "I;16"
    assert np.asarray(to_srgb(deep, "a.png").getchannel(0)).tolist() == RAMP.tolist()
    # What Pillow alone would do: everything above 255 is white.
    assert np.asarray(deep.convert("L")).mean() > 250


def test_transparency_is_laid_on_white() -> None:
    picture = Image.new("RGBA", (4, 4), (200, 0, 0, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))
    flat = to_srgb(picture, "a.png")
    assert flat.mode == "RGB"
    assert flat.getpixel((0, 0)) == (255, 255, 255) and flat.getpixel((1, 1)) == (200, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "YCbCr", "HSV", "CMYK"])
def test_every_ordinary_mode_becomes_the_same_picture(photograph: Image.Image, mode: str) -> None:
    stored = photograph.convert("L").convert("RGB").convert(mode)
    flat = to_srgb(stored, "a")
    assert flat.mode == "RGB"
    assert mean_difference(flat, stored.convert("RGB")) < 0.01


def test_a_palette_with_a_transparent_colour(photograph: Image.Image) -> None:
    stored = photograph.quantize(16)
    stored.info["transparency"] = 3
    flat = np.asarray(to_srgb(stored, "a.png"))
    assert (flat[np.asarray(stored) == 3] == 255).all()


def test_a_wide_gamut_profile_is_applied_not_dropped(odd: Callable[[str], Path]) -> None:
    profile = odd("p3_compact_CC0.icc").read_bytes()
    red = Image.new("RGB", (2, 2), (200, 100, 100))
    red.info["icc_profile"] = profile
    wide = to_srgb(red.copy(), "a.jpg").getpixel((0, 0))
    assert isinstance(wide, tuple)
    # The same numbers mean a stronger red in P3.
    assert wide[0] > 205 and wide[1] < 100
    assert profile_name(profile) == "sP3C"


def test_a_cmyk_profile_is_not_mistaken_for_rgb(photograph: Image.Image) -> None:
    photograph = photograph.copy()
    photograph.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # A profile of another colour space is as good as none: the numbers are taken as they are.
    assert mean_difference(to_srgb(photograph, "a.jpg"), photograph) == 0


@pytest.mark.parametrize("profile", [b"", b"rubbish", bytes(200)])
def test_a_damaged_profile_changes_nothing(photograph: Image.Image, profile: bytes) -> None:
    photograph = photograph.copy()
    photograph.info["icc_profile"] = profile
    assert mean_difference(to_srgb(photograph, "a.jpg"), photograph) == 0


def test_srgb_is_left_exactly_as_it_is(photograph: Image.Image) -> None:
    photograph = photograph.copy()
    photograph.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert mean_difference(to_srgb(photograph, "a.jpg"), photograph) == 0


def test_lab_is_converted() -> None:
    lab = Image.merge("LAB", [Image.new("L", (4, 4), value) for value in (136, 128, 128)])
    grey = to_srgb(lab, "a.tif").getpixel((0, 0))
    assert isinstance(grey, tuple)
    assert max(grey) - min(grey) <= 2 and 100 < grey[0] < 150

"""A poster is the published frame that a viewer sees at its moment, and no larger than a thumbnail may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from publisher.media.footage import render_poster

from .moving import moving, rgb_of

Film = Callable[..., Path]
Decoded = Callable[[Path], Iterator[av.VideoFrame]]


def test_a_poster_is_the_published_frame_with_its_mark(
    film: Film, decoded: Decoded, made: Callable[..., Path], tmp_path: Path
) -> None:
    footage = made(film(moving(20)))
    poster = render_poster(footage, 8 / 12.5, tmp_path / "poster.jpg")
    shown = rgb_of(list(decoded(footage))[8]).astype(int)
    with Image.open(poster.path) as picture:
        assert picture.size == (poster.width, poster.height) == shown.shape[1::-1]
        assert np.abs(np.asarray(picture, dtype=int) - shown).mean() < 4
    assert poster.size < 2_000_000


@pytest.mark.parametrize(("at", "number"), [(0.0, 0), (0.001, 0), (0.09, 1), (1e6, 9)])
def test_a_poster_shows_what_a_viewer_sees_at_that_moment(
    film: Film, decoded: Decoded, tmp_path: Path, at: float, number: int
) -> None:
    original = film(moving(10))
    shown = rgb_of(list(decoded(original))[number]).astype(int)
    with Image.open(render_poster(original, at, tmp_path / "poster.jpg").path) as picture:
        assert np.abs(np.asarray(picture, dtype=int) - shown).mean() < 4


def test_a_poster_is_no_larger_than_a_thumbnail_may_be(film: Film, tmp_path: Path) -> None:
    noise = [np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)]
    poster = render_poster(film(noise, preset="ultrafast"), 0.0, tmp_path / "poster.jpg")
    assert poster.width <= 1280 and poster.height <= 720 and poster.size <= 2_000_000

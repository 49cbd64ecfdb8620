"""Recorders' footage keeps its pace, its shape and its colours, and what is damaged or unknown is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from publisher.media import clips, frames
from publisher.media.brand import Brand
from publisher.media.errors import BadMedia
from publisher.media.footage import render_footage
from publisher.media.recipe import MarkStyle, Recipe

from .moving import moving, rgb_of

Recipes = Callable[..., Recipe]
Film = Callable[..., Path]
Decoded = Callable[[Path], Iterator[av.VideoFrame]]
Odd = Callable[[str], Path]


def test_a_varying_frame_rate_keeps_every_frame_at_its_moment(
    odd: Odd, decoded: Decoded, made: Callable[..., Path]
) -> None:
    place = odd("derived_vfr.mp4")
    before = [frame.time for frame in decoded(place)]
    after = [frame.time for frame in decoded(made(place))]
    assert len(after) == len(before) == 79
    assert [moment - before[0] for moment in before] == pytest.approx(after, abs=1e-4)
    gaps = {round(two - one, 3) for one, two in pairwise(after)}
    assert len(gaps) > 1


def test_oblong_pixels_become_square(odd: Odd, brand: Brand, recipe: Recipes, tmp_path: Path) -> None:
    answer = render_footage(
        odd("derived_cif_sar6-11_fullrange.mkv"), recipe(mark=MarkStyle.PLATE), brand, tmp_path / "out.mp4"
    )
    assert (answer.width, answer.mark_box[1] + answer.mark_box[3] <= answer.height) == (384, True)
    with av.open(str(answer.path)) as container:
        assert container.streams.video[0].sample_aspect_ratio in (None, 1)


def test_full_range_is_brought_to_the_usual_range(decoded: Decoded, made: Callable[..., Path], tmp_path: Path) -> None:
    original = tmp_path / "full.avi"
    with av.open(str(original), "w") as container:
        stream = container.add_stream("mjpeg", rate=8)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        stream.codec_context.color_range = 2
        for number in range(4):
            picture = np.zeros((240, 320, 3), np.uint8)
            picture[:, 160:] = 255
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p", dst_color_range=2)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    first = next(iter(decoded(made(original))))
    luma = np.frombuffer(first.planes[0], np.uint8).reshape(first.height, -1)
    assert abs(int(luma[100, 40]) - 16) <= 2 and abs(int(luma[100, 300]) - 235) <= 2


def test_footage_on_its_side_is_turned_the_right_way(odd: Odd, decoded: Decoded, made: Callable[..., Path]) -> None:
    before = next(iter(decoded(odd("derived_rot90_aac.mp4"))))
    assert before.rotation == 90
    after = rgb_of(next(iter(decoded(made(odd("derived_rot90_aac.mp4"))))))[:1280]
    upright = np.rot90(rgb_of(before), 1)  # anticlockwise, as the display matrix says
    assert after.shape == upright.shape
    assert np.abs(after.astype(int) - upright.astype(int)).mean() < 4
    assert np.abs(after.astype(int) - upright[::-1, ::-1].astype(int)).mean() > 4


def comb(picture: np.ndarray) -> float:
    """How much neighbouring lines differ: high where two moments are woven into one picture."""
    return float(np.abs(np.diff(picture[:, :, 1].astype(int), axis=0)).mean())


def test_interlaced_footage_loses_its_comb(film: Film, decoded: Decoded, made: Callable[..., Path]) -> None:
    pictures = moving(12)
    woven = [now.copy() for now in pictures[:-1]]
    for picture, later in zip(woven, pictures[1:], strict=True):
        picture[1::2] = later[1::2]
    original = film(woven, **{"flags": "+ilme+ildct", "x264-params": "tff=1"})
    before = list(decoded(original))[6]
    assert before.interlaced_frame
    after = rgb_of(list(decoded(made(original)))[6])[:240]
    assert comb(after) < comb(rgb_of(before)) / 2


def test_interlaced_footage_keeps_its_frames_and_length(
    odd: Odd, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    answer = render_footage(odd("derived_interlaced_mulaw.avi"), recipe(), brand, tmp_path / "out.mp4")
    assert answer.width == 768 and answer.seconds == pytest.approx(8.0)
    with av.open(str(answer.path)) as container:
        found = [frame.interlaced_frame for frame in container.decode(container.streams.video[0])]
    assert len(found) == 100 and not any(found)


@pytest.mark.parametrize("name", ["derived_hevc.mp4", "derived_mjpeg_8fps.avi"])
def test_other_recorders_footage_is_published_frame_for_frame(
    odd: Odd, decoded: Decoded, brand: Brand, recipe: Recipes, tmp_path: Path, name: str
) -> None:
    answer = render_footage(odd(name), recipe(), brand, tmp_path / "out.mp4")
    assert sum(1 for _ in decoded(answer.path)) == sum(1 for _ in decoded(odd(name)))
    assert answer.warnings == ()


def test_a_bare_stream_is_refused_until_somebody_says_its_frame_rate(
    film: Film, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    bare = film(moving(25), "cam.h264")
    with pytest.raises(BadMedia, match="how many frames a second"):
        render_footage(bare, recipe(), brand, tmp_path / "out.mp4")
    answer = render_footage(bare, recipe(source_fps="12.5"), brand, tmp_path / "out.mp4")
    assert answer.seconds == pytest.approx(2.0)


def test_four_frames_a_second_stay_four(film: Film, decoded: Decoded, made: Callable[..., Path]) -> None:
    original = film(moving(8), moments=[number / 4 for number in range(8)])
    assert [frame.time for frame in decoded(made(original))] == [number / 4 for number in range(8)]


@pytest.mark.parametrize("rate", ["fast", "25/0"])
def test_a_frame_rate_that_is_none_is_refused(film: Film, made: Callable[..., Path], rate: str) -> None:
    with pytest.raises(BadMedia, match="not a frame rate"):
        made(film(moving(2)), source_fps=rate)


def test_odd_edges_lose_no_line(tmp_path: Path, decoded: Decoded, made: Callable[..., Path]) -> None:
    original = tmp_path / "odd.avi"
    with av.open(str(original), "w") as container:
        stream = container.add_stream("mjpeg", rate=8)
        stream.width, stream.height, stream.pix_fmt = 321, 241, "yuvj420p"
        stream.codec_context.color_range = 2
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((241, 321, 3), 200, np.uint8), format="rgb24")
            frame = frame.reformat(format="yuvj420p", dst_color_range=2)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    picture = rgb_of(next(iter(decoded(made(original)))))
    assert picture.shape[1] == 322 and picture.shape[0] % 2 == 0
    assert picture[:240, :320].mean() > 190


def test_truncated_footage_is_published_with_a_warning(
    film: Film, brand: Brand, recipe: Recipes, made: Callable[..., Path], tmp_path: Path
) -> None:
    whole = made(film(moving(60)))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    answer = render_footage(cut, recipe(), brand, tmp_path / "again.mp4")
    assert any("incomplete" in words and "of 60 frames" in words for words in answer.warnings)


def test_damaged_frames_are_counted(odd: Odd, brand: Brand, recipe: Recipes, tmp_path: Path) -> None:
    body = bytearray(odd("derived_hevc.mp4").read_bytes())
    for at in range(6_000, len(body) - 4_000, 900):
        body[at] ^= 0xFF
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(body)
    answer = render_footage(damaged, recipe(), brand, tmp_path / "out.mp4")
    assert any("damaged" in words or "incomplete" in words for words in answer.warnings)


def test_footage_that_changes_its_size_midway_is_refused(film: Film) -> None:
    with clips.opened(film(moving(2)), "film.mp4") as clip:
        frame = clips.first_frame(clip)
        shape = frames.shape_of(frame, None)
        graph = frames.Upright(frame, shape, shape.height)
        with pytest.raises(BadMedia, match="changes its size"):
            graph.put(av.VideoFrame(640, 480, "yuv420p"), Fraction(1))

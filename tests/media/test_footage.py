"""Published footage: marked on every frame, and without its secrets."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from publisher.media import clips, frames
from publisher.media.brand import Brand
from publisher.media.clips import Tally
from publisher.media.errors import BadMedia
from publisher.media.footage import render_footage
from publisher.media.marks import make_mark
from publisher.media.recipe import MarkStyle, Profile, Recipe, Redaction

from .moving import moving, rgb_of
from support.loops import at_least_one

Recipes = Callable[..., Recipe]
Film = Callable[..., Path]
Decoded = Callable[[Path], Iterator[av.VideoFrame]]
Odd = Callable[[str], Path]


def boxes(place: Path) -> list[str]:
    """Every box of an MP4 in order, those inside the index too."""
    body, found = place.read_bytes(), list[str]()

    def walk(at: int, end: int) -> None:
        while at + 8 <= end:
            length, kind = struct.unpack(">I4s", body[at : at + 8])
            found.append(kind.decode("latin-1"))
            if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"):
                walk(at + 8, at + length)
            at += length or end

    walk(0, len(body))
    return found


def test_the_mark_is_on_every_frame(
    film: Film, decoded: Decoded, brand: Brand, recipe: Recipes, made: Callable[..., Path]
) -> None:
    original = film(moving(20))
    banner = np.asarray(make_mark(320, 240, recipe(), brand).banner, dtype=int)
    seen = 0
    for frame in decoded(made(original)):
        drawn = rgb_of(frame)[240:, :].astype(int)
        assert drawn.shape == banner.shape
        # The encoder and half the colour resolution blur letters; the plate, the ink and the layout stay.
        assert np.abs(drawn - banner).mean() < 6
        seen += 1
    assert seen == 20


def test_a_plate_keeps_the_picture_s_size_and_the_rest_of_the_picture(
    film: Film, decoded: Decoded, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    original = film(moving(12, 480, 640))
    answer = render_footage(original, recipe(mark=MarkStyle.PLATE), brand, tmp_path / "out.mp4")
    assert (answer.width, answer.height) == (640, 480)
    x, y, width, height = answer.mark_box
    for before, after in zip(decoded(original), decoded(answer.path), strict=True):
        difference = np.abs(rgb_of(before).astype(int) - rgb_of(after).astype(int)).mean(axis=2)
        assert difference[y + 4 : y + height - 4, x + 4 : x + width - 4].mean() > 30
        difference[y - 16 : y + height + 16, x - 16 : x + width + 16] = 0
        assert difference.mean() < 2


@pytest.mark.parametrize("style", MarkStyle)
@pytest.mark.parametrize("size", [(16, 8192), (8192, 16)], ids=["narrow", "flat"])
def test_the_longest_footage_that_is_taken_can_be_published(
    size: tuple[int, int], style: MarkStyle, film: Film, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    width, height = size
    original = film([np.full((height, width, 3), 90, np.uint8)] * 3, preset="ultrafast")
    answer = render_footage(original, recipe(mark=style), brand, tmp_path / "out.mp4")
    assert (answer.width, answer.height) == make_mark(width, height, recipe(mark=style), brand).canvas


def test_paint_does_not_smear_into_later_frames(film: Film, decoded: Decoded) -> None:
    """A box painted on one frame only must be gone on the next, though that is predicted from it."""
    black = Image.new("RGB", (64, 64))
    paint = frames.Paint(black, (100, 100), (), frames.BT601)
    original = film(moving(16))
    clean = [rgb_of(frame) for frame in decoded(original)]
    with clips.opened(original, "film.mp4") as clip:
        painted = []
        for number, frame in enumerate(clips.read(clip, Tally())):
            assert isinstance(frame, av.VideoFrame)
            if number % 2 == 0:
                paint.draw(frame, number / 12.5)
                assert rgb_of(frame)[110:150, 110:150].max() < 8
            painted.append(rgb_of(frame))
    for number in range(1, 16, 2):
        assert (painted[number] == clean[number]).all()


def test_frames_reach_the_encoder_untouched_where_nothing_has_to_change(film: Film) -> None:
    with clips.opened(film(moving(3)), "film.mp4") as clip:
        frame = clips.first_frame(clip)
        before = [bytes(plane) for plane in frame.planes]
        shape = frames.shape_of(frame, clip.video.sample_aspect_ratio)
        (after,) = frames.Upright(frame, shape, shape.height).put(frame, Fraction(0))
        assert [bytes(plane) for plane in after.planes] == before


@pytest.mark.parametrize("matrix", [frames.BT601, frames.BT709])
def test_the_banner_s_colours_survive_the_way_to_luma_and_chroma(matrix: frames.Matrix) -> None:
    picture = Image.new("RGB", (8, 8), (11, 31, 63))
    luma, blue, red = (int(plane[0, 0]) for plane in frames.to_planes(picture, matrix))
    y, u, v = (luma - 16) * 255 / 219, (blue - 128) * 255 / 224, (red - 128) * 255 / 224
    r, b = y + 2 * (1 - matrix.red) * v, y + 2 * (1 - matrix.blue) * u
    g = (y - matrix.red * r - matrix.blue * b) / (1 - matrix.red - matrix.blue)
    assert np.abs(np.array([r, g, b]) - (11, 31, 63)).max() < 2


def test_a_redaction_covers_its_box_from_first_to_last_moment_and_no_longer(
    film: Film, decoded: Decoded, made: Callable[..., Path]
) -> None:
    box = Redaction(41, 31, 60, 50, start=4 / 12.5, end=8 / 12.5)
    for number, frame in at_least_one(enumerate(decoded(made(film(moving(14)), redactions=(box,))))):
        inside = rgb_of(frame)[34:78, 44:98]
        covered = 4 <= number <= 8
        assert (inside.max() < 20) == covered, number


def test_a_redaction_beside_the_footage_is_refused(film: Film, made: Callable[..., Path]) -> None:
    with pytest.raises(BadMedia, match="outside the picture"):
        made(film(moving(2)), redactions=(Redaction(400, 10, 5, 5),))


def test_the_file_is_as_the_platform_asks(film: Film, made: Callable[..., Path]) -> None:
    place = made(film(moving(40)))
    order = boxes(place)
    assert order.index("moov") < order.index("mdat")
    assert "elst" not in order
    with av.open(str(place)) as container:
        stream = container.streams.video[0]
        assert stream.start_time == 0
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == Fraction(25, 2)
        assert int(stream.codec_context.color_range) == 1 and int(stream.codec_context.colorspace) == 6
        keys = [number for number, frame in enumerate(container.decode(stream)) if frame.key_frame]
    assert keys[:3] == [0, 6, 12]  # half a second


def test_nothing_the_recorder_wrote_is_published(odd: Odd, made: Callable[..., Path]) -> None:
    before = odd("derived_metadata_leak.mp4").read_bytes()
    planted = [b"cam 12 high street", b"+51.5-000.1", b"Hikvision", b"SN123", b"Lavf"]
    assert all(text in before for text in planted)
    place = made(odd("derived_metadata_leak.mp4"))
    body = place.read_bytes()
    assert not [text for text in planted if text in body]
    with av.open(str(place)) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        assert "creation_time" not in container.streams.video[0].metadata


def test_the_same_input_gives_the_same_bytes_in_another_process(
    film: Film, brand: Brand, recipe: Recipes, made: Callable[..., Path], tmp_path: Path
) -> None:
    script = (
        # One processor only: an encoder left to choose would use fewer threads and write other bytes.
        "import os, sys\nfrom pathlib import Path\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "from publisher.media.brand import Brand\nfrom publisher.media.recipe import Recipe\n"
        "from publisher.media.footage import render_footage\n"
        f"brand = Brand.from_folder(Path({str(brand.crest.parent)!r}), force={brand.force!r}, "
        f"contact={brand.contact!r}, handle={brand.handle!r})\n"
        "render_footage(Path(sys.argv[1]), Recipe.from_json(sys.stdin.read()), brand, Path(sys.argv[2]))\n"
    )
    original = film(moving(60))
    subprocess.run(
        [sys.executable, "-c", script, str(original), str(tmp_path / "there.mp4")],
        input=recipe().as_json().encode(),
        check=True,
    )
    assert (tmp_path / "there.mp4").read_bytes() == made(original).read_bytes()


def test_progress_grows_from_nothing_to_all(film: Film, brand: Brand, recipe: Recipes, tmp_path: Path) -> None:
    said: list[float] = []
    render_footage(film(moving(30)), recipe(), brand, tmp_path / "out.mp4", said.append)
    assert said == sorted(said) and said[0] < 0.1 and said[-1] == 1.0


def test_an_interrupted_rendering_leaves_nothing_behind(
    film: Film, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise Stopped

    original = film(moving(30))
    with pytest.raises(Stopped):
        render_footage(original, recipe(), brand, tmp_path / "out.mp4", stop)
    assert list(tmp_path.iterdir()) == [original]


def test_footage_too_large_for_the_destination_is_refused(
    film: Film, brand: Brand, recipe: Recipes, tmp_path: Path
) -> None:
    original = film(moving(10))
    with pytest.raises(BadMedia, match="larger than 5000 bytes"):
        render_footage(original, recipe(profile=Profile("video/mp4", 5000)), brand, tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == [original]

"""Published footage: marked on every frame, silent, at the Original's own pace, and without its secrets."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from tables import at_least_one

from publisher.media import clips, frames
from publisher.media.brand import Brand
from publisher.media.clips import Tally
from publisher.media.errors import BadMedia
from publisher.media.footage import render_footage, render_poster
from publisher.media.marks import make_mark
from publisher.media.recipe import MarkStyle, Profile, Recipe, Redaction

Recipes = Callable[..., Recipe]
Film = Callable[..., Path]
Decoded = Callable[[Path], Iterator[av.VideoFrame]]
Odd = Callable[[str], Path]


def moving(count: int, height: int = 240, width: int = 320) -> list[np.ndarray]:
    """A bright bar that wanders over a gradient: every frame predicts from the one before."""
    ground = np.tile(np.linspace(40, 200, width).astype(np.uint8), (height, 1))
    pictures = []
    for number in range(count):
        picture = np.dstack([ground, ground, ground]).copy()
        left = number * 7 % (width - 30)
        picture[height // 4 : height // 2, left : left + 30] = (230, 60, 60)
        pictures.append(picture)
    return pictures


def rgb_of(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="rgb24")


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


@pytest.fixture
def made(brand: Brand, recipe: Recipes, tmp_path: Path) -> Callable[..., Path]:
    """Render footage with an ordinary recipe changed as asked."""

    def render(original: Path, **changes: object) -> Path:
        return render_footage(original, recipe(**changes), brand, tmp_path / "out.mp4").path

    return render


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


RATE = 16_000


@pytest.fixture
def talking(tmp_path: Path) -> Callable[[float], Path]:
    """Three seconds of footage whose picture flashes and whose sound beeps at second 2; sound begins at `start`."""

    def make(start: float) -> Path:
        place = tmp_path / "talking.mkv"
        with av.open(str(place), "w") as container:
            picture = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "bf": "0"})
            picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
            sound = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
            for number in range(75):
                level = 250 if number == 50 else 10
                frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), level, np.uint8), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
            beep = np.zeros(3 * RATE, np.int16)
            beep[2 * RATE : 2 * RATE + RATE // 4] = 20_000 * np.sin(np.arange(RATE // 4) * 0.4)
            for at in range(round(start * RATE), 3 * RATE, 800):
                spoken = av.AudioFrame.from_ndarray(beep[None, at : at + 800], format="s16", layout="mono")
                spoken.pts, spoken.sample_rate, spoken.time_base = at, RATE, Fraction(1, RATE)
                container.mux(sound.encode(spoken))
            container.mux(sound.encode(None))
        return place

    return make


def test_sound_is_left_out(talking: Callable[[float], Path], made: Callable[..., Path]) -> None:
    with av.open(str(made(talking(0.0)))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize("start", [0.0, 0.5, 1.23])
def test_authorised_sound_is_kept_in_step(
    talking: Callable[[float], Path], decoded: Decoded, made: Callable[..., Path], start: float
) -> None:
    place = made(talking(start), audio_authorised=True)
    (flash,) = [frame.time for frame in decoded(place) if rgb_of(frame)[:100].mean() > 150]
    with av.open(str(place)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        loud = [
            float(frame.time + np.argmax(np.abs(heard) > 0.3) / frame.sample_rate)
            for frame in container.decode(audio=0)
            if (np.abs(heard := frame.to_ndarray()[0]) > 0.3).any()
        ]
    assert flash == pytest.approx(2.0)
    # A lip is out of step from about 45 ms on; AAC's own start-up is 21 ms.
    assert loud[0] == pytest.approx(2.0, abs=0.04)


def test_a_recorder_s_telephone_quality_sound_can_be_kept(odd: Odd, made: Callable[..., Path]) -> None:
    with av.open(str(made(odd("derived_interlaced_mulaw.avi"), audio_authorised=True))) as container:
        sound = container.streams.audio[0]
        assert sound.start_time == 0
        assert float(sound.duration * sound.time_base) == pytest.approx(8.0, abs=0.05)


def test_authorised_but_absent_sound_is_no_error(film: Film, made: Callable[..., Path]) -> None:
    with av.open(str(made(film(moving(4)), audio_authorised=True))) as container:
        assert not container.streams.audio


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


def test_footage_that_changes_its_size_midway_is_refused(film: Film) -> None:
    with clips.opened(film(moving(2)), "film.mp4") as clip:
        frame = clips.first_frame(clip)
        shape = frames.shape_of(frame, None)
        graph = frames.Upright(frame, shape, shape.height)
        with pytest.raises(BadMedia, match="changes its size"):
            graph.put(av.VideoFrame(640, 480, "yuv420p"), Fraction(1))


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

"""Films as recorders and telephones really write them: each is taken for what it is, or refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from publisher.media import clips, containers, screening, supervised, survey
from publisher.media.axis import Axis
from publisher.media.brand import Brand
from publisher.media.clips import Tally
from publisher.media.errors import BadMedia
from publisher.media.footage import render_footage
from publisher.media.made import RenderedFile
from publisher.media.probe import probe
from publisher.media.recipe import Recipe

SAMPLES = Path(__file__).parent / "samples" / "recorders"
VARIES = "The frame rate varies"


@pytest.fixture
def rendered(brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[..., RenderedFile]:
    def render(name: str, **changes: object) -> RenderedFile:
        return render_footage(SAMPLES / name, recipe(**changes), brand, tmp_path / "out.mp4")

    return render


# file, pictures, seconds, what the officer is told (the beginning of each sentence)
TAKEN = [
    ("cut_both.mp4", 30, 1.2, []),
    ("cut_end.mp4", 20, 0.8, []),
    ("cut_start.mp4", 20, 0.8, []),
    ("cover.mp4", 50, 2.0, []),
    ("ctts.mp4", 49, 2.0, [VARIES]),
    (
        "ctts_no_edit.mp4",
        50,
        2.0,
        ["The recorder's clock jumps forward by 2 hours 39", "The recorder's clock jumps back"],
    ),
    ("jump.mkv", 40, 8.0, ["The recorder's clock jumps forward by 2 hours 30 minutes at 0:04.0 (before picture 21)."]),
    ("jump_there_and_back.ts", 60, 12.0, ["The recorder's clock jumps forward", "The recorder's clock jumps back"]),
    ("mid_jump.ts", 45, 9.0, ["The recorder's clock jumps forward", "The recorder's clock jumps back"]),
    ("restart.ts", 40, 8.0, ["The recorder's clock jumps back by 83 minutes at 0:04.0"]),
    ("set_back.ts", 40, 8.0, ["The recorder's clock jumps back by 104.0 seconds at 0:04.0"]),
    ("indexed.avi", 13, 2.0, [VARIES]),
    ("no_index.avi", 13, 2.0, [VARIES]),
    ("power_loss.avi", 18, 1.8, ["The footage is incomplete: the recording was cut off"]),
    ("ps.mpg", 25, 1.0, []),
    ("imkh.bin", 25, 1.0, []),
    ("two.mp4", 25, 1.0, ["The file holds 2 videos"]),
]


@pytest.mark.parametrize(("name", "pictures", "seconds", "told"), TAKEN, ids=[row[0] for row in TAKEN])
def test_a_film_s_time_is_what_its_streams_say(
    name: str, pictures: int, seconds: float, told: list[str], rendered: Callable[..., RenderedFile]
) -> None:
    found = probe(SAMPLES / name, declared_name=name)
    assert (found.frames, found.seconds) == (pictures, pytest.approx(seconds, abs=0.01))
    assert len(found.warnings) == len(told)
    assert all(words.startswith(begin) for words, begin in zip(found.warnings, told, strict=True))
    made = rendered(name)
    assert made.seconds == pytest.approx(seconds, abs=0.01)
    with av.open(str(made.path)) as container:
        moments = [float(frame.time) for frame in container.decode(video=0)]
    assert len(moments) == pictures and moments[0] == 0 and moments[-1] < seconds
    assert moments == sorted(set(moments))
    lasting = [words for words in told if "recorder's clock" in words or "incomplete" in words]
    assert len(made.warnings) == len(lasting)
    assert all(words.startswith(begin) for words, begin in zip(made.warnings, lasting, strict=True))


def test_without_its_axis_a_film_would_last_for_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each picture at what the recorder's clock said of it."""

    def naive(stamps: list[Fraction], nominal: Fraction, _: object) -> Axis:
        return Axis(tuple(each - stamps[0] for each in stamps), nominal, (stamps[0],))

    monkeypatch.setattr(survey, "lay", naive)
    with pytest.raises(BadMedia, match="a length of 150 minutes"):
        probe(SAMPLES / "jump.mkv", declared_name="jump.mkv")


def test_an_empty_slot_of_an_avi_lets_the_last_picture_stay(rendered: Callable[..., RenderedFile]) -> None:
    with av.open(str(rendered("indexed.avi").path)) as container:
        moments = [float(frame.time) for frame in container.decode(video=0)]
    assert moments[:5] == pytest.approx([0, 0.1, 0.2, 1.0, 1.1])


@pytest.mark.parametrize("name", ["mono_stereo.ts", "rate.ts", "unknown_sound.mp4"])
def test_sound_that_changes_is_published(name: str, rendered: Callable[..., RenderedFile]) -> None:
    with av.open(str(rendered(name, audio_authorised=True).path)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0)) / 48_000
    assert heard == pytest.approx({"unknown_sound.mp4": 5.0}.get(name, 3.98), abs=0.1)


REFUSED = [
    ("GM40.avi", "is coded in a way (GM40) not known here. Export it again"),
    ("GXAM.avi", "is coded in a way (GXAM) not known here"),
    ("VGPX.avi", "is coded in a way (VGPX) not known here"),
    ("TR20.avi", "holds no frame that can be decoded (it says it is coded as TR20)"),
    ("vp_unknown.mp4", "is coded in a way (xhk1) not known here"),
    ("dhav.bin", "is a Dahua recording (DHAV), not a picture or video that can be published. Open it in the maker's"),
    ("hxvs.bin", "is a recording in its maker's own form (HXVS)"),
    ("xm.bin", "is a Xiongmai (XM) recording"),
    ("cut0.mp4", "is cut off before its first picture"),
    ("cut4.mp4", "is cut off before its first picture"),
    ("cut20.mp4", "is cut off before its first picture"),
    ("cut60.mp4", "is cut off before its first picture"),
]


@pytest.mark.parametrize(("name", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_named(name: str, says: str, rendered: Callable[..., RenderedFile]) -> None:
    with pytest.raises(BadMedia) as caught:
        probe(SAMPLES / name, declared_name=name)
    assert caught.value.message.startswith(name) and says in caught.value.message
    with pytest.raises(BadMedia, match="This footage"):
        rendered(name)


@pytest.mark.parametrize("name", ["export.mp4", "export.MPG", "export.dav"])
def test_a_hikvision_export_is_read_whatever_it_is_called(name: str) -> None:
    assert probe(SAMPLES / "imkh.bin", declared_name=name).seconds == pytest.approx(1.0)
    with pytest.raises(BadMedia, match="Dahua"):
        probe(SAMPLES / "dhav.bin", declared_name=name)


def test_the_child_says_so_too() -> None:
    with pytest.raises(BadMedia, match=r"\(GM40\)"):
        supervised.probe(SAMPLES / "GM40.avi", declared_name="GM40.avi")


def test_a_second_camera_may_be_chosen(rendered: Callable[..., RenderedFile], recipe: Callable[..., Recipe]) -> None:
    first, second = (rendered("two.mp4", track=number).sha256 for number in (1, 2))
    assert first != second
    with pytest.raises(BadMedia, match="no number 3"):
        rendered("two.mp4", track=3)
    assert "track" not in recipe().as_json()
    assert Recipe.from_json(recipe(track=2).as_json()).track == 2


def test_a_cover_alone_is_no_film(tmp_path: Path) -> None:
    place = tmp_path / "song.mp4"
    with av.open(str(SAMPLES / "cover.mp4")) as source, av.open(str(place), "w") as copy:
        cover = copy.add_stream_from_template(source.streams.video[0])
        cover.disposition = av.stream.Disposition.attached_pic
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream, packet.pts, packet.dts = cover, 0, 0
                copy.mux(packet)
    with pytest.raises(BadMedia, match="holds no video"), clips.opened(place, "song.mp4"):
        pass


def test_small_gaps_that_lengthen_a_film_are_told(film: Callable[..., Path]) -> None:
    moments = [number / 5 + number // 8 * 0.9 for number in range(40)]
    place = film([np.zeros((64, 64, 3), np.uint8)] * 40, moments=moments)
    found = probe(place, declared_name="film.mp4")
    assert any("come unevenly" in words for words in found.warnings)


def test_a_long_film_cut_off_by_a_loss_of_power_is_told_before_it_is_read_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screening, "FRAMES_READ", 5)
    found = probe(SAMPLES / "power_loss.avi", declared_name="power_loss.avi")
    assert (found.frames, found.seconds) == (18, pytest.approx(1.8))
    assert any("cut off" in words for words in found.warnings)


@pytest.mark.parametrize(("name", "pictures", "seconds"), [(row[0], row[1], row[2]) for row in TAKEN])
def test_the_length_found_by_packets_is_that_of_the_pictures(
    name: str, pictures: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long film only the beginning is decoded when it comes in; the rest is timed by its packets."""
    monkeypatch.setattr(screening, "FRAMES_READ", 5)
    found = probe(SAMPLES / name, declared_name=name)
    assert found.seconds == pytest.approx(seconds, abs=0.1)
    assert abs(found.frames - pictures) <= 1


def test_a_stream_that_begins_midway_does_no_harm() -> None:
    """One packet of it is damaged, and so it seems to be of another stream, which nothing announces."""
    found = probe(SAMPLES / "new_stream_midway.ts", declared_name="damaged.ts")
    assert found.frames == 48
    assert found.warnings[0].startswith("5 of 48 frames are damaged")


def test_whether_pyav_fails_at_such_a_stream_s_end_changes_nothing() -> None:
    """A byte that it never wrote decides whether it flushes a stream which it does not know."""
    tallies = []
    for fails in (False, True):
        with clips.opened(SAMPLES / "restart.ts", "restart.ts") as clip:
            demuxed = list(clip.container.demux([clip.video]))

            def demux(_: object, *, fails: bool = fails, demuxed: list[Any] = demuxed) -> Iterator[Any]:
                yield from demuxed
                if fails:
                    raise IndexError("tuple index out of range")

            tally = Tally()
            stub = dataclasses.replace(clip, container=SimpleNamespace(demux=demux, format=clip.container.format))
            tallies.append((len(list(clips.read(stub, tally))), tally))
    assert tallies[0] == tallies[1]
    assert tallies[0][0] == 40


def numbers(*each: float) -> list[Fraction]:
    return [Fraction(one).limit_denominator(1000) for one in each]


# the times of the packets, those of the pictures shown, how many pictures are lost; a picture lasts 0.2 s
PACKETS = {
    "one packet a picture": (numbers(0, 0.2, 0.4, 0.6), numbers(0, 0.2, 0.4, 0.6), 0),
    "two fields a picture": (numbers(0, 0.1, 0.2, 0.3, 0.4, 0.5), numbers(0, 0.2, 0.4), 0),
    "a picture in three packets": (numbers(0, 0, 0, 0.2, 0.2, 0.2), numbers(0, 0.2), 0),
    "two lost in the middle": (numbers(0, 0.2, 0.4, 0.6, 0.8), numbers(0, 0.2, 0.8), 2),
    "two lost at the start": (numbers(0, 0.2, 0.4, 0.6), numbers(0.4, 0.6), 2),
    "times a little apart": (numbers(0, 0.2, 0.4), numbers(0.001, 0.201, 0.399), 0),
}


@pytest.mark.parametrize(("due", "shown", "lost"), PACKETS.values(), ids=PACKETS)
def test_only_what_is_missing_is_called_missing(due: list[Fraction], shown: list[Fraction], lost: int) -> None:
    clip: Any = SimpleNamespace(is_raw=False, by_decoding=False)
    tally = Tally(packets=len(due), frames=len(shown), due=due)
    assert survey._lost(clip, survey._Reading(clip, tally, stamps=list(shown)), Fraction(1, 5)) == lost


# what is done to a whole film, whether it is cut off
CUTS = [
    ("two.mp4", lambda body: body, False),
    ("two.mp4", lambda body: body[:-900], True),
    ("two.mp4", lambda body: body + b"SEFT behind the last box", False),
    ("indexed.avi", lambda body: body, False),
    ("indexed.avi", lambda body: body[:-1], False),
    ("indexed.avi", lambda body: body[:-900], True),
    ("power_loss.avi", lambda body: body, True),
    ("jump.mkv", lambda body: body, False),
    ("jump.mkv", lambda body: body[:-900], True),
    ("restart.ts", lambda body: body[:-900], False),
    ("cam.h264", lambda body: body[:-100], False),
]


@pytest.mark.parametrize(("name", "change", "is_cut"), CUTS)
def test_a_file_shorter_than_its_head_says_is_cut_off(
    name: str, change: Callable[[bytes], bytes], is_cut: bool, tmp_path: Path
) -> None:
    place = tmp_path / name
    place.write_bytes(change((SAMPLES / name).read_bytes()))
    assert containers.is_cut_off(place) == is_cut

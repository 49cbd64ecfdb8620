"""A small file that asks for minutes of work is refused before a decoder sees it; a file with much in it is not."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from publisher.media import caps, formats, probe, supervised, turns
from publisher.media.errors import BadMedia


def progressive(passes: int, side: int = 400) -> bytes:
    """A JPEG whose last scan, which changes nothing more, is there again and again."""
    body = io.BytesIO()
    Image.new("L", (side, side), 128).save(body, "JPEG", progressive=True)
    whole = body.getvalue()
    starts = list(caps._scans(whole))
    return whole[:-2] + whole[starts[-1] : -2] * (passes - len(starts)) + b"\xff\xd9"


def boxes(inner: bytes) -> bytes:
    return b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + inner


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = (len(inner) + 8).to_bytes(4, "big") + b"moov" + inner
    return inner


def png(chunks: int) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (20, 20)).save(body, "PNG")
    return body.getvalue()[:33] + b"\0\0\0\0IDAT\x35\xaf\x06\x1e" * chunks + body.getvalue()[33:]


HEAVY = {
    "scans.jpg": (lambda: progressive(2000), "more than 100 passes"),
    "scans-behind-a-thumbnail.jpg": (
        lambda: progressive(101)[:2] + b"\xff\xe1\x01\x02" + bytes(256) + progressive(101)[2:],
        "more than 100 passes",
    ),
    "boxes.mp4": (lambda: boxes(b"\0\0\0\x08free" * (caps.BOXES + 1)), "more than 500,000 boxes"),
    "within.mp4": (
        lambda: boxes((8 * caps.BOXES + 8).to_bytes(4, "big") + b"moov" + b"\0\0\0\x08free" * caps.BOXES),
        "more than 500,000 boxes",
    ),
    "deep.mp4": (lambda: boxes(nested(60)), "boxes in boxes"),
    "blocks.png": (lambda: png(caps.CHUNKS), "more than 250,000 blocks"),
    "blocks.avi": (
        lambda: b"RIFF\xff\xff\xff\x7fAVI LIST\xff\xff\xff\x7fmovi" + b"00dc\0\0\0\0" * caps.CHUNKS + b"00dc",
        "more than 250,000 blocks",
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_asks_for_too_much_work_is_refused_before_it_is_decoded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, words = HEAVY[name]
    (tmp_path / name).write_bytes(made())
    monkeypatch.setattr(probe.pictures, "opened", None)  # a decoder that is reached after all would not be words
    monkeypatch.setattr(probe, "screen", None)
    began = time.process_time()
    with pytest.raises(BadMedia, match=words):
        probe.probe(tmp_path / name, declared_name=name)
    assert time.process_time() - began < 5


def test_a_picture_in_as_many_passes_as_software_writes_is_taken(tmp_path: Path) -> None:
    for passes in (10, caps.SCANS):
        (tmp_path / "a.jpg").write_bytes(progressive(passes))
        assert probe.probe(tmp_path / "a.jpg", declared_name="a.jpg").width == 400


def test_the_passes_of_a_thumbnail_or_of_a_second_picture_do_not_count() -> None:
    thumbnail = progressive(200)[:60_000]
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    ordinary = progressive(10)
    assert len(list(caps._scans(ordinary[:2] + segment + ordinary[2:] + progressive(200)))) == 10


@pytest.mark.parametrize("name", ["derived_rot90_aac.mp4", "derived_mjpeg_8fps.avi"])
def test_every_box_of_a_real_film_is_counted_once(name: str, odd: Callable[[str], Path]) -> None:
    caps.check(odd(name), name, formats.MP4 if name.endswith("mp4") else formats.AVI)
    found = list(
        caps._boxes(odd(name), name) if name.endswith("mp4") else caps.chunks(odd(name), 12, "little", 8)
    )  # fmt: skip
    assert len(found) == len(set(found)) > 30


def test_a_still_is_looked_at_for_seconds_only(odd: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(supervised, "run", lambda *arguments, **_: given.append(arguments[2]) or {"taken_at": None})
    monkeypatch.setattr(supervised, "Probe", lambda **_: None)
    monkeypatch.setattr(supervised, "_probe_from", lambda _: None)
    for name in ("synth_phone_12mp_exif_gps_thumb_p3_o6.jpg", "derived_vfr.mp4"):
        supervised.probe(odd(name), declared_name=name)
    assert given == [supervised.PROBE_STILL, supervised.PROBE]
    assert given[0].cpu_seconds < 20


def test_few_files_are_looked_at_at_once_and_a_place_comes_free_again(tmp_path: Path) -> None:
    first, second, third = (turns.turn(tmp_path, places=2) for _ in range(3))
    with first, second, pytest.raises(turns.Busy, match="Nothing is wrong with this one"), third:
        pass
    with turns.turn(tmp_path, places=2), turns.turn(tmp_path, places=2, patient=True):
        pass

"""Transport streams that were joined: what begins later is told, whatever the bytes of the file are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.media import transport_streams
from publisher.media.probe import probe

SAMPLES = Path(__file__).parent / "samples" / "recorders"
OTHER = "From some moment on the file holds other video or sound"
SILENT, SPEAKING = "restart.ts", "rate.ts"  # one holds no sound, the other does


def joined(place: Path, *names: str, timed: bool = False) -> Path:
    content = b"".join((SAMPLES / name).read_bytes() for name in names)
    if timed:  # as Blu-ray and AVCHD write them
        content = b"".join(b"\0\0\0\1" + content[at : at + 188] for at in range(0, len(content), 188))
    place.write_bytes(content)
    return place


@pytest.mark.parametrize("timed", [False, True], ids=["188 bytes", "192 bytes"])
@pytest.mark.parametrize(
    ("names", "changes"),
    [
        ((SILENT, SPEAKING), True), ((SPEAKING, SILENT), True), ((SPEAKING, SPEAKING), False), ((SILENT,), False),
        ((SPEAKING,), False), (("new_stream_midway.ts",), False),
    ],
)  # fmt: skip
def test_other_streams_than_at_the_beginning_are_told(
    names: tuple[str, ...], changes: bool, timed: bool, tmp_path: Path
) -> None:
    place = joined(tmp_path / "joined.ts", *names, timed=timed)
    assert transport_streams.changes(place) is changes
    found = probe(place, declared_name="joined.m2ts" if timed else "joined.ts")
    assert any(words.startswith(OTHER) for words in found.warnings) is changes


def test_a_second_recording_with_its_table_elsewhere_is_told(tmp_path: Path) -> None:
    first, second = (SAMPLES / SILENT).read_bytes(), bytearray((SAMPLES / SPEAKING).read_bytes())
    for at in range(0, len(second), 188):
        identifier = int.from_bytes(second[at + 1 : at + 3]) & 0x1FFF
        if identifier == 0x1000:  # its table of streams
            second[at + 1 : at + 3] = (int.from_bytes(second[at + 1 : at + 3]) & 0xE000 | 0x0200).to_bytes(2)
        elif identifier == 0:  # which the table of programmes names
            where = second.index((0xF000).to_bytes(2), at, at + 188)
            second[where : where + 2] = (0xE200).to_bytes(2)
    place = tmp_path / "joined.ts"
    place.write_bytes(first + bytes(second))
    assert transport_streams.changes(place)


def test_another_kind_of_table_at_the_same_place_changes_nothing(tmp_path: Path) -> None:
    content = bytearray((SAMPLES / SPEAKING).read_bytes())
    own = [at for at in range(0, len(content), 188) if int.from_bytes(content[at + 1 : at + 3]) & 0x1FFF == 0x1000]
    content[own[1] + 5] = 0xC0  # a private table
    content[own[1] + 20] ^= 0xFF
    place = tmp_path / "private.ts"
    place.write_bytes(bytes(content))
    assert not transport_streams.changes(place)


def test_what_is_no_transport_stream_changes_nothing(tmp_path: Path) -> None:
    for name in ("ps.mpg", "indexed.avi", "cut_both.mp4"):
        assert not transport_streams.changes(SAMPLES / name)
    empty = tmp_path / "empty.ts"
    empty.touch()
    assert not transport_streams.changes(empty)


@given(data=st.data())
def test_no_damage_makes_it_fail(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytearray((SAMPLES / SPEAKING).read_bytes()[: 188 * 40])
    for _ in range(data.draw(st.integers(1, 30))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.mktemp("damaged") / "damaged.ts"
    place.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    assert transport_streams.changes(place) in (True, False)

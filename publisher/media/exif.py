"""The little that is believed of a camera's EXIF, read tolerantly: nothing in it may lose a picture.

Cameras and Windows write tags of every wrong type and pointers that lead nowhere; libraries that read all of it, to
write it back, fail on one picture in four of those. All of it is thrown away in the end, so only what is needed is
read, and whatever makes no sense is as good as absent. The layout is TIFF 6.0's, the tags are those of CIPA DC-008.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Blob = bytes | mmap.mmap
_START = b"Exif\x00\x00"
_ORIENTATION, _CHANGED_AT, _EXIF, _GPS = 0x0112, 0x0132, 0x8769, 0x8825
_TAKEN_AT, _COLOUR_SPACE, _INTEROPERABILITY, _INTEROPERABILITY_INDEX = 0x9003, 0xA001, 0xA005, 0x0001
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I"}
_FRACTIONS = {5: "II", 10: "ii"}
_FLOATING = {11: "f", 12: "d"}
_TEXT = (2, 7)
_LARGEST = 1 << 32
_MOST_ENTRIES = 1000  # in one directory; cameras write about fifty


@dataclass(frozen=True, slots=True)
class Camera:
    """What a camera said: which way up (EXIF's 1 to 8), when (naive: its own clock), where, in which colours.

    `colours` is "srgb", "adobe" (DCF's optional colour space), "other" (said to be neither) or "" (nothing is said).
    """

    orientation: int = 1
    taken_at: datetime | None = None
    has_gps: bool = False
    colours: str = ""


class _Entry(NamedTuple):
    tag: int
    kind: int
    body: bytes


def read(blob: Blob, page: int = 0) -> Camera:
    """Returns what this EXIF, or page of a TIFF, says; a value that cannot be read keeps its default. Never raises."""
    while blob[: len(_START)] == _START:
        blob = blob[len(_START) :]
    order = {b"II": "<", b"MM": ">"}.get(blob[:2])
    if order is None:
        return Camera()
    at = _pointer(blob[4:8], order)
    for _ in range(page):
        end = at + 2 + 12 * _pointer(blob[at : at + 2], order)
        at = _pointer(blob[end : end + 4], order)
    first = list(_directory(blob, order, at))
    camera = [entry for pointer in _whole(first, _EXIF, order) for entry in _directory(blob, order, pointer)]
    shared = [
        entry for pointer in _whole(camera, _INTEROPERABILITY, order) for entry in _directory(blob, order, pointer)
    ]
    times = [_moment(entry.body) for entry in camera if entry.tag == _TAKEN_AT]
    times += [_moment(entry.body) for entry in first if entry.tag == _CHANGED_AT]
    return Camera(
        orientation=next((each for each in _whole(first, _ORIENTATION, order) if each in range(1, 9)), 1),
        taken_at=next((moment for moment in times if moment), None),
        has_gps=any(entry.tag == _GPS for entry in first),
        colours=_colours(_whole(camera, _COLOUR_SPACE, order), shared),
    )


def _directory(blob: Blob, order: str, at: int) -> Iterator[_Entry]:
    """A directory's entries, each with as much of its value as is there."""
    count = _pointer(blob[at : at + 2], order) if at else 0
    for number in range(min(count, _MOST_ENTRIES)):
        line = blob[at + 2 + 12 * number : at + 14 + 12 * number]
        if len(line) < 12:
            return
        tag, kind, values = struct.unpack(f"{order}HHI", line[:8])
        size = _SIZES.get(kind, 0) * min(values, 64)
        place = _pointer(line[8:], order)
        yield _Entry(tag, kind, line[8 : 8 + size] if size <= 4 else blob[place : place + size])


def _whole(entries: list[_Entry], tag: int, order: str) -> list[int]:
    """The first value of every entry with this tag, whatever type it was written as, where it is a whole number."""
    return [number for entry in entries if entry.tag == tag for number in _number(entry, order)]


def _number(entry: _Entry, order: str) -> Iterator[int]:
    kind, body = entry.kind, entry.body
    layout = _WHOLE.get(kind) or _FRACTIONS.get(kind) or _FLOATING.get(kind)
    if kind in _TEXT:
        words = body.split(b"\x00")[0].strip()
        if words.isdigit():
            yield int(words)
        elif body:
            yield body[0]
    elif layout and len(body) >= struct.calcsize(f"={layout}"):
        above, *below = struct.unpack(f"{order}{layout}", body[: struct.calcsize(f"={layout}")])
        below = below or [1]
        if below[0] and -_LARGEST < above < _LARGEST and above % below[0] == 0:
            yield int(above // below[0])


def _pointer(body: bytes, order: str) -> int:
    return int.from_bytes(body, "little" if order == "<" else "big")


def _moment(words: bytes) -> datetime | None:
    try:
        text = words.split(b"\x00")[0].decode("ascii").strip()
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- a camera has no zone
    except ValueError:
        return None


def _colours(spaces: list[int], shared: list[_Entry]) -> str:
    """DCF 2.0: R03 is its optional colour space, which is Adobe RGB; some cameras say ColorSpace 2 instead."""
    index = next((entry.body[:3] for entry in shared if entry.tag == _INTEROPERABILITY_INDEX), b"")
    if index == b"R03" or 2 in spaces[:1]:
        return "adobe"
    return {1: "srgb", 0xFFFF: "other"}.get(spaces[0], "") if spaces else ""

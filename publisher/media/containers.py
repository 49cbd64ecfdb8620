"""What a film's container says of itself, read without a decoder: whether it is whole, and how it is coded.

FFmpeg ends without a word where a file is cut off, and knows no name for a coding that it cannot decode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from publisher.media.errors import BadMedia

_BOX_HEADER = 8
_LARGEST_INDEX = 64 * 1024 * 1024
_HEAD = 64 * 1024  # bytes within which AVI and Matroska name their codings
_SEGMENT = b"\x18\x53\x80\x67"  # Matroska's, followed by its length


def check_index(path: Path, name: str) -> None:
    """Raise BadMedia for an MP4 without an index, which cannot be read, or an encrypted one, which is noise."""
    found = dict(_boxes(path))
    if not found.keys() & {b"ftyp", b"mdat", b"moov"}:
        return  # not an MP4
    if b"moov" not in found:
        raise BadMedia(
            f"{name} has no index (moov): the recording was cut off before it was finished, and nothing in it can be "
            "found. Export it again from the recorder."
        )
    if b"encv" in _index(path, found):
        raise BadMedia(f"{name} is encrypted. Export it again from the recorder without protection.")


def is_cut_off(path: Path) -> bool:
    """Whether the file is shorter than its own head says, or its head was never finished: by a loss of power."""
    size, head = path.stat().st_size, _head(path)
    if head[:4] == b"RIFF":
        end = int.from_bytes(head[4:8], "little") + 8
        return end > size + 1 or not _pictures_in_avi(head)  # a last byte that only pads is often left out
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return _end_of_segment(head) > size
    # What cameras put behind the last box is no box, whatever length it seems to have.
    return any(at + length > size for kind, (at, length) in _boxes(path) if kind in (b"mdat", b"moov", b"moof"))


def coding(path: Path) -> str:
    """Returns the container's name for its picture's coding, such as GM40; empty where none is found."""
    head = _head(path)
    if head[:4] == b"RIFF":
        found = re.search(rb"strh.{4}vids(.{4})", head, re.DOTALL)
    elif head[:4] == b"\x1a\x45\xdf\xa3":
        found = re.search(rb"\x86[\x80-\xbf](V_[A-Z0-9/_]+)", head)
    else:
        found = re.search(rb"vide.*?stsd.{12}(.{4})", _index(path, dict(_boxes(path))), re.DOTALL)
    name = found[1].decode("ascii", "replace").strip("\0 ") if found else ""
    return name if name.isascii() and name.isprintable() else ""


def _head(path: Path) -> bytes:
    with path.open("rb") as body:
        return body.read(_HEAD)


def _pictures_in_avi(head: bytes) -> int:
    at = head.find(b"avih")
    return int.from_bytes(head[at + 24 : at + 28], "little")


def _end_of_segment(head: bytes) -> int:
    """Where a Matroska file ends, in bytes; 0 where it does not say, as in what is still being recorded."""
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head) or not head[at]:
        return 0
    size = 9 - head[at].bit_length()
    length = int.from_bytes(head[at : at + size], "big") & ((1 << 7 * size) - 1)
    return 0 if length == (1 << 7 * size) - 1 else at + size + length


def _index(path: Path, boxes: dict[bytes, tuple[int, int]]) -> bytes:
    start, length = boxes.get(b"moov", (0, 0))
    with path.open("rb") as body:
        body.seek(start)
        return body.read(min(length, _LARGEST_INDEX))


def _boxes(path: Path) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The top-level boxes of an MP4: kind, then where each starts and how long it is, in bytes."""
    end, at = path.stat().st_size, 0
    with path.open("rb") as body:
        while at + _BOX_HEADER <= end:
            body.seek(at)
            header = body.read(2 * _BOX_HEADER)
            length = int.from_bytes(header[:4], "big")
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            length = length or end - at
            if length < _BOX_HEADER:
                return
            yield header[4:8], (at, length)
            at += length

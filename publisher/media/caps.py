"""How much work a file may ask of a decoder, counted in its structure before any decoder sees it.

A progressive JPEG is decoded once for each of its scans: 455 kB with 2,000 of them took 63 seconds. A film's boxes are
read one by one: 84 MB of empty ones took 26. Size in bytes and in pixels says nothing about either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from publisher.media import formats
from publisher.media.errors import BadMedia
from publisher.media.formats import Format

SCANS = 100  # ordinary software writes about ten; the finest sensible division has fewer than seventy
CHUNKS = 250_000  # of a PNG or a RIFF: 60 megapixels in libpng's smallest usual portions make 30,000
BOXES = 500_000  # an hour of film in fragments of one frame, seven boxes each, has fewer
DEPTH = 12  # boxes in boxes; the deepest of the standard is eight
_HOLDERS = frozenset(
    b"moov trak mdia minf stbl edts dinf udta meta mvex moof traf mfra iprp ipco wave gmhd tapt sinf schi".split()
)
_AFTER_CODE = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # neither a stuffed byte, nor fill, nor a restart
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_START_OF_SCAN, _END = 0xDA, 0xD9


def check(path: Path, name: str, found: Format) -> None:
    """Refuse a file that would take more work than any real one. Raises BadMedia; OSError where it cannot be read."""
    if found is formats.JPEG:
        check_scans(path.read_bytes(), name)
    elif found is formats.PNG:
        _check_count(chunks(path, 8, "big", 12), CHUNKS, name, "blocks")
    elif found in (formats.WEBP, formats.AVI):
        _check_count(chunks(path, 12, "little", 8), CHUNKS, name, "blocks")
    elif found.media_type in _BOXED:
        _check_count(_boxes(path, name), BOXES, name, "boxes")


def check_scans(body: bytes, name: str) -> None:
    """Refuse a JPEG with more scans than SCANS. Raises BadMedia."""
    if any(number > SCANS for number, _ in enumerate(_scans(body), 1)):
        raise BadMedia(
            f"{name} is stored in more than {SCANS} passes, which no camera does and which takes minutes to read. "
            "Save it again with ordinary software and add that."
        )


def _check_count(things: Iterator[int], most: int, name: str, text: str) -> None:
    if any(number > most for number, _ in enumerate(things, 1)):
        raise BadMedia(
            f"{name} is in more than {most:,} {text}, which no camera writes and which takes minutes to read. "
            "Save it again with ordinary software and add that."
        )


def _scans(body: bytes) -> Iterator[int]:
    """Where each scan of a JPEG's first picture begins. What lies inside its segments (thumbnails) is stepped over."""
    at = 2
    while (found := _AFTER_CODE.search(body, at)) and body[found.start() + 1] != _END:
        marker, at = body[found.start() + 1], found.end()
        if marker not in _ALONE:
            at += int.from_bytes(body[at : at + 2], "big")
        if marker == _START_OF_SCAN:
            yield found.start()


def chunks(path: Path, start: int, order: Literal["big", "little"], around: int) -> Iterator[int]:
    """Yields where each block begins, in bytes.

    A block of a PNG is length, kind, body, check; of a RIFF it is kind, length, body.
    """
    with path.open("rb") as body:
        file, at, end = body.fileno(), start, os.fstat(body.fileno()).st_size
        while at + 8 <= end:
            yield at
            head = os.pread(file, 8, at)
            if head[:4] == b"LIST" and order == "little":
                at += 12  # a list's members are counted themselves
                continue
            length = int.from_bytes(head[:4] if order == "big" else head[4:], order)
            at += around + length + (length % 2 if order == "little" else 0)


def _boxes(path: Path, name: str) -> Iterator[int]:
    """Where each box of an MP4, QuickTime or HEIF file begins, holders before what they hold."""
    with path.open("rb") as body:
        file, at, ends = body.fileno(), 0, [os.fstat(body.fileno()).st_size]
        while ends:
            if at + 8 > ends[-1]:
                at = max(at, ends.pop())
                continue
            yield at
            size, kind, head = _box(file, at, ends[-1])
            if kind in _HOLDERS and size > head:
                ends.append(min(at + size, ends[-1]))
                at += head
            else:
                at += size
            if len(ends) > DEPTH:
                raise BadMedia(f"{name} holds boxes in boxes in boxes, as no camera writes. Export the video again.")


def _box(file: int, at: int, end: int) -> tuple[int, bytes, int]:
    """A box's whole size, its kind, and how much of it is head."""
    head = os.pread(file, 16, at)
    size, kind, long = int.from_bytes(head[:4], "big"), head[4:8], 8
    if size == 1:
        size, long = int.from_bytes(head[8:16], "big"), 16
    elif size == 0:
        size = end - at
    return max(size, long), kind, long


_BOXED = frozenset({formats.MP4.media_type, formats.AVIF.media_type})

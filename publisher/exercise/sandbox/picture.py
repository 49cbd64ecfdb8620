"""What kind of file some bytes are and how large the picture is, read from their head alone."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_HEAD = 256 * 1024  # an Exif block with its thumbnail ends well before
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


def sniffed(path: Path, filename: str) -> str:
    """The media type Flickr would see, "" for none. Stills are known by their bytes; footage without a
    telling file name is refused in about one case of eight, so here it always needs one
    (sybrenstuvel/flickrapi#104)."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    ending = Path(filename).suffix.lower()
    if head[4:8] == b"ftyp" and ending in (".mp4", ".mov", ".m4v"):
        return "video/quicktime" if ending == ".mov" else "video/mp4"
    if head.startswith(b"RIFF") and ending == ".avi":
        return "video/x-msvideo"
    return ""


def dimensions(path: Path) -> tuple[int, int]:
    """(width, height) in pixels; a plausible 1024 by 768 where the head does not tell."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", head[16:24])
        return int(width), int(height)
    if head.startswith(b"\xff\xd8"):
        return _jpeg(head) or (1024, 768)
    return 1024, 768


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        if head[at + 1] in _FRAMES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def seconds(path: Path) -> float | None:
    """How long footage runs, from its movie header (ISO 14496-12, `mvhd`); None where there is none."""
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        at = seen.find(b"mvhd") + 4
        if at < 4 or at + 32 > len(seen):
            return None
        wide = seen[at] == 1
        start = at + (20 if wide else 12)  # after version, flags and the two dates
        scale, duration = struct.unpack(">IQ" if wide else ">II", seen[start : start + (12 if wide else 8)])
    return float(duration / scale) if scale else None

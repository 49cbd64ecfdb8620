"""Opening a still safely: allowed formats only, size limits before decoding, integrity before trust.

Pillow loads a JPEG with damaged bytes without a word, and `verify()` passes it. FFmpeg's decoder told to
"explode" does not: measured on 60 copies each of six JPEGs, it refused 350 of 360 with 30 bits flipped and all
360 truncated ones. What it misses are flips that happen to decode as valid codes, which nobody can know.
"""

from __future__ import annotations

import io
import mmap
import os
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

# Larger blocks make a twelve-megapixel rendition a quarter faster; read once, when Pillow is imported.
os.environ.setdefault("PILLOW_BLOCKS_MAX", "64")

import av
from PIL import Image, ImageFile, UnidentifiedImageError

from publisher.media import caps, declared, exif, formats, limits
from publisher.media.declared import Colours
from publisher.media.errors import BadMedia
from publisher.media.exif import Camera

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "AVIF")
JPEG_FORMATS = ("JPEG", "MPO")  # Pillow answers MPO for a JPEG with a second picture (HDR gain maps)

Image.init()  # all plugins now: later, a plugin is chosen by the file's ending, and vault files have none
Image.MAX_IMAGE_PIXELS = limits.STILL_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_AVIF_EXIF = re.compile(rb"(infe.{8})Exif", re.DOTALL)
_TIFF_START = re.compile(rb"II\*\x00|MM\x00\*")
_THUMBNAIL_FLAG = 254  # NewSubfileType: bit 0 says "a smaller copy of another page"
_MOST_PAGES = 16
# What Pillow's readers raise over a damaged file, besides OSError: they check little and stumble over the rest.
_UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    RuntimeError, ZeroDivisionError, AssertionError, struct.error, zlib.error,
)  # fmt: skip


class Opened(NamedTuple):
    """A decoded picture as stored (not yet turned), what its camera said, and what its colours mean."""

    picture: Image.Image
    camera: Camera
    colours: Colours

    def turned(self) -> Image.Image:
        """Returns the picture as browsers show it: by EXIF's orientation (HEIF's own for AVIF), never by XMP's."""
        turn = _TURNS.get(self.camera.orientation)
        return self.picture.copy() if turn is None else self.picture.transpose(turn)


@contextmanager
def opened(path: Path, name: str) -> Iterator[Opened]:
    """Open and decode the picture. Raises BadMedia for one that must not be used.

    `name` is the file name the officer sees.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # "Corrupt EXIF data": the EXIF is thrown away
        with _open(path, name) as picture:
            page = _one_page(picture, name)
            limits.check_still(name, *picture.size)
            if picture.format in JPEG_FORMATS:
                body = path.read_bytes()
                caps.check_scans(body, name)
                check_jpeg(body, name)
            _load(picture, name)
            camera = _camera(picture, path, page)
            yield Opened(picture, camera, declared.of(picture, path, camera))


def check_jpeg(body: bytes, name: str) -> None:
    """Refuse a JPEG whose coded bytes are damaged or end early. Raises BadMedia."""
    decoder = av.codec.CodecContext.create("mjpeg", "r")
    decoder.options = {"err_detect": "explode"}
    try:
        pictures = decoder.decode(av.Packet(body))
    except av.error.PatchWelcomeError:
        return  # a kind of JPEG this decoder does not know (arithmetic coding); Pillow decides
    except av.error.FFmpegError:
        pictures = []
    if not pictures:
        raise BadMedia(
            f"{name} is damaged: part of the picture cannot be decoded. Copy it again from where it came from."
        )


def _open(path: Path, name: str) -> Image.Image:
    try:
        picture = Image.open(_without_exif(path), formats=FORMATS)
        # Pillow would turn a TIFF itself, writing its tags anew on the way, which fails for odd ones. It finds none.
        picture.getexif = Image.Exif  # type: ignore[method-assign]  # on purpose: see above
        return picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadMedia(
            f"{name} declares more than {limits.STILL_PIXELS // 1_000_000} megapixels, more than is taken. "
            "Save a smaller copy and add that."
        ) from None
    except UnidentifiedImageError:
        raise BadMedia(
            f"{name} cannot be read as a picture. Copy it again, or save it as JPEG or PNG and add that."
        ) from None
    except _UNREADABLE as error:
        raise BadMedia(f"{name} cannot be read as a picture. Copy it again from where it came from.") from error


def _load(picture: Image.Image, name: str) -> None:
    try:
        picture.load()
    except MemoryError:
        raise BadMedia(f"{name} needs more memory than a picture may take. Save a smaller copy and add that.") from None
    except _UNREADABLE as error:
        raise BadMedia(
            f"{name} is damaged or incomplete: the picture ends early. Copy it again from where it came from."
        ) from error


def _without_exif(path: Path) -> Path | io.BytesIO:
    """The file; an AVIF with its EXIF hidden from Pillow, which would write that anew as soon as it opens it."""
    with path.open("rb") as body:
        head = body.read(formats.HEAD)
        if formats.sniff(head) is not formats.AVIF:
            return path
        return io.BytesIO(_AVIF_EXIF.sub(rb"\1free", head + body.read()))


def _camera(picture: Image.Image, path: Path, page: int) -> Camera:
    """What the EXIF says. An AVIF is turned as its own properties say, which Pillow hands over as if it were EXIF."""
    said = exif.read(picture.info.get("exif") or b"")
    if picture.format == "AVIF":
        body = path.read_bytes()
        found = _TIFF_START.search(body)
        return replace(exif.read(body[found.start() :]) if found else said, orientation=said.orientation)
    if picture.format == "TIFF":
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
            return exif.read(pages, page)
    return said


def _one_page(picture: Image.Image, name: str) -> int:
    """Which page is the photograph: the only one, or the one the others are thumbnails of. BadMedia where none is."""
    try:
        # A telephone's MPO has more than one picture too, but only the first is ever used.
        if picture.format == "MPO" or not getattr(picture, "is_animated", False):
            return 0
        main = _main_page(picture) if picture.format == "TIFF" else None
    except _UNREADABLE as error:
        raise BadMedia(f"{name} is damaged: it cannot be told how many pictures it holds. Copy it again.") from error
    if main is None:
        raise BadMedia(
            f"{name} is an animation or holds several pages, not one photograph. "
            "Add the one picture that is meant as JPEG or PNG, or the video as MP4."
        )
    picture.seek(main)
    return main


def _main_page(picture: Image.Image) -> int | None:
    """The largest page of a TIFF, if every other is a thumbnail: says so, or is at most half as wide and high."""
    pages = []
    try:
        for number in range(_MOST_PAGES + 1):
            picture.seek(number)
            tags = picture.tag_v2  # type: ignore[attr-defined]  # a TIFF has them
            pages.append((*picture.size, bool(int(tags.get(_THUMBNAIL_FLAG, 0)) & 1)))
    except EOFError:
        pass
    main = max(range(len(pages)), key=lambda number: pages[number][0] * pages[number][1])
    width, height, _ = pages.pop(main)
    small = all(flagged or max(wide / width, high / height) <= 0.5 for wide, high, flagged in pages)
    return main if small and len(pages) < _MOST_PAGES else None

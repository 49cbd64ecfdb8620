"""What a rendering answers, and how its file comes to be: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from publisher.media.brand import Brand
from publisher.media.errors import NO_ROOM, BadMedia, NoRoom
from publisher.media.recipe import Recipe, Redaction

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A finished file: SHA-256 (hex), size in bytes, width and height in pixels, seconds (None for a still).

    `mark_box` is (x, y, width, height) in the finished picture; `warnings` are sentences for the officer.
    """

    path: Path
    sha256: str
    size: int
    width: int
    height: int
    media_type: str
    mark_box: Box
    seconds: float | None = None
    warnings: tuple[str, ...] = ()


@contextlib.contextmanager
def atomic_output(out: Path) -> Iterator[Path]:
    """Yields a temporary file beside `out`, renamed to it if the block succeeds and removed if it does not.

    Raises BadMedia, or NoRoom where the disk is full.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=".making-", suffix=out.suffix, dir=out.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb+") as body:
                os.fsync(body.fileno())
            temporary.replace(out)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, av.error.FFmpegError) as error:
        kind = NoRoom if error.errno in NO_ROOM else BadMedia
        raise kind(
            f"The rendition could not be written to {out.parent} ({error.strerror or error}). "
            "Free some space or mend the folder's permissions there, then try again."
        ) from error


def check_brand(recipe: Recipe, brand: Brand) -> None:
    """Raise BadMedia where the brand is not the one the Recipe names: the bytes would not be the approved ones."""
    if brand.identity != recipe.brand:
        raise BadMedia(
            "The brand's texts, crest or fonts have changed since this rendition was asked for. Submit the item again."
        )


def clipped(box: Redaction, size: tuple[int, int]) -> Box:
    """Returns the part of a redaction that lies in a picture of this size (pixels). Raises BadMedia where none does.

    A box drawn on another picture must not silently cover nothing.
    """
    width, height = size
    if box.x >= width or box.y >= height:
        raise BadMedia(f"A redaction lies outside the picture, which is {width} × {height} pixels. Draw it again.")
    return box.x, box.y, min(box.width, width - box.x), min(box.height, height - box.y)

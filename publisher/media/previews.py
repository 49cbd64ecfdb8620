"""Small pictures for lists. They are never published and never stored."""

from __future__ import annotations

import io
import threading
from typing import IO, cast

from PIL import Image

from publisher.media.pieces import Checked

MOST = 256  # kept in memory
_kept: dict[tuple[str, int], bytes] = {}
_one_at_a_time = threading.Lock()


def preview(file: Checked, sha256: str, side: int) -> bytes:
    """Returns a JPEG of at most `side` pixels either way, made from a still rendition.

    One SHA-256 has one preview, so a preview never expires. Raises OSError for a file that is not a picture.
    """
    made = _kept.get((sha256, side)) or _made(file, side)
    with _one_at_a_time:
        _kept[sha256, side] = made
        if len(_kept) > MOST:
            del _kept[next(iter(_kept))]
    return made


def _made(file: Checked, side: int) -> bytes:
    out = io.BytesIO()
    with Image.open(cast("IO[bytes]", file), formats=("JPEG", "PNG")) as picture:
        picture.draft("RGB", (side, side))  # lets libjpeg decode at an eighth: 20 times faster for a large one
        picture.thumbnail((side, side))
        picture.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()

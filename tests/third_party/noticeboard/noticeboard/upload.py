"""One file on its way to the board: the last piece leaves only if all of it is what was approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from noticeboard.replies import AWAY, UNSURE, of_upload, tags_of
from noticeboard.wire import BrokenOff, NoConnection, Wire
from publisher.destinations.base import Parcel, Purpose
from publisher.destinations.errors import Later, NotSent, Refused, Unsure

T = TypeVar("T")
PIECE = 256 * 1024
CHANGED = "The file in the store is not the one that was approved."
UNREADABLE = "The file cannot be read from the store just now."


def send(wire: Wire, spend: Callable[[Purpose], None], parcel: Parcel, now: Callable[[], datetime], name: str) -> str:
    """The id of the new notice, which nobody else sees. Raises NotSent, Refused, Unsure or UploadInterrupted."""
    if parcel.size == 0:
        raise Refused("The file is empty.")
    try:
        spend(Purpose.PUBLISH)
    except Later as error:
        raise NotSent(error.message, error.retry_at, error.stop) from error
    try:
        reply = wire.ask("POST", "/api/notices", _pieces(parcel), _headers(parcel))
    except NoConnection as error:
        raise NotSent(AWAY, trouble=True) from error
    except BrokenOff as error:
        raise Unsure(UNSURE) from error
    if not reply.done:
        raise of_upload(reply, name, now())
    if not reply.told.get("id"):
        raise Unsure(UNSURE)
    return str(reply.told["id"])


def _headers(parcel: Parcel) -> dict[str, str]:
    """Its words travel beside the file, in one header, so that one request makes the whole notice."""
    notice = {
        "title": parcel.title,
        "description": parcel.description,
        "alt_text": parcel.alt_text,
        "tags": tags_of(parcel),
        "filename": parcel.filename,
        "sha256": parcel.sha256,
    }
    return {
        "Content-Type": parcel.media_type,
        "Content-Length": str(parcel.size),
        "Notice": quote(json.dumps(notice)),
    }


def _pieces(parcel: Parcel) -> Iterator[bytes]:
    """Where it breaks off the board is owed bytes, and keeps nothing of what came."""
    digest, left = hashlib.sha256(), parcel.size
    with _readable(parcel.open_body) as body:
        while left:
            piece = _readable(partial(body.read, min(PIECE, left)))
            digest.update(piece)
            left -= len(piece)
            if not piece or (not left and digest.hexdigest() != parcel.sha256):
                raise Refused(CHANGED)
            yield piece


def _readable(read: Callable[[], T]) -> T:
    try:
        return read()
    except OSError as error:  # the store's: the wire would take it for the network's
        raise NotSent(UNREADABLE) from error

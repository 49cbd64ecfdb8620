"""YouTube's resumable upload sessions: ask how far one got, and hand out the body piece by piece.

The protocol is Google's guide "Resumable uploads": `PUT` with `Content-Range: bytes */N` answers 308 and
what is stored, or, once complete, the same reply as the completion did. That second answer is what makes
an upload safe to repeat: a lost reply can be asked for again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from publisher.destinations.base import Journal, Parcel
from publisher.destinations.errors import Refused

SESSION = "youtube.session"  # the session URI: saved before a byte of the body leaves
LOST = "youtube.session_lost"  # a session of this Post died; what it stored is not known
RESTORED = "youtube.restored"  # set by whoever restores an office: the Journal may be older than the truth

CHUNK_STEP = 256 * 1024
DEFAULT_CHUNK = 8 * 1024 * 1024
_PIECE = 64 * 1024


class Requests(Protocol):
    """The part of httplib2's interface that is used here."""

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None) -> Any:
        """Send one HTTP request; returns (response, content) as httplib2 does."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """The session stands and holds this many bytes."""

    bytes: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The upload is complete: the video resource."""

    video: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """The session no longer exists; whether it was completed before is not known."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Any other reply, to be judged by the error table."""

    http: int
    content: bytes
    retry_after: str | None


def ask(http: Requests, uri: str, size: int) -> Stored | Finished | Gone | Odd:
    """Ask the session at `uri`, for a file of `size` bytes, how far it got. Raises what `http` raises."""
    headers = {"content-range": f"bytes */{size}", "content-length": "0"}
    response, content = http.request(uri, method="PUT", headers=headers)
    return understand(response.status, response, content)


def understand(status: int, headers: Mapping[str, str], content: bytes) -> Stored | Finished | Gone | Odd:
    """Returns what a reply to `ask` means; `headers` with names in lower case."""
    # 404 is in YouTube's guide; 410 is not, but the client library's neighbours use it for the same.
    if status in (404, 410):
        return Gone()
    if status in (200, 201):
        return _finished(content) or Odd(status, content, None)
    stored = stored_bytes(headers.get("range"))
    if status == 308 and stored is not None and "retry-after" not in headers:
        return Stored(stored)
    return Odd(status, content, headers.get("retry-after"))


def stored_bytes(range_header: str | None) -> int | None:
    """Returns how many bytes a 308's `Range: bytes=0-b` reports as stored; 0 where there is no such header.

    None for a range that cannot be read: the caller then asks again and does not send from a wrong offset.
    """
    if range_header is None:
        return 0
    first, _, last = range_header.strip().removeprefix("bytes=").partition("-")
    return int(last) + 1 if first == "0" and last.isdigit() else None


def _finished(content: bytes) -> Finished | None:
    try:
        video = json.loads(content)
    except ValueError:
        return None
    return Finished(video) if isinstance(video, dict) and "id" in video else None


def forget(journal: Journal) -> None:
    """Delete a session that has ended and record that there was one: from now on a listing must prove absence.

    In this order, so that a crash in between only means asking the ended session once more.
    """
    journal.save(LOST, "1")
    journal.save(SESSION, None)


class Slice:
    """One chunk of a Parcel's body, read afresh every time it is iterated.

    The client library hands a chunk down to the socket as one value. This one is re-sendable (a stream
    slice is at its end after the first try, and its second try sends headers and nothing: measured with
    google-api-python-client 2.202.0), costs no memory, and is read in pieces just before they leave, so
    that a body which refuses to be read (a lost lease) stops the upload within one piece.
    """

    def __init__(self, parcel: Parcel, begin: int, length: int) -> None:
        self._parcel = parcel
        self._begin = begin
        self._length = max(0, min(length, parcel.size - begin))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        left = self._length
        with self._parcel.open_body() as body:
            _go_to(body, self._begin)
            while left:
                piece = body.read(min(_PIECE, left))
                if not piece:
                    raise EOFError("the file became shorter while it was being sent")
                left -= len(piece)
                yield piece


def check_body(parcel: Parcel) -> None:
    """Read the whole body; raise Refused unless it is exactly what was approved.

    YouTube accepts a file of zero bytes, and a file that shrinks while it is sent ends in a stall without a message
    (measured with google-api-python-client 2.202.0): so every run begins with this check.
    """
    if parcel.size == 0:
        raise Refused("The file is empty.")
    digest, size = hashlib.sha256(), 0
    with parcel.open_body() as body:
        while piece := body.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    if size != parcel.size or digest.hexdigest() != parcel.sha256:
        raise Refused("The stored file is not the one that was approved; nothing of it was sent now.")


def _go_to(body: BinaryIO, offset: int) -> None:
    if body.seekable():
        body.seek(offset)
        return
    while offset and (skipped := body.read(min(_PIECE, offset))):
        offset -= len(skipped)

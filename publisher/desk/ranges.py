"""Parts of a file, as RFC 9110 section 14 describes them: players ask for a film piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from publisher.media.pieces import BLOCK, Checked

FLUSHED = "publisher.flushed"  # as publisher/desk/server/request_buffer.py names it
__all__ = ["BLOCK", "answer", "wanted"]

HandedOver = Callable[[int, int], None]
_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Unsatisfiable(ValueError):
    """The range asked for lies outside the file."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) that are asked for; None for the whole file.

    Several ranges at once, and what is no range at all, may be answered with the whole. Raises Unsatisfiable.
    """
    asked = _ONE_RANGE.fullmatch(header.strip())
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:  # the last so many bytes
        length = int(last)
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last), size - 1) if last else size - 1


def answer(
    request: HttpRequest, file: Checked, media_type: str, sha256: str, handed: HandedOver | None = None
) -> HttpResponseBase:
    """200, 206 or 416 for this file. Its entity tag is its SHA-256, so a part always belongs to the same bytes.

    Never 304: who asks is to be shown the bytes in this session, whatever an earlier one left in a cache. `handed` is
    told which bytes [from, to) were handed over, once, when the body has ended or was broken off. Closes the file.
    """
    size, tag = file.size, f'"{sha256}"'
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", tag) != tag:
        header = ""
    try:
        part = wanted(header, size)
    except Unsatisfiable:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    left = request.META.get(FLUSHED, _at_once)
    parts = file.parts(first, last)
    begun = next(parts, b"")  # read before the answer begins: what is damaged there is said on a page
    if request.method == "HEAD":
        file.close()
    body = iter(()) if request.method == "HEAD" else _read(file, first, chain([begun], parts), handed, left)
    response = StreamingHttpResponse(body, content_type=media_type, status=206 if part else 200)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would take the whole from us before its client has any
    response.headers["Content-Length"] = str(last - first + 1)
    response.headers["ETag"] = tag
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _read(
    file: Checked, first: int, parts: Iterable[bytes], handed: HandedOver | None, left: Callable[[], None]
) -> Iterator[bytes]:
    """A block counts once the server has written it to the connection, which `left` waits for.

    Where the client hung up that write failed, and either `left` says so or the server closes this generator. Where
    the process dies nothing is told at all: what may not have arrived was not shown. Nor is what no longer has its
    hash: it never leaves, and the answer is broken off.
    """
    to = first
    try:
        for block in parts:
            yield block
            left()
            to += len(block)
    finally:
        file.close()
        if handed is not None and to > first:
            handed(first, to)


def _at_once() -> None:
    """A server that asks for the next block only when it has written this one."""

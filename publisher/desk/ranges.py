"""Parts of a file, as RFC 9110 section 14 describes them: players ask for a film piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

BLOCK = 256 * 1024
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
    request: HttpRequest, path: Path, media_type: str, sha256: str, handed: HandedOver | None = None
) -> HttpResponseBase:
    """200, 206 or 416 for this file. Its entity tag is its SHA-256, so a part always belongs to the same bytes.

    Never 304: who asks is to be shown the bytes in this session, whatever an earlier one left in a cache. `handed` is
    told which bytes [from, to) were handed over, once, when the body has ended or was broken off.
    """
    size, tag = path.stat().st_size, f'"{sha256}"'
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", tag) != tag:
        header = ""
    try:
        part = wanted(header, size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    body = iter(()) if request.method == "HEAD" else _read(path, first, last, handed)
    response = StreamingHttpResponse(body, content_type=media_type, status=206 if part else 200)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would take the whole from us before its client has any
    response.headers["Content-Length"] = str(last - first + 1)
    response.headers["ETag"] = tag
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _read(path: Path, first: int, last: int, handed: HandedOver | None) -> Iterator[bytes]:
    """A block counts when the server asks for the next one: it has written this one to the connection by then.

    Where the client hung up that write failed, and the server closes this generator instead. Where the process dies
    nothing is told at all: what may not have arrived was not shown.
    """
    to = first
    try:
        with path.open("rb") as body:
            body.seek(first)
            while to <= last and (block := body.read(min(BLOCK, last + 1 - to))):
                yield block
                to += len(block)
    finally:
        if handed is not None and to > first:
            handed(first, to)

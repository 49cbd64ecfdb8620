"""Multipart bodies, taken apart in the file they arrived in; nothing large is held in memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

_BLOCK = 1024 * 1024


@dataclass(slots=True)
class Part:
    """One part: its headers and where its bytes lie in the file."""

    headers: Message
    source: Path
    start: int
    end: int

    @property
    def name(self) -> str:
        return str(self.headers.get_param("name", "", "Content-Disposition"))

    @property
    def filename(self) -> str | None:
        value = self.headers.get_param("filename", None, "Content-Disposition")
        return None if value is None else str(value)

    @property
    def size(self) -> int:
        return self.end - self.start

    def read(self) -> bytes:
        with self.source.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)

    def copy_to(self, target: Path) -> None:
        with self.source.open("rb") as file, target.open("wb") as out:
            file.seek(self.start)
            left = self.size
            while left:
                block = file.read(min(_BLOCK, left))
                out.write(block)
                left -= len(block)


def parts(body: Path, boundary: str) -> list[Part]:
    """The parts of `body`. A body without its closing boundary has no parts: it is not whole."""
    if body.stat().st_size == 0:
        return []
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        return list(_split(seen, body, b"--" + boundary.encode()))


def _split(seen: mmap.mmap, source: Path, mark: bytes) -> Iterator[Part]:
    at = seen.find(mark)
    # googleapiclient ends the lines of its multipart/related bodies with a bare LF, and Google takes it.
    line = b"\r\n" if seen[at + len(mark) : at + len(mark) + 2] == b"\r\n" else b"\n"
    if at < 0 or seen.rfind(line + mark + b"--") < 0:
        return
    while True:
        start = at + len(mark)
        if seen[start : start + 2] == b"--":
            return
        at = _next(seen, line + mark, line, start)
        head = seen.find(line + line, start)
        if at < 0 or not start <= head < at:
            return
        body = head + 2 * len(line)
        headers = BytesParser().parsebytes(seen[start + len(line) : body], headersonly=True)
        yield Part(headers, source, body, at)
        at += len(line)


def _next(seen: mmap.mmap, mark: bytes, line: bytes, start: int) -> int:
    """Where the next boundary begins. Bytes of a photo may look like one; only a whole line is."""
    at = seen.find(mark, start)
    while at >= 0:
        after = seen[at + len(mark) : at + len(mark) + 2]
        if after == b"--" or after.startswith(line):
            return at
        at = seen.find(mark, at + 1)
    return -1

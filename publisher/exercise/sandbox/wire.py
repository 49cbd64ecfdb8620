"""One HTTP request as it arrived and one reply as it leaves; bodies are read to the byte.

A lenient stand-in hides the very faults it is for: a client that announces 1 MiB and sends nothing must
wait here exactly as it would wait at the platform (googleapiclient's stream re-send, measured with 2.202.0).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    import socket

    from publisher.exercise.sandbox.faults import Fault

BLOCK = 64 * 1024
SMALL = 4 * 1024 * 1024  # more than any form or JSON body is

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Reply:
    """What goes back: status code, headers, and a body in memory or in a file.

    `outcome` is the word the request log keeps. `drip` sends the body byte by byte: (seconds between,
    how many bytes so).
    """

    code: int
    body: bytes | Path = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    outcome: str = "ok"
    close: bool = False
    drip: tuple[float, int] | None = None


class ShortBody(Exception):
    """The client left before it had sent all it announced."""


class HangUp(Exception):
    """Leave without an answer; `reset` sends RST instead of FIN."""

    def __init__(self, words: str, *, reset: bool = False) -> None:
        super().__init__(words)
        self.reset = reset


class AnswerNow(Exception):
    """Send this reply at once, whatever was still to be read."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.outcome)
        self.reply = reply


@dataclass(slots=True)
class Request:
    """One request. `operation` names it for faults and the log, `fields` are its decoded texts."""

    method: str
    path: str
    query: Pairs
    headers: Message
    stream: BinaryIO
    connection: socket.socket
    url: str  # absolute, without the query, as the client addressed it
    length: int | None  # None: the client announced none
    operation: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    unread: int = 0

    @property
    def text(self) -> str:
        """The decoded request, for a fault that waits for certain words."""
        return "\n".join([self.path, *(f"{name}={value}" for name, value in self.fields.items())])

    def argument(self, name: str, default: str = "") -> str:
        """The query parameter `name`."""
        return dict(self.query).get(name, default)

    def blocks(self, stops: list[int] | None = None) -> Iterator[bytes]:
        """The body as it arrives, broken also at each byte count in `stops`. Raises ShortBody."""
        received = 0
        for stop in sorted(stops or []):
            while self.unread and received < stop:
                block = self._read(min(BLOCK, stop - received))
                received += len(block)
                yield block
        while self.unread:
            yield self._read(BLOCK)

    def _read(self, most: int) -> bytes:
        block = self.stream.read1(min(most, self.unread))  # type: ignore[attr-defined]
        if not block:
            raise ShortBody(f"{self.unread} of {self.length} bytes never came")
        self.unread -= len(block)
        return bytes(block)

    def small_body(self) -> bytes:
        """The whole body in memory. Raises AnswerNow(413) for one larger than a form can be."""
        if self.unread > SMALL:
            raise AnswerNow(html_reply(413, "Request Entity Too Large"))
        return b"".join(self.blocks())

    def form(self) -> Pairs:
        """The body as `application/x-www-form-urlencoded` pairs, in order; empty for any other type."""
        body = self.small_body()
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            return []
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def html_reply(code: int, title: str, headers: dict[str, str] | None = None) -> Reply:
    """A bare page as a front-end server writes it, where an API's answer was expected."""
    page = f"<html><head><title>{code} {title}</title></head><body><h1>{code} {title}</h1></body></html>\n"
    return Reply(code, page.encode(), "text/html", headers or {}, outcome=f"html {code}", close=code >= 400)


def json_reply(body: Any, code: int = 200, outcome: str = "ok") -> Reply:
    """A JSON answer as Google writes it: indented, UTF-8."""
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return Reply(code, text.encode(), "application/json; charset=UTF-8", outcome=outcome)


def redirect(where: str) -> Reply:
    return Reply(302, headers={"Location": where}, outcome="redirect")


def text_reply(code: int, text: str, outcome: str = "ok") -> Reply:
    return Reply(code, text.encode(), "text/plain;charset=UTF-8", outcome=outcome)

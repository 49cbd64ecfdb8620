"""One request to the board: no redirect is followed, nothing is tried twice, every wait has an end."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from publisher.destinations.net import retry_after
from publisher.destinations.platform_clock import record_date_header

LONGEST_REPLY = 4 * 1024 * 1024  # bytes; a page of a hundred notices has a tenth of it


class NoConnection(Exception):
    """It never stood, so certainly nothing was sent."""


class BrokenOff(Exception):
    """Something was sent, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the board answered: HTTP's code, the JSON object (empty where there is none), when to come back."""

    code: int
    told: dict[str, Any]
    again: str | None = None

    @property
    def done(self) -> bool:
        return 200 <= self.code < 300

    def again_at(self, now: datetime) -> datetime | None:
        return retry_after(self.again, now)


@dataclass(frozen=True, slots=True)
class Wire:
    """The board at `url`, asked with `token`; seconds to connect, and between two reads."""

    url: str
    token: str
    connect: float
    read: float

    def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """Raises NoConnection, BrokenOff, and whatever `body` raises while it is read."""
        line = self._line()
        try:
            self._open(line)
            return self._talk(line, method, path, body, headers or {})
        finally:
            line.close()

    def _open(self, line: http.client.HTTPConnection) -> None:
        try:
            line.connect()
        except (OSError, http.client.HTTPException) as error:
            raise NoConnection from error
        line.sock.settimeout(self.read)

    def _talk(
        self,
        line: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | Iterable[bytes],
        headers: dict[str, str],
    ) -> Reply:
        whole = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **headers}
        if isinstance(body, bytes):
            whole["Content-Length"] = str(len(body))
        try:
            line.request(method, urlsplit(self.url).path.rstrip("/") + path, body, whole)
            answer = line.getresponse()
            content = answer.read(LONGEST_REPLY + 1)
        except (OSError, http.client.HTTPException) as error:
            raise BrokenOff from error
        record_date_header(answer.getheader("Date"))
        if len(content) > LONGEST_REPLY:
            raise BrokenOff
        return Reply(answer.status, _object(content), answer.getheader("Retry-After"))

    def _line(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            safely = ssl.create_default_context()
            return http.client.HTTPSConnection(host, parts.port, timeout=self.connect, context=safely)
        return http.client.HTTPConnection(host, parts.port, timeout=self.connect)


def _object(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}

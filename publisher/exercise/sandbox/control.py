"""Steers a running stand-in from outside: a small client of its control address."""

from __future__ import annotations

import http.client
import json
from typing import Any, cast
from urllib.parse import urlsplit

Row = dict[str, Any]


class ControlError(Exception):
    """The stand-in did not do what was asked; the message says why."""


class Control:
    """One stand-in, known by its address and its run's secret. Every method is one request."""

    def __init__(self, base: str, secret: str) -> None:
        self.base = base
        self._secret = secret

    def _ask(self, verb: str, **given: Any) -> Any:
        address = urlsplit(self.base)
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=30)
        try:
            headers = {"X-Sandbox-Secret": self._secret, "Content-Type": "application/json"}
            connection.request("POST", f"/control/{verb}", json.dumps(given).encode(), headers)
            response = connection.getresponse()
            body = json.loads(response.read() or b"{}")
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(body.get("error", f"HTTP {response.status}"))
        return body["answer"]

    def settings(self, **changes: Any) -> Row:
        """Change knobs (see `Settings`); returns all of them."""
        return cast(Row, self._ask("settings", **changes))

    def now(self) -> float:
        """The stand-in's own time, seconds since the epoch."""
        return float(self._ask("now"))

    def advance(self, seconds: float) -> None:
        """Let that much time pass at the platforms."""
        self._ask("advance", seconds=seconds)

    def mint_flickr_token(self, perms: str = "delete") -> dict[str, str]:
        """An access token as after consent: token, secret, nsid, username, fullname, perms."""
        return cast(dict[str, str], self._ask("mint_flickr_token", perms=perms))

    def mint_google_token(self, **given: str) -> dict[str, str]:
        """A refresh token as after consent (`scope` if not force-ssl), with client id and secret."""
        return cast(dict[str, str], self._ask("mint_google_token", **given))

    def revoke_flickr(self) -> int:
        return int(self._ask("revoke_flickr"))

    def revoke_google(self) -> int:
        return int(self._ask("revoke_google"))

    def fault(
        self,
        operation: str,
        kind: str,
        *,
        when: str = "before",
        times: int = 1,
        after_bytes: int | None = None,
        match: str | None = None,
        **detail: Any,
    ) -> str:
        """Let the next `times` requests of `operation` (a name or a pattern) go wrong; returns an id.

        `before`: nothing of the request takes effect; `after`: all of it is stored first. `after_bytes`
        cuts an upload's body at that byte. `match`: only requests whose decoded text holds it.
        """
        return str(
            self._ask(
                "fault",
                operation=operation,
                kind=kind,
                when=when,
                times=times,
                after_bytes=after_bytes,
                match=match,
                detail=detail,
            )
        )

    def clear_faults(self, id: str | None = None) -> None:
        """Forget one planned fault; or all of them, and release whatever is held."""
        self._ask("clear_faults", id=id)

    def met(self) -> list[Row]:
        """Every fault that really fired: id, operation, kind, when, time."""
        return cast(list[Row], self._ask("met"))

    def held(self) -> list[Row]:
        """Requests a stall keeps waiting now: id, operation, when, time, fields."""
        return cast(list[Row], self._ask("held"))

    def release(self, id: str | None = None) -> None:
        """Let one held request go on, or all."""
        self._ask("release", id=id)

    def requests(self, operation: str | None = None) -> list[Row]:
        """The request log: operation, time, outcome, HTTP code, fault; never a secret."""
        return cast(list[Row], self._ask("requests", operation=operation))

    def count(self, operation: str) -> int:
        return len(self.requests(operation))

    def things(self, platform: str | None = None) -> list[Row]:
        """Everything ever stored, deleted ones too, with every interval in which it was public."""
        return cast(list[Row], self._ask("things", platform=platform))

    def albums(self) -> list[Row]:
        """Every album and playlist ever made; `members` are [entry id, thing id]."""
        return cast(list[Row], self._ask("albums"))

    def plant(self, platform: str, count: int = 1, **fields: Any) -> list[str]:
        """Put inherited things there by hand; returns their ids. `spread`: seconds up to `created` they came over."""
        return cast(list[str], self._ask("plant", platform=platform, count=count, **fields))

    def edit(self, platform: str, id: str, **fields: Any) -> None:
        """Change a thing as somebody in the platform's own web page."""
        self._ask("edit", platform=platform, id=id, **fields)

    def edit_album(self, platform: str, id: str, **fields: str) -> None:
        """Change, or with `deleted="yes"` end, an album or playlist as somebody in the platform's own web page."""
        self._ask("edit_album", platform=platform, id=id, **fields)

    def delete(self, platform: str, id: str) -> None:
        """Delete a thing as somebody in the platform's own web page."""
        self._ask("delete", platform=platform, id=id)

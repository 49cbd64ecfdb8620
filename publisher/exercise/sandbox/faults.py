"""Faults on demand: which request goes wrong, when, and how often; what really fired; what is held.

A fault says `before` (nothing of the request takes effect) or `after` (all of it has taken effect and is
stored when things go wrong), which is the difference between a lost post and a double one.
"""

from __future__ import annotations

import itertools
import select
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

    from publisher.exercise.sandbox.wire import Request

_CODES = {"500", "503", "504html", "429html", "401", "302", "413", "code201", "code105", "session404", "retry_after"}
_BROKEN = {"closed", "reset", "stall", "drip", "partial", "processing_failed", "session_at"}
_WORDS = {"truncated_xml", "json_in_xml", "empty200", "total_empty", "html200"}
_LIMITS = {"daily429", "uploadLimitExceeded", "quotaExceeded"}
# Any refusal a platform knows, worded by whoever orders it (`detail`): see `spoiled`.
_ORDERED = {"flickr_error", "flickr_oauth", "youtube_error", "google_error", "http"}
KINDS = frozenset(_CODES | _BROKEN | _WORDS | _LIMITS | _ORDERED)
# These do not stand in for the answer: the platform itself behaves differently while it answers.
SHAPING = frozenset({"partial", "processing_failed", "session404", "session_at", "total_empty"})
_LOOK_EVERY = 0.02  # seconds between two looks whether a held request's client is still there


@dataclass(slots=True)
class Fault:
    """One planned misfortune. `times` counts down; `detail` is what only this kind knows."""

    id: str
    operation: str  # a name, or a pattern such as "flickr.*"
    kind: str
    when: str = "before"
    times: int = 1
    after_bytes: int | None = None
    match: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def due(self, received: int | None) -> bool:
        """Whether so many bytes of a body (None: a whole request) are what it waits for."""
        if self.after_bytes is None or received is None:
            return self.after_bytes is received
        return received >= self.after_bytes

    def meets(self, operation: str, text: str) -> bool:
        return self.times > 0 and fnmatchcase(operation, self.operation) and (self.match is None or self.match in text)


class Faults:
    """All faults of one stand-in; safe to use from every connection's thread."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._planned: list[Fault] = []
        self._met: list[dict[str, Any]] = []
        self._held: dict[str, dict[str, Any]] = {}
        self._released: set[str] = set()
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)

    def plan(self, fault: dict[str, Any]) -> str:
        """Plan a fault; returns its id. Raises ValueError for a kind or moment that does not exist."""
        if fault.get("kind") not in KINDS:
            raise ValueError(f"There is no fault of the kind {fault.get('kind')!r}.")
        if fault.get("when", "before") not in ("before", "after"):
            raise ValueError("A fault comes before or after the request has taken effect.")
        with self._changed:
            planned = Fault(id=f"fault-{next(self._numbers)}", **fault)
            self._planned.append(planned)
            return planned.id

    def clear(self, id: str | None = None) -> None:
        """Forget one planned fault; or all of them, and let everything held go on. What was met stays written."""
        with self._changed:
            self._planned = [one for one in self._planned if id not in (None, one.id)]
        if id is None:
            self.release(None)

    def met(self) -> list[dict[str, Any]]:
        with self._changed:
            return [dict(one) for one in self._met]

    def stops(self, operation: str) -> list[int]:
        """The byte counts at which some fault may cut this operation's body."""
        with self._changed:
            return [
                one.after_bytes
                for one in self._planned
                if one.after_bytes is not None and one.times > 0 and fnmatchcase(operation, one.operation)
            ]

    def take(self, operation: str, text: str, received: int | None = None) -> Fault | None:
        """The fault that strikes now, counted down and written; None mostly.

        `received` is given while a body is being read: then only faults whose `after_bytes` have come
        strike, at the first byte by which their words have come too.
        """
        with self._changed:
            for one in self._planned:
                if one.due(received) and one.meets(operation, text):
                    one.times -= 1
                    self._met.append(
                        {
                            "id": one.id,
                            "operation": operation,
                            "kind": one.kind,
                            "when": one.when,
                            "time": self._now(),
                        }
                    )
                    return one
            return None

    def hold(self, fault: Fault, request: Request) -> bool:
        """Keep the request waiting. True: it was released; False: its client has gone."""
        key = f"held-{next(self._numbers)}"
        entry = {
            "id": key,
            "operation": request.operation,
            "when": fault.when,
            "time": self._now(),
            "fields": dict(request.fields),
        }
        with self._changed:
            self._held[key] = entry
            self._changed.notify_all()
            while key not in self._released:
                if _gone(request.connection):
                    break
                self._changed.wait(_LOOK_EVERY)
            del self._held[key]
            released = key in self._released
            self._released.discard(key)
        return released

    def held(self) -> list[dict[str, Any]]:
        with self._changed:
            return [dict(one) for one in self._held.values()]

    def release(self, key: str | None) -> None:
        """Let one held request go on, or all of them."""
        with self._changed:
            self._released.update(name for name in self._held if key in (None, name))
            self._changed.notify_all()


def _gone(connection: socket.socket) -> bool:
    """Whether the connection is ending, by the client or by our own stop, also while bytes lie unread."""
    poll = select.poll()
    poll.register(connection, getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))

"""The board itself, on loopback: what it holds, what it ever held, and what of that was ever public.

python -m noticeboard.board HOLDER    runs one, and prints its address
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

PAGE = 100  # notices


class NotThere(Exception):
    """The board knows no such thing."""


@dataclass
class Notice:
    """One notice, which is remembered when it is deleted. `acts`: what became of it, in order."""

    id: str
    body: bytes
    media_type: str
    told: dict[str, Any]
    posted_at: datetime
    public: bool = False
    deleted_at: datetime | None = None
    acts: list[str] = field(default_factory=lambda: ["posted"])

    def described(self) -> dict[str, Any]:
        """As the board reports it to its owner."""
        own = {"id": self.id, "posted_at": self.posted_at.isoformat(), "public": self.public}
        return {**self.told, **own, "sha256": hashlib.sha256(self.body).hexdigest()}

    def remembered(self) -> dict[str, Any]:
        """As the board remembers it."""
        return {**self.described(), "there": self.deleted_at is None, "acts": self.acts}


@dataclass
class Album:
    """An album and the ids of what is in it, deleted notices too until they are taken out."""

    id: str
    title: str
    description: str
    members: list[str] = field(default_factory=list)


class Board:
    """One account's board. Every method is one act, whole; `heard` notes what was asked of it."""

    def __init__(self, holder: str = "Northshire Police") -> None:
        self.holder = holder
        self.id = secrets.token_hex(4)
        self.heard: list[dict[str, Any]] = []
        self.media_linger = 0.0  # seconds
        self._lock = threading.RLock()
        self._notices: dict[str, Notice] = {}
        self._albums: dict[str, Album] = {}
        self._tokens: dict[str, str] = {}  # application by token
        self._ahead = timedelta()
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def grant(self, application: str) -> str:
        """A new token for an application that the holder agreed to."""
        token = secrets.token_hex(16)
        self._tokens[token] = application
        return token

    def knows(self, token: str) -> bool:
        return token in self._tokens

    def post(self, body: bytes, media_type: str, told: dict[str, Any]) -> Notice:
        notice = Notice(f"n{next(self._numbers)}", body, media_type, told, self.now())
        self._notices[notice.id] = notice
        return notice

    def notice(self, number: str) -> Notice:
        """Raises NotThere."""
        found = self._notices.get(number)
        if found is None or found.deleted_at is not None:
            raise NotThere
        return found

    def change(self, number: str, given: dict[str, Any]) -> Notice:
        notice = self.notice(number)
        if "public" in given:
            notice.public = given.pop("public") is True
            notice.acts.append("revealed" if notice.public else "concealed")
        if given:
            notice.told |= given
            notice.acts.append("changed")
        return notice

    def delete(self, number: str) -> None:
        notice = self.notice(number)
        notice.deleted_at, notice.public = self.now(), False
        notice.acts.append("deleted")

    def listed(self, since: datetime, until: datetime | None, before: str) -> tuple[list[Notice], str]:
        """One page, newest first, and before which notice the next one begins; empty where this is the last."""
        found = [each for each in reversed(self._notices.values()) if each.deleted_at is None]
        found = [each for each in found if since <= each.posted_at and (until is None or each.posted_at < until)]
        if before:
            found = [each for each in found if int(each.id[1:]) < int(before[1:])]
        return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else ""

    def served(self, number: str) -> Notice:
        """What a direct address answers with: what is public, or was when it was deleted a moment ago."""
        found = self._notices.get(number)
        if found is None:
            raise NotThere
        lingers = found.deleted_at is not None and "revealed" in found.acts
        if lingers and found.deleted_at and self.now() < found.deleted_at + timedelta(seconds=self.media_linger):
            return found
        if not found.public:
            raise NotThere
        return found

    def album(self, number: str) -> Album:
        """Raises NotThere."""
        if number not in self._albums:
            raise NotThere
        return self._albums[number]

    def make_album(self, given: dict[str, Any]) -> Album:
        album = Album(f"a{next(self._numbers)}", str(given["title"]), str(given["description"]))
        self._albums[album.id] = album
        return album

    def describe_album(self, number: str, given: dict[str, Any]) -> Album:
        album = self.album(number)
        album.title, album.description = str(given["title"]), str(given["description"])
        return album

    def record(self) -> dict[str, list[dict[str, Any]]]:
        """Everything it ever held, in order."""
        return {"notices": [each.remembered() for each in self._notices.values()], "albums": self.albums()}

    # As a contract suite asks it.

    def requests(self) -> list[dict[str, Any]]:
        return list(self.heard)

    def albums(self) -> list[dict[str, Any]]:
        return [asdict(each) for each in self._albums.values()]

    def settings(self, *, media_linger: float) -> dict[str, Any]:
        self.media_linger = media_linger
        return {"media_linger": media_linger}

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

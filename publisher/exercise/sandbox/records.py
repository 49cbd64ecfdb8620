"""What the stand-in remembers: plain records, written to its ledger as JSON.

All times are seconds since the epoch, as the stand-in's own clock gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Interval = list[float | None]


@dataclass(slots=True)
class Thing:
    """One photo or video that was ever stored, also after its deletion.

    `held` is the name of the file with its bytes, None for one planted without any. `public` holds every
    [from, to] in which anybody could see it, `to` None while that lasts.
    """

    platform: str  # "flickr" or "youtube"
    id: str
    created: float
    title: str = ""
    description: str = ""  # as sent
    tags: list[str] = field(default_factory=list)  # as sent
    sha256: str = ""
    size: int = 0
    held: str | None = None
    filename: str = ""
    media_type: str = ""
    visibility: str = "private"
    public: list[Interval] = field(default_factory=list)
    deleted: float | None = None
    updated: float = 0.0
    mine: bool = True
    ready_at: float = 0.0
    outcome: str = "succeeded"  # or "failed:<reason>", "rejected:<reason>"
    thumbnail: str | None = None
    thumbnail_sha256: str | None = None
    parts: dict[str, Any] = field(default_factory=dict)  # what only one platform knows

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")

    @property
    def is_public(self) -> bool:
        return self.deleted is None and self.visibility == "public"

    def processing(self, now: float) -> str:
        """ "pending" until the platform is done with the file, then "done" or "failed"."""
        if now < self.ready_at:
            return "pending"
        return "done" if self.outcome == "succeeded" else "failed"

    def show(self, visibility: str, now: float) -> None:
        """Change who may see it, and keep the moment at which the public could or could no longer."""
        was, self.visibility = self.is_public, visibility
        self._note(was, now)

    def remove(self, now: float) -> None:
        was, self.deleted = self.is_public, now
        self._note(was, now)

    def _note(self, was: bool, now: float) -> None:
        if self.is_public and not was:
            self.public.append([now, None])
        elif was and not self.is_public:
            self.public[-1][1] = now


@dataclass(slots=True)
class Album:
    """A Flickr album or a YouTube playlist. `members` are (entry id, thing id); order is the shown one."""

    platform: str
    id: str
    title: str
    description: str
    created: float
    primary: str = ""
    visibility: str = "public"
    language: str = ""  # of a playlist's words
    members: list[list[str]] = field(default_factory=list)
    deleted: float | None = None

    @property
    def things(self) -> list[str]:
        return [thing for _, thing in self.members]


@dataclass(slots=True)
class UploadSession:
    """One resumable upload: what was declared, how much is stored, and what came of it."""

    id: str
    kind: str  # "videos", "thumbnails" or "captions"
    created: float
    query: dict[str, str]
    metadata: dict[str, Any]
    media_type: str
    total: int | None
    stored: int = 0
    spoiled: bool = False
    outcome: str | None = None  # set by a fault: what processing will come to
    reply: str | None = None  # the completed upload's answer, given again to whoever asks
    reply_code: int = 0
    slug: str = ""


@dataclass(slots=True)
class Ticket:
    """An asynchronous Flickr upload: the photo it became, once `ready_at` has come."""

    id: str
    photo: str
    ready_at: float
    outcome: str = "succeeded"


@dataclass(slots=True)
class Caption:
    """One caption track of a video."""

    id: str
    video: str
    language: str
    name: str
    updated: float
    sha256: str = ""
    is_draft: bool = False


@dataclass(slots=True)
class Token:
    """A credential of any kind this stand-in gave out; `kind` says which.

    Kinds: flickr-request, flickr-access, google-code, google-refresh, google-access.
    """

    id: str
    kind: str
    secret: str = ""
    perms: str = ""
    created: float = 0.0
    revoked: bool = False
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Spent:
    """How much of one bucket one period (a day in Los Angeles, a clock hour) has used."""

    id: str
    units: int = 0

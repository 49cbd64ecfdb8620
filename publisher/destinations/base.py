"""What every destination can do, and what it may answer.

A destination knows one platform and nothing else: not Django, not the queue, not how a picture was
made. It is handed a Parcel (the approved bytes and texts), a Journal (what must survive a crash) and,
when it is built, a Budget (the account's quota). It answers with a Receipt or with one of four errors;
what to do about an error is decided by the caller, in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

# What no XML and no database column holds: controls but tab and line ends, surrogates, non-characters.
GUARDED_KINDS = frozenset({"appeal", "wanted"})  # all rights reserved, no remarks under a face, whatever the Item says
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def readable(text: str) -> str:
    """Returns `text` with U+FFFD in place of each character that no XML document and no database column can hold."""
    return _UNREADABLE.sub("\ufffd", text)


class Visibility(StrEnum):
    """Who may see a thing at the platform."""

    PRIVATE = "private"
    UNLISTED = "unlisted"
    PUBLIC = "public"


class Processing(StrEnum):
    """Whether the platform has finished with the file."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Journal(Protocol):
    """What a Post's sending has learned and must survive. `save` is durable before it returns."""

    def get(self, key: str) -> str | None:
        """Returns the value saved under `key`, or None where there is none."""
        ...

    def save(self, key: str, value: str | None) -> None:
        """Store `value` under `key`; None deletes the key.

        Raises UploadInterrupted where another worker owns the Post.
        """
        ...


class Budget(Protocol):
    """The account's quota, kept for all processes in the platform's own units and reset zone."""

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        """Take `units` of `bucket` before a request. Raises Later, with its `retry_at`, where none are left."""
        ...

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        """Record that the platform itself reported `bucket` as empty: its report overrides the local count.

        `until`: when the platform will take requests again; None where it did not say.
        """
        ...


class Purpose(StrEnum):
    """What a request is for. Withdrawals draw on the reserve that publishing may not touch."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class BucketRule:
    """One of a platform's limits: `units` for each `window`, of which `reserve` is kept for withdrawals.

    `window` is "hour" (clock hours, UTC) or "day" (calendar days in `zone`). `per_post`: units of a Post that goes
    straight through; so many are booked at once, and the forecast of `publisher check` rests on it.
    """

    bucket: str
    units: int
    window: str
    zone: str = "UTC"
    reserve: int = 0
    per_post: int = 1

    def __post_init__(self) -> None:
        """A Post costs something."""
        if self.per_post < 1:
            raise ValueError(f"{self.bucket}: per_post must be at least 1, not {self.per_post}.")


@dataclass(frozen=True, slots=True)
class AlbumKey:
    """An album (Flickr) or playlist (YouTube): ours is known again by `mark` in its description."""

    key: str
    title: str
    description: str
    mark: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One approved file with its texts, ready to be handed over.

    `open_body` opens the rendition afresh at byte 0; each read of it may raise UploadInterrupted. Everything here
    was approved; a destination adds nothing but the Mark, as a tag.
    """

    mark: str  # 32 lower-case hex digits
    kind: str  # "feature", "appeal" or "wanted"
    title: str
    description: str  # with the alternative text below the caption, unless `Limits.alt_text_field`
    alt_text: str
    tags: tuple[str, ...]
    filename: str  # safe, ours; never the evidence file's own name
    media_type: str  # "image/jpeg" or "video/mp4"
    size: int  # bytes
    sha256: str
    open_body: Callable[[], BinaryIO]
    visibility: Visibility = Visibility.PUBLIC  # what `reveal` asks for
    thumbnail: Path | None = None  # approved JPEG poster frame
    captions: tuple[tuple[str, Path], ...] = ()  # (language, WebVTT file)
    licence: str = "0"  # Flickr licence id; an appeal's is always "0"
    category: str = "25"  # YouTube: News & Politics
    comments: bool = False
    recorded_at: datetime | None = None

    @property
    def is_video(self) -> bool:
        """Whether the file is a video, by its media type."""
        return self.media_type.startswith("video/")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform answered: its id for the thing, the page to open, and direct media addresses."""

    remote_id: str
    url: str
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform reports of one thing now. `exists` False: it says there is no such thing."""

    remote_id: str
    exists: bool
    visibility: Visibility = Visibility.PRIVATE
    processing: Processing = Processing.DONE
    title: str = ""
    description: str = ""
    alt_text: str | None = None  # None: the platform has no field of its own for it, or does not tell
    tags: tuple[str, ...] = ()
    mark: str | None = None
    url: str = ""
    uploaded_at: datetime | None = None
    message: str = ""  # why processing failed, for the officer
    media_urls: tuple[str, ...] = ()
    sha256: str | None = None  # where the platform can be asked for it (folder)
    ours: bool = True  # False: the platform names another account as its owner
    licence: str | None = None  # Flickr's id of it; None: it is not told
    comments: bool | None = None  # whether anybody else may comment; None: it is not told
    faults: tuple[str, ...] = ()  # in sentences, what of its terms is never as we set them, whatever was approved

    def __post_init__(self) -> None:
        """Whatever somebody wrote there can be compared, kept in a database and shown."""
        for name in ("title", "description", "url", "message"):
            object.__setattr__(self, name, readable(getattr(self, name)))
        if self.alt_text is not None:
            object.__setattr__(self, "alt_text", readable(self.alt_text))
        object.__setattr__(self, "tags", tuple(readable(tag) for tag in self.tags))


@dataclass(frozen=True, slots=True)
class Present:
    """Found: every copy that carries the Mark, oldest first. One is right; more are doubles."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """An upload session still stands with `stored` bytes: send again with the same Journal."""

    stored: int


@dataclass(frozen=True, slots=True)
class Absent:
    """Not seen in this look. `authoritative`: the platform's answer leaves no doubt; else one listing."""

    authoritative: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A span of upload times, UTC; `since` inclusive, `until` exclusive."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What a destination takes. Lengths in characters unless a name says bytes; None: no known limit."""

    media_types: tuple[str, ...]
    max_bytes: dict[str, int]  # by media type
    title_chars: int | None = None
    description_bytes: int | None = None
    description_chars: int | None = None
    alt_text_field: bool = False  # the platform has one of its own; else the text stands below the description
    alt_text_chars: int | None = None  # what that field takes
    tags_count: int | None = None
    tags_chars: int | None = None  # as YouTube counts: commas, and two quotes around a tag with a space
    forbidden_in_text: str = ""  # characters no text and no tag may hold
    own_tags: tuple[str, ...] = ()  # how a tag begins that carries the Mark: an officer's own would be mistaken for it
    conceals: bool = True  # False: `send` is the reveal
    needs_comment_attestation: bool = False  # comments cannot be closed per item (YouTube)
    buckets: tuple[BucketRule, ...] = ()
    longest_server_time: float = 120.0  # seconds a request may still work at the platform after we gave up
    max_seconds: int | None = None  # length of footage
    account: str = ""  # whose account it is, as the platform says; empty: it does not say


@dataclass(frozen=True, slots=True)
class Address:
    """Where a destination finds its platform, as configured. Plain http is for loopback only."""

    urls: dict[str, str] = field(default_factory=dict)


class Destination(Protocol):
    """One account at one platform. Every method but `limits` talks to it and may take its timeout.

    `send` raises only NotSent, Refused, Unsure or UploadInterrupted; the others Later or Refused.
    """

    name: str

    def limits(self) -> Limits:
        """Returns what the account takes: media types, sizes in bytes, text lengths, and its request quotas."""
        ...

    def whoami(self) -> str:
        """Returns the id by which the platform knows this account. Changes nothing.

        Raises Later or Refused, with its `stop`, where the platform does not let the account publish now: the consent,
        a limit.
        """
        ...

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        """Upload the file, concealed; resume where the journal names an upload session that is still open."""
        ...

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        """Look for every copy that carries the Parcel's Mark and was uploaded at or after `since`."""
        ...

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Set thumbnail, captions, licence and comment settings before the reveal. Repeatable.

        `seen`: what `look` has just answered: the item is there, private and processed, so nobody asks that again.
        No request of it may hide the item: sent late, by a worker that had stood still, it would hide what another has
        revealed meanwhile. What a platform sets only together with visibility belongs to `reveal`.
        """
        ...

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Give the item the Parcel's `visibility`, and its comment settings where the platform sets both together.

        `seen`: what `look` answered last, in the same turn of work. Repeatable; `look` says whether it has them. The
        Parcel's body cannot be opened here.
        """
        ...

    def look(self, receipt: Receipt) -> Seen:
        """Returns what the platform reports now. An item that is gone is `exists=False`, not an error.

        With its direct addresses; where the receipt names some already, a destination need not ask for them again.
        """
        ...

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        """Write title, description and tags in place; visibility and file stay as they are."""
        ...

    def conceal(self, receipt: Receipt) -> None:
        """Make the item private. An item that is already gone counts as success."""
        ...

    def remove(self, receipt: Receipt) -> None:
        """Delete the item. An item that is already gone counts as success."""
        ...

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        """Put the item into the album, which is made if missing; returns the album's remote id. Repeatable.

        `known`: the id it had when something was filed last. Where the platform has no such album any more, or it is
        empty, the album is looked for by its mark before one is made.
        """
        ...

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        """Write title and description of an existing album, keeping its mark in the description. Repeatable.

        Returns False where the album no longer exists.
        """
        ...

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        """Prepare these albums (remote ids) for `remove`: change a cover, or delete an entry, that would vanish."""
        ...

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        """Returns every direct address of the item's bytes that the platform lists now; none where it is gone."""
        ...

    def still_served(self, url: str) -> bool:
        """Whether one of those addresses still answers with the bytes; the request carries no token.

        Raises Later where that cannot be found out, Refused for an address outside the configured media hosts.
        """
        ...

    def by_hand(self, receipt: Receipt) -> str:
        """Returns, in sentences, how a person removes the item at the platform. Sends no request."""
        ...

    def listing(self, window: Window) -> Iterator[Seen]:
        """Yields every item uploaded to the account within the window, newest first: complete, or an error.

        Incomplete may be raised after the last item.
        """
        ...

    def as_withdrawal(self) -> Destination:
        """Returns the same destination, spending from the reserve kept for withdrawals."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """What a destination is built from: its name, addresses, client keys, token, quota and timeouts.

    `token` is the sealed store's opened content, a flat dictionary of strings. `save_token` keeps a
    changed one. `exercise` accounts may speak to loopback only, others never to loopback.
    """

    name: str
    options: dict[str, str | int | float | bool]
    client: dict[str, str]
    token: dict[str, str] | None
    save_token: Callable[[dict[str, str]], None]
    budget: Budget
    now: Callable[[], datetime]
    exercise: bool
    connect_timeout: float = 10.0
    read_timeout: float = 60.0

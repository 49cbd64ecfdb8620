"""A bench for a destination: the real client, a platform on loopback, and a way to see what it holds.

Whoever brings a destination of their own imports this module: pytest finds it where the contract's tests are run.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from publisher.destinations.base import Account, Destination, Parcel, Purpose
from publisher.destinations.errors import Later

GROUP = "publisher.benches"
MARK = "0123456789abcdef0123456789abcdef"
JPEG = b"\xff\xd8\xff\xe0" + b"a still, as far as a stand-in looks" * 40
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"footage, as far as a stand-in looks" * 40


class NotedJournal:
    """A Post's Journal in memory. `noted` is everything ever saved, in order."""

    def __init__(self, **kept: str) -> None:
        self.kept = {name.replace("__", "."): value for name, value in kept.items()}
        self.noted: list[tuple[str, str | None]] = []

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def save(self, key: str, value: str | None) -> None:
        self.noted.append((key, value))
        if value is None:
            self.kept.pop(key, None)
        else:
            self.kept[key] = value


@dataclass
class CountedBudget:
    """An account's quota in memory; `empty_for` names the purposes for which nothing is left."""

    spent: list[tuple[str, int, Purpose]] = field(default_factory=list)
    empty_for: frozenset[Purpose] = frozenset()
    said_empty: list[tuple[str, datetime | None]] = field(default_factory=list)
    free_at: datetime = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        if purpose in self.empty_for:
            raise Later("The quota is used up.", self.free_at)
        self.spent.append((bucket, units, purpose))

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        self.said_empty.append((bucket, until))


def make_parcel(body: bytes = JPEG, **changes: Any) -> Parcel:
    """A feature's still (or, with `media_type`, footage) whose approved bytes are `body`."""
    parcel = Parcel(
        mark=MARK,
        kind="feature",
        title="Day 354 - West Midlands Police - Dog patrol",
        description="Two officers and a dog.\n\nCall 101.",
        alt_text="Two officers and a dog at a gate",
        tags=("police", "dog patrol"),
        filename="feature.jpg",
        media_type="image/jpeg",
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        open_body=lambda: io.BytesIO(body),
    )
    return replace(parcel, **changes)


@dataclass
class Held:
    """One thing the platform ever held: its bytes' hash, whether it is there, public, or ever was."""

    remote_id: str
    sha256: str
    there: bool
    public: bool
    ever_public: bool


class Control(Protocol):
    """What the contract asks of a platform on loopback, where the destination has a network.

    `requests`: each that was made of it, its "operation" beginning with the platform's name and a dot; a direct media
    address's does not. `albums`: each with its "members". `settings`: `media_linger`, for how many seconds such an
    address answers after the thing was deleted. `advance`: lets seconds pass at the platform.
    """

    def requests(self) -> list[dict[str, Any]]: ...

    def albums(self) -> list[dict[str, Any]]: ...

    def settings(self, *, media_linger: float) -> dict[str, Any]: ...

    def advance(self, seconds: float) -> None: ...


@dataclass
class Bench:
    """A destination with its platform beside it.

    `parcel` makes something this destination takes; `held` is everything the platform ever stored;
    `settle` lets it finish processing and listing; `unplug` takes it off the network (None: it has none);
    `rebuilt` builds the destination again, on another Budget.
    """

    destination: Destination
    budget: CountedBudget
    parcel: Callable[..., Parcel]
    held: Callable[[], list[Held]]
    settle: Callable[[], None]
    now: Callable[[], datetime]
    album_words: Callable[[], list[tuple[str, str]]]  # title and description of every album that stands
    unplug: Callable[[], None] | None = None
    platform: str = ""
    control: Control | None = None

    def journal(self) -> NotedJournal:
        return NotedJournal()


def make_account(options: dict[str, Any], **more: Any) -> Account:
    """An exercise account with short patience, an in-memory quota and the real clock."""
    return Account(
        name=more.pop("name", "exercise"),
        options=options,
        client=more.pop("client", {}),
        token=more.pop("token", None),
        save_token=lambda token: None,
        budget=more.pop("budget", None) or CountedBudget(),
        now=more.pop("now", lambda: datetime.now(UTC)),
        exercise=more.pop("exercise", True),
        connect_timeout=2.0,
        read_timeout=more.pop("read_timeout", 5.0),
        **more,
    )


Factory = Callable[[Path], AbstractContextManager[Bench]]


def installed() -> dict[str, Factory]:
    """What is installed under the entry-point group: each is given an empty folder and yields a Bench."""
    return {point.name: point.load() for point in entry_points(group=GROUP)}

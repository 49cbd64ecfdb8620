"""A small world to test in: an office, its people, a series, an operation, and Items in any state."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pressqueue import moves
from pressqueue.actors import Actor
from pressqueue.models import Campaign, Item, Office, Officer, Original, Post, Rendition, Slot

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
KEY = bytes(range(32))
FLICKR = {"flickr": True}
_counter = itertools.count(1)


class Clock:
    """Time that is passed in, and moves when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def office(*, exercise: bool = True) -> Office:
    return Office.objects.get_or_create(id=1, defaults={"exercise": exercise, "made_at": NOW})[0]


def officer(username: str, *roles: str) -> Officer:
    flags = {
        {"author": "may_author", "approver": "may_approve", "administrator": "administrator"}[r]: True for r in roles
    }
    found = Officer.objects.filter(username=username).first()
    return found or Officer.objects.create_user(username, username.title(), password=None, **flags)


def author() -> Actor:
    return Actor(officer("amara", "author").pk, "cli")


def approver() -> Actor:
    return Actor(officer("bran", "approver").pk, "desk")


def series(slug: str = "photo-of-the-day", **changes: Any) -> Campaign:
    office()
    values = {"title": "Photo of the day", "kind": "series", "prefix": "POD", "now": NOW, **changes}
    return Campaign.objects.filter(slug=slug).first() or moves.make_campaign(author(), slug=slug, **values)


def operation(slug: str = "operation-larch", **changes: Any) -> Campaign:
    office()
    values = {"title": "Operation Larch", "kind": "operation", "prefix": "WTN", "now": NOW, **changes}
    return Campaign.objects.filter(slug=slug).first() or moves.make_campaign(author(), slug=slug, **values)


def daily(campaign: Campaign, at: time = time(8, 0), *, since: date = date(2026, 3, 1)) -> Slot:
    return moves.add_slot(author(), campaign, weekdays=list(range(7)), wall_time=at, starts_on=since, now=NOW)


def original(content: bytes | None = None, *, kind: str = "still") -> Original:
    body = content or f"picture {next(_counter)}".encode()
    return moves.receive_original(
        author(),
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        media_type="image/jpeg" if kind == "still" else "video/mp4",
        kind=kind,
        filename="IMG_0001.jpg",
        probe={},
        now=NOW,
    )


def feature(campaign: Campaign | None = None, **changes: Any) -> Item:
    words: dict[str, Any] = {
        "title": "Day {day} - Northshire Police - Police dog Rufus",
        "caption": "Rufus waits for his handler.",
        "alt_text": "A German shepherd sits beside a patrol car.",
        "destinations": ["flickr"],
        "original": original(),
        "now": NOW,
    }
    return moves.add_item(author(), campaign=campaign or series(), kind="feature", **{**words, **changes})


def appeal(campaign: Campaign | None = None, **changes: Any) -> Item:
    words: dict[str, Any] = {
        "title": "Do you know this person? {reference}",
        "caption": "We would like to speak to this person. Call 101 quoting {reference}.",
        "alt_text": "A person in a dark coat, seen from behind.",
        "destinations": ["flickr"],
        "purpose": "suspect",
        "publish_from": NOW,
        "publish_until": NOW + timedelta(hours=12),
        "original": original(),
        "now": NOW,
    }
    return moves.add_item(author(), campaign=campaign or operation(), kind="appeal", **{**words, **changes})


def in_review(item: Item, content: bytes | None = None, *, now: datetime = NOW) -> Item:
    """Submitted and prepared, with stand-in bytes where the test needs no picture."""
    moves.submit(author(), item, now=now)
    body = content or f"rendition of {item.reference}".encode()
    rendition, _ = Rendition.objects.get_or_create(
        item=item,
        role="main",
        sha256=hashlib.sha256(body).hexdigest(),
        recipe="{}",
        defaults={"size": len(body), "media_type": "image/jpeg", "width": 4, "height": 3, "made_at": now},
    )
    item.refresh_from_db()
    moves.rendered(item, rendition, None, now=now)
    item.refresh_from_db()
    return item


def approved(item: Item, content: bytes | None = None, *, now: datetime = NOW) -> Item:
    ready = in_review(item, content, now=now)
    assert ready.package is not None
    moves.approve(approver(), ready, ready.package.digest, now=now)
    ready.refresh_from_db()
    return ready


def posted(item: Item, *, now: datetime = NOW, conceals: dict[str, bool] | None = None) -> Post:
    """The Post of an approved Item, due now."""
    return moves.open_posts(item, key=KEY, conceals=conceals or FLICKR, due_at=now, now=now)[0]


def rendition(item: Item, content: bytes = b"stand-in") -> Rendition:
    return Rendition.objects.get_or_create(
        item=item,
        role="main",
        sha256=hashlib.sha256(content).hexdigest(),
        recipe="{}",
        defaults={"size": len(content), "media_type": "image/jpeg", "width": 4, "height": 3, "made_at": NOW},
    )[0]


def in_review_again(item: Item, content: bytes = b"another") -> Item:
    """Prepared once more after an edit sent it back to submitted."""
    item.refresh_from_db()
    moves.rendered(item, rendition(item, content), None, now=NOW)
    item.refresh_from_db()
    return item

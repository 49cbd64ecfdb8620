"""Recipients of press packs, and disclosures without a file of their own."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime, timedelta
from typing import Any

from pressqueue.models import Disclosure, Item, Post
from pressqueue.moves import leases, media_addresses, posts, press_packs

from support import factories

ECHO = press_packs.Recipient("Northshire Echo", "Ines Marlow", "Picture.Desk@echo.example")
RADIO = press_packs.Recipient("Radio Larch", "Tom Aldous", "news@radiolarch.example")
LEASE = timedelta(minutes=2)
_packs = itertools.count(1)


def disclosed(
    item: Item, recipient: press_packs.Recipient = ECHO, *, now: datetime = factories.NOW, **changes: Any
) -> Disclosure:
    """Given out now, under an embargo of a day."""
    item.refresh_from_db()
    assert item.package is not None
    values: dict[str, Any] = {
        "archive": hashlib.sha256(f"pack {next(_packs)}".encode()).hexdigest(),
        "files": [{"name": "published-1.jpg", "sha256": "ab" * 32, "size": 3}],
        "conditions": press_packs.conditions_of(item),
        "embargo_until": now + timedelta(days=1),
        "recall_address": "press@northshire.example",
        "now": now,
        **changes,
    }
    return press_packs.disclose(factories.author(), item.package, recipient, **values)


def live(item: Item, *, now: datetime = factories.NOW) -> Post:
    """An approved Item seen live at Flickr, with one direct address."""
    mine = leases.take(factories.posted(item, now=now), "w", LEASE, now=now)
    assert mine is not None
    address = f"https://x.example/{mine.pk}"
    mine = posts.sent(mine, mine.fence, remote_id=f"r{mine.pk}", url=address, media_urls=[f"{address}.jpg"], now=now)
    mine = posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=now)
    return posts.seen(mine, mine.fence, now=now)


def removed(post: Post, *, now: datetime) -> None:
    """What was withdrawn is seen gone; its direct address is not asked yet."""
    post.refresh_from_db()
    mine = leases.pick_up(post, "w", LEASE, now=now)
    assert mine is not None
    assert posts.gone(mine, mine.fence, now=now).state == "removed"


def addresses_gone(post: Post, *, now: datetime) -> None:
    """And its direct address answers no more."""
    for address in post.media_addresses.all():
        assert media_addresses.lease_address(address, "w", LEASE, now=now)
        media_addresses.address_gone(address, now=now)

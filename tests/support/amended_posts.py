"""What is public, an amendment of it as people draft and decide it, and the machine's part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pressqueue import packages
from pressqueue.actors import Actor
from pressqueue.errors import GatesClosed
from pressqueue.models import Amendment, Approval, Item, Post
from pressqueue.moves import amendments, leases, posts

from support import factories
from support.factories import NOW

LATER = NOW + timedelta(days=2)
MENDED = factories.CAPTION.replace("a reported burglary", "a reported robbery")


def live(post: Post) -> Post:
    concealed = concealed_of(post)
    mine = leases.pick_up(concealed, "worker", timedelta(minutes=5), now=NOW)
    assert mine is not None
    mine = posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW)
    return posts.seen(posts.asked_public(mine, mine.fence, now=NOW), mine.fence, now=NOW)


def concealed_of(post: Post) -> Post:
    mine = leases.take(post, "worker", timedelta(minutes=5), now=NOW)
    assert mine is not None
    held = posts.sent(mine, mine.fence, remote_id=f"remote {post.pk}", url="", media_urls=(), now=NOW)
    leases.give_back(held, held.fence, NOW)
    held.refresh_from_db()
    return held


def first(item: Item, who: Actor) -> None:
    """An Approval of what is not public yet."""
    assert item.package is not None
    factories.decide(who, item, item.package.digest)


def amend(item: Item, who: Actor | None = None, **changes: Any) -> Amendment:
    return amendments.amend(who or factories.author(), item, "The offence was named wrongly.", now=LATER, **changes)


def decide(amendment: Amendment, who: Actor | None = None, *, reason: str = "") -> Approval:
    """Verified by the officer in the case, everything shown, approved."""
    factories.verify(factories.investigator(), amendment.item, amendment.package.digest, now=LATER)
    return approve(amendment, who, reason=reason)


def approve(amendment: Amendment, who: Actor | None = None, *, reason: str = "") -> Approval:
    actor = who or factories.approver()
    deciding = replace(factories.viewed(amendment.item, actor, now=LATER), reason=reason)
    return amendments.approve_amendment(actor, amendment.item, amendment.package.digest, deciding=deciding, now=LATER)


def written(post: Post) -> Post:
    """The machine read the new words back."""
    mine = leases.pick_up(Post.objects.get(pk=post.pk), "worker", timedelta(minutes=5), now=LATER)
    assert mine is not None
    content = packages.content_of(mine.package)
    return amendments.amended(mine, mine.fence, title=content["title"], caption=content["caption"], now=LATER)


def refusals(error: pytest.ExceptionInfo[GatesClosed]) -> set[str]:
    return {number for number, _ in error.value.failures}


def review(item: Item, *, days: float = 20, **changes: Any) -> Amendment:
    changes = {"review_at": LATER + timedelta(days=days), "expires_at": LATER + timedelta(days=27), **changes}
    return amendments.draft_review(
        factories.author(), item, "Two callers named the area; nobody is found.", now=LATER, **changes
    )

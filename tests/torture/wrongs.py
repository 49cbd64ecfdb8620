"""Controls: each takes one safeguard out of the workers of a run. None of this is reachable from the product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pressqueue import texts
from pressqueue.models import Attempt, Item, Post
from pressqueue.moves import leases
from pressqueue.states import PostState
from publisher.destinations.base import Absent, Destination
from publisher.destinations.errors import Later, Refused
from publisher.publishing import recovery
from publisher.takedown import rounds
from publisher.workers.worker import Worker

Spoil = Callable[[Destination], Any]


def put_in(wrong: str) -> Spoil:
    """Put the named wrong in place, in this process; answers what is to be done to each Destination."""
    return _WRONGS[wrong]()


class Blind:
    """A Destination whose search for a lost copy finds nothing."""

    def __init__(self, inner: Destination) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name == "as_withdrawal":
            return lambda: Blind(attribute())
        return (lambda *_, **__: Absent(authoritative=False)) if name == "find" else attribute


def _no_look_up() -> Spoil:
    """What is out of sight counts as absent at once, and is sent again."""
    recovery.absence_counts = lambda *_: True  # type: ignore[assignment]
    return Blind  # type: ignore[return-value]


def _reads_changes_and_saves() -> Spoil:
    """The claim as it is so often written: read what waits, change each, save it. There is no lock and no condition."""

    def take(post: Post, owner: str, lease: timedelta, *, now: datetime, **_: Any) -> Post:
        item = Item.objects.select_related("campaign").get(pk=post.item_id)
        post.state, post.owner, post.until, post.fence = PostState.SENDING, owner, now + lease, post.fence + 1
        post.title = texts.fill(item.title, reference=item.reference, day=None)
        post.caption = texts.fill(item.caption, reference=item.reference, day=None)
        post.save(update_fields=["state", "owner", "until", "fence", "title", "caption"])
        Attempt.objects.get_or_create(post=post, fence=post.fence, defaults={"owner": owner, "began_at": now})
        return post

    leases.take = take
    return _untouched


def _no_reading_back() -> Spoil:
    """A withdrawal that believes its own request, whatever came of it."""

    def believe(worker: Worker, copy: rounds.Copy) -> None:
        destination = worker.destinations[copy.destination].as_withdrawal()
        for ask in (destination.conceal, destination.remove):
            try:
                ask(copy.receipt)
            except (Later, Refused):
                continue
        copy.gone(None, worker.clock())

    rounds._round = believe
    return _untouched


def _untouched(destination: Destination) -> Destination:
    return destination


_WRONGS: dict[str, Callable[[], Spoil]] = {
    "": lambda: _untouched,
    "lookup": _no_look_up,
    "claim": _reads_changes_and_saves,
    "readback": _no_reading_back,
}

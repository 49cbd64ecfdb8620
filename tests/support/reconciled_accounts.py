"""What a platform holds, and what is said of it, for tests of reconciling and adopting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pressqueue.models import Post
from pressqueue.moves import differences
from publisher.destinations.flickr.texts import MARK_TAG
from publisher.destinations.youtube.texts import MARK_PREFIX
from publisher.exercise.sandbox.control import Control
from publisher.reconciliation import adoption
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock


def said(destination: str = "") -> list[tuple[str, str]]:
    return sorted((row.kind, row.remote_id) for row in differences.reported(destination))


def stock(worker: Worker, *names: str) -> int:
    """The first day: everything there is written down."""
    count = 0
    for name in names or tuple(worker.destinations):
        count += adoption.record_unmanaged(worker, name, adoption.strange(worker, name), factories.author())
    return count


def tagged(name: str, mark: str) -> str:
    return (MARK_TAG if name == "flickr" else MARK_PREFIX) + mark


def forget(post: Post, state: str, **more: Any) -> None:
    """As a backup taken before it was posted knows this Post."""
    blank = {"remote_id": None, "url": "", "live_at": None, "revealing_at": None, "asked_public_at": None}
    Post.objects.filter(pk=post.pk).update(state=state, title="", caption="", media_urls=[], **blank, **more)


def come_down(worker: Worker, clock: Clock, control: Control) -> None:
    for _ in range(4):
        scheduler.round(worker, "withdraw")
        clock.on(seconds=1)
        control.advance(1)


def public(control: Control, name: str) -> set[str]:
    things: Iterable[dict[str, Any]] = control.things(name)
    return {thing["id"] for thing in things if thing["visibility"] == "public" and thing["deleted"] is None}

"""A worker that stood still past its lease wakes in the middle of something, while another has gone on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pressqueue.models import Post
from publisher.destinations.base import Parcel, Receipt, Seen
from publisher.destinations.flickr.photos import Flickr
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support.factories import Clock

Queued = Callable[[str], Post]


class StandsStillInDressing:
    """A Flickr whose dressing begins only after another worker has brought the Post live."""

    def __init__(self, inner: Any, meanwhile: Callable[[], None]) -> None:
        self._inner, self._meanwhile = inner, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def apply_metadata(self, *given: Any) -> None:
        self._meanwhile()
        self._inner.apply_metadata(*given)


@pytest.fixture
def frozen(worker: Worker, clock: Clock) -> Worker:
    """Stands still from the beginning of a dressing until another worker has finished."""
    awake = [0.0]

    def meanwhile() -> None:
        awake[0] += worker.office.pace.lease + 1
        clock.on(seconds=worker.office.pace.lease + 1)
        for _ in range(4):
            scheduler.round(worker, "publish")
            clock.on(seconds=1)

    still = replace(worker, name="w2", boot=lambda: awake[0])
    still.destinations = {**worker.destinations}
    still.destinations["flickr"] = StandsStillInDressing(worker.destinations["flickr"], meanwhile)  # type: ignore[assignment]
    return still


def hidden_in_the_end(queued: Queued, frozen: Worker, control: Control) -> bool:
    post = queued("flickr")
    scheduler.round(frozen, "publish")
    post.refresh_from_db()
    (only,) = [thing for thing in control.things() if any(post.mark in tag for tag in thing["tags"])]
    assert post.state == "live"
    return only["visibility"] != "public"


@pytest.mark.parametrize("asked", [True, False], ids=["it asks first", "it stands still after it asked"])
def test_a_worker_that_wakes_in_dressing_does_not_hide_what_was_revealed_meanwhile(
    asked: bool, queued: Queued, frozen: Worker, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its lease still holds is asked before each request; it may stand still just after that."""
    if not asked:
        monkeypatch.setattr("publisher.workers.lease_deadline.check", lambda now: None)
    assert not hidden_in_the_end(queued, frozen, control)


def closes_comments(flickr: Flickr, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
    """As it was: photos.setPerms sets comments and visibility together, so it hides."""
    flickr.conceal(receipt)


@pytest.mark.parametrize("asked", [True, False])
def test_control_a_dressing_that_hides_does_so_where_nothing_is_asked(
    asked: bool, queued: Queued, frozen: Worker, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Flickr, "apply_metadata", closes_comments)
    if not asked:
        monkeypatch.setattr("publisher.workers.lease_deadline.check", lambda now: None)
    assert hidden_in_the_end(queued, frozen, control) is not asked

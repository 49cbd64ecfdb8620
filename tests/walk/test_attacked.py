"""What an attacker, or a slip of the pen, must not achieve at the real destinations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import world
from world import Clock

from pressqueue import moves
from pressqueue.models import Entry, Notice, Post
from publisher import clock as bell
from publisher.sandbox.control import Control
from publisher.worker import Worker

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]


def test_a_stranger_an_officer_points_at_is_neither_revealed_nor_removed(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued("flickr")
    control.fault("flickr.upload", "503", when="before")
    rounds("unsure", most=5)
    (stranger,) = control.plant("flickr", visibility="private")
    post.refresh_from_db()
    moves.settle(world.author(), post, there=stranger, now=clock.now)
    rounds("live")
    post.refresh_from_db()
    assert post.remote_id != stranger
    (left,) = [thing for thing in control.things("flickr") if thing["id"] == stranger]
    assert (left["visibility"], left["deleted"]) == ("private", None)
    assert Notice.objects.filter(cause=f"unsure:{post.pk}:{stranger}").exists()


@pytest.mark.parametrize("operation", ["youtube.session", "youtube.chunk"])
def test_a_sending_that_keeps_failing_waits_instead_of_going_round(
    operation: str, queued: Queued, worker: Worker, control: Control
) -> None:
    queued("youtube")
    control.fault(operation, "503", when="before", times=1000)
    for _ in range(12):
        if not any(bell.round(worker, "publish").values()):
            break
    else:
        raise AssertionError("time stood still and it was sent again and again")
    entries, asked = Entry.objects.count(), control.count(operation)
    bell.round(worker, "publish")
    assert (Entry.objects.count(), control.count(operation)) == (entries, asked)

"""What an attacker, or a slip of the pen, must not achieve at the real destinations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from pressqueue.models import Entry, Notice, Post, Step
from pressqueue.moves import posts, takedown
from publisher.destinations.base import Destination, Seen
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

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
    posts.settle(factories.author(), post, there=stranger, forget=[], now=clock.now)
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
        if not any(scheduler.round(worker, "publish").values()):
            break
    else:
        raise AssertionError("time stood still and it was sent again and again")
    entries, asked = Entry.objects.count(), control.count(operation)
    scheduler.round(worker, "publish")
    assert (Entry.objects.count(), control.count(operation)) == (entries, asked)


def test_a_withdrawal_finds_its_copy_without_the_file_that_was_sent(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    control.fault("flickr.upload", "closed", when="after")
    rounds("unsure", most=1)
    takedown.withdraw(factories.approver(), post.item, "identified", now=worker.clock())
    for file in worker.renditions.root.rglob("*"):
        if file.is_file():
            file.unlink()
    assert rounds("removed") == ["removed"]
    assert all(thing["deleted"] for thing in control.things("flickr"))


def test_what_is_made_public_before_it_was_decided_is_hidden_again_and_told(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.settings(processing_seconds=60.0)
    post = queued("youtube")
    rounds("concealed", most=3)
    post.refresh_from_db()
    control.edit("youtube", post.remote_id or "", visibility="public")
    rounds("concealed", most=1)
    with pytest.raises(AssertionError, match="still"):
        rounds("live", most=4)
    (thing,) = control.things("youtube")
    assert thing["visibility"] == "private"
    assert Notice.objects.filter(cause=f"early:{post.pk}").exists()
    rounds("live", seconds=30)


def test_one_blind_look_is_not_gone(queued: Queued, rounds: Rounds, worker: Worker, control: Control) -> None:
    """A platform may for a moment not know what it holds: what a first look did not find is removed all the same."""
    post = queued("flickr")
    rounds("live")
    takedown.withdraw(factories.approver(), post.item, "eliminated", now=worker.clock())
    inner = worker.destinations["flickr"]
    worker.destinations["flickr"] = cast("Destination", BlindOnce(inner))
    assert rounds("removed") == ["removed"]
    (thing,) = control.things("flickr")
    assert thing["deleted"] is not None


class BlindOnce:
    """A destination whose first look finds nothing."""

    def __init__(self, inner: Destination) -> None:
        self._inner, self._blind = inner, [True]

    def __getattr__(self, name: str) -> Any:
        if name == "as_withdrawal":
            return lambda: self
        if name == "look" and self._blind:
            self._blind.clear()
            return lambda receipt: Seen(receipt.remote_id, False)
        return getattr(self._inner, name)


@pytest.mark.slow
def test_a_platform_that_never_says_whether_it_is_public_is_told_to_a_person(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    control.fault("flickr.photos.setPerms", "503", times=400, match="is_public=1")
    with pytest.raises(AssertionError, match="still"):
        rounds("live", most=int(worker.office.pace.tries) + 12)
    post.refresh_from_db()
    assert post.state == "revealing"
    assert Notice.objects.filter(cause=f"revealing:{post.pk}").exists()


def test_an_overdue_withdrawal_is_told_though_its_destination_is_gone_from_the_configuration(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    del worker.destinations["flickr"]
    clock.on(minutes=16)
    scheduler.round(worker, "withdraw")
    assert Notice.objects.filter(cause=f"takedown:{post.pk}").exists()


def test_a_second_refusal_is_told_again(queued: Queued, rounds: Rounds, worker: Worker, control: Control) -> None:
    post = queued("flickr")
    control.fault("flickr.upload", "413", times=2)
    rounds("failed", most=3)
    Notice.objects.update(sent_at=worker.clock())
    posts.retry(factories.author(), post, now=worker.clock())
    assert not Notice.objects.filter(cause=f"failed:{post.pk}", cleared_at__isnull=True).exists()
    rounds("failed", most=3)
    assert Notice.objects.filter(cause=f"failed:{post.pk}", cleared_at__isnull=True, sent_at__isnull=True).exists()


def test_one_album_that_fails_does_not_stop_the_others(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    """The first Step meets an error of ours; the second Post is filed in the same round."""
    first, second = queued("flickr"), queued("youtube")
    worker.destinations["flickr"] = cast("Destination", FailsToFile(worker.destinations["flickr"]))
    with pytest.raises(AssertionError, match="still"):
        rounds("live", most=20)
    assert Step.objects.get(post=second).state == "done"
    assert Step.objects.get(post=first).state == "waiting"
    assert Notice.objects.filter(cause=f"step:{Step.objects.get(post=first).pk}").exists()


class FailsToFile:
    """A destination with a fault of ours in one method."""

    def __init__(self, inner: Destination) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name == "file_under":
            return lambda receipt, album: {}["a fault of ours"]
        return getattr(self._inner, name)

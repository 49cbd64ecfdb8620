"""The office's clock is moved by an hour, forward and back, at every stage: nothing is doubled, nothing sticks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pressqueue.models import Account, Item, Notice, Post, Spend
from pressqueue.moves import leases, takedown
from publisher.exercise.sandbox.control import Control
from publisher.publishing import delivery, recovery
from publisher.scheduling import rounds, scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

Queued = Callable[[str], Post]
HOUR = 3600.0
BOTH = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])
SOON = 40  # ticks of two seconds: far from an hour


class Time:
    """Both clocks of a worker: they pass together, and one of them is moved."""

    def __init__(self, clock: Clock, control: Control) -> None:
        self._clock, self._control, self.boot = clock, control, 5000.0

    def passes(self, seconds: float = 2.0) -> None:
        self.boot += seconds
        self._clock.now += timedelta(seconds=seconds)
        self._control.advance(seconds)

    def is_moved(self, by: float) -> None:
        self._clock.now += timedelta(seconds=by)


@pytest.fixture
def queued(queued: Queued, clock: Clock) -> Queued:
    """As ever, two hours ago: its window has long been open when the clock is moved back."""

    def queue(destination: str) -> Post:
        clock.now -= timedelta(hours=2)
        post = queued(destination)
        clock.now += timedelta(hours=2)
        return post

    return queue


@pytest.fixture
def time(worker: Worker, clock: Clock, control: Control) -> Time:
    made = Time(clock, control)
    worker.boot = lambda: made.boot
    pace = dataclasses.replace(worker.office.pace, lease=20.0, margin=2.0, renew=8.0, settle=60.0, withdraw_most=4.0)
    worker.office = dataclasses.replace(worker.office, pace=pace)
    ring(worker)
    return made


def ring(worker: Worker) -> None:
    for part in ("withdraw", "clock", "publish"):
        scheduler._run_part(worker, part)


def until(state: str, worker: Worker, time: Time, most: int = SOON) -> None:
    for _ in range(most):
        ring(worker)
        if set(Post.objects.values_list("state", flat=True)) == {state}:
            return
        time.passes()
    rows = list(Post.objects.values_list("state", "words", "not_before", "until", "looks"))
    raise AssertionError(f"not {state} after {most} ticks: {rows}")


def standing(control: Control) -> list[dict[str, Any]]:
    return [thing for thing in control.things() if thing["deleted"] is None]


@pytest.mark.first_row
@BOTH
def test_what_waits_goes_out_soon(by: float, queued: Queued, worker: Worker, time: Time, control: Control) -> None:
    queued("flickr")
    control.fault("flickr.upload", "429html")
    ring(worker)
    Post.objects.update(not_before=worker.clock() + timedelta(minutes=5))
    time.is_moved(by)
    until("live", worker, time, 170)
    assert len(standing(control)) == 1
    assert "was moved" in Notice.objects.get(cause="clock").words


@pytest.mark.first_row
@BOTH
@pytest.mark.parametrize("destination", ["flickr", "youtube"])
def test_in_mid_upload_there_is_one_copy(
    by: float, destination: str, queued: Queued, worker: Worker, time: Time, control: Control
) -> None:
    """And another worker, who takes the lease for over, looks after it at once."""
    post, jumped = queued(destination), [False]
    other = dataclasses.replace(worker, name="w2")

    def boot() -> float:
        begun = Post.objects.values_list("journal", flat=True).get(pk=post.pk)
        if begun and not jumped[0]:
            jumped[0] = True
            time.is_moved(by)
            recovery.sweep(other)
        return time.boot

    worker.boot = boot
    delivery.deliver(worker, post)
    assert jumped[0]
    worker.boot = lambda: time.boot
    until("live", worker, time, 80)
    assert len(control.things()) == 1


@BOTH
def test_a_worker_that_died_before_the_jump_holds_its_post_no_longer_than_a_lease(
    by: float, queued: Queued, worker: Worker, time: Time, control: Control
) -> None:
    post = queued("youtube")
    assert leases.take(post, "dead", worker.lease, now=worker.clock()) is not None
    time.is_moved(by)
    until("live", worker, time)
    assert len(control.things()) == 1


def lost_from_sight(queued: Queued, control: Control) -> None:
    """A video that YouTube has and does not list for forty seconds, and whose session is gone."""
    control.settings(listing_delay=40.0)
    control.fault("youtube.chunk", "session404", when="after")
    queued("youtube")


@pytest.mark.first_row
@BOTH
def test_an_hour_that_never_passed_makes_no_absence_count(
    by: float, queued: Queued, worker: Worker, time: Time, control: Control
) -> None:
    lost_from_sight(queued, control)
    ring(worker)
    assert Post.objects.get().state == "unsure"
    time.passes()
    time.is_moved(by)
    until("live", worker, time)
    assert len(control.things()) == 1


def test_control_without_minding_the_clock_there_are_two(
    queued: Queued, worker: Worker, time: Time, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "jump", lambda _: 0.0)
    lost_from_sight(queued, control)
    ring(worker)
    time.passes()
    time.is_moved(HOUR)
    until("live", worker, time)
    assert len(control.things()) == 2


@BOTH
def test_what_comes_down_is_confirmed_soon(
    by: float, queued: Queued, worker: Worker, time: Time, control: Control
) -> None:
    post = queued("flickr")
    until("live", worker, time)
    takedown.withdraw(factories.approver(), Item.objects.get(pk=post.item_id), "identified", now=worker.clock())
    scheduler.round(worker, "withdraw")
    assert (Post.objects.get().state, len(Post.objects.get().looks)) == ("removing", 1)
    time.is_moved(by)
    until("removed", worker, time, 5)
    assert standing(control) == []


def test_limits_written_by_a_clock_that_ran_ahead_end_with_it(
    queued: Queued, worker: Worker, time: Time, clock: Clock
) -> None:
    """Also where nobody was awake when it came back: the bell was rung at a time that is yet to come."""
    queued("flickr")
    ahead = clock.now + timedelta(days=20)  # far past every limit, and before the appeal is reviewed or comes down
    Account.objects.update_or_create(destination="flickr", defaults={"stop": "account", "until": ahead})
    Spend.objects.create(destination="flickr", bucket="calls", window=ahead, exhausted_until=ahead)
    Post.objects.update(not_before=ahead)
    time.is_moved(20 * 24 * HOUR)
    rounds.run_part(worker, "withdraw")
    time.is_moved(-20 * 24 * HOUR)
    worker.gap = None  # a new process
    until("live", worker, time)

"""What must come down comes down before anything else goes out at that account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import Q

from pressqueue.due import base
from pressqueue.models import Attempt, Post
from pressqueue.moves import leases
from publisher.destinations.errors import UploadInterrupted
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.scheduling import posts_due, scheduler
from publisher.workers.lease_check import LeaseCheck
from publisher.workers.worker import Worker

from support.factories import Clock
from support.withdrawals import withdraw

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]


@pytest.fixture
def after_an_hour_down(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock, worker: Worker
) -> Callable[[], tuple[datetime, list[datetime]]]:
    """An account with much to take down and much to send comes back after an hour.

    Answers when its last withdrawal was confirmed, and when each sending there began since they were asked.
    """

    def play() -> tuple[datetime, list[datetime]]:
        standing = [queued("flickr") for _ in range(4)]
        rounds("live")
        waiting = [queued("flickr").pk for _ in range(5)]
        elsewhere = queued("youtube")
        control.fault("flickr.*", "503", times=1_000_000)
        asked = clock.now
        for post in standing:
            withdraw(post, clock)
        passes(60, step=120)
        elsewhere.refresh_from_db()
        assert elsewhere.state == "live", "another account's withdrawals hold nothing back here"
        control.clear_faults()
        rounds("live", "removed", most=300, seconds=2)
        down = [post.removed_at for post in Post.objects.filter(pk__in=[each.pk for each in standing])]
        tries = Attempt.objects.filter(post__in=waiting, began_at__gte=asked).values_list("began_at", flat=True)
        return max(moment for moment in down if moment), sorted(tries)

    return play


def test_every_withdrawal_is_confirmed_before_the_first_publication_resumes(
    after_an_hour_down: Callable[[], tuple[datetime, list[datetime]]],
) -> None:
    confirmed, tries = after_an_hour_down()
    assert tries
    assert all(began >= confirmed for began in tries)


@pytest.mark.slow
def test_control_without_precedence_publications_run_ahead(
    after_an_hour_down: Callable[[], tuple[datetime, list[datetime]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "pending_takedown", lambda field, now: Q(pk__in=[]))
    monkeypatch.setattr(base, "_composed", base._composed.__wrapped__)  # else as it was composed before, without that
    confirmed, tries = after_an_hour_down()
    assert any(began < confirmed for began in tries)


def test_a_withdrawal_asked_after_the_round_was_listed_goes_first_as_well(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    waiting = queued("flickr")
    listed = list(leases.due(clock.now, destinations=worker.destinations).select_related("item"))
    assert [each.pk for each in listed] == [waiting.pk]
    withdraw(post, clock)
    assert not any(posts_due._ADVANCE[each.state](worker, each) for each in listed)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


@pytest.mark.parametrize("only", [None, "publish", "clock", "withdraw"])
def test_every_process_keeps_a_lane_for_withdrawals(only: str | None) -> None:
    assert scheduler.parts_of(only)[0] == "withdraw"


def test_an_upload_asks_between_renewals_whether_it_is_still_wanted(
    queued: Queued, worker: Worker, clock: Clock, tmp_path: Any
) -> None:
    from dataclasses import replace

    pace = replace(worker.office.pace, lease=60.0, margin=10.0, renew=30.0, ask=1.0)
    worker.office = replace(worker.office, pace=pace)
    post, awake = queued("youtube"), [0.0]
    worker.boot = lambda: awake[0]
    mine = leases.take(post, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    guard = LeaseCheck(worker, mine, began=0.0)
    with parcels.pack(mine, worker.renditions, guard.body).open_body() as body:
        body.read(1024)
        withdraw(post, clock)
        body.read(1024)  # not a second has passed: the database is not asked at each read
        awake[0] = 1.1
        with pytest.raises(UploadInterrupted):
            body.read(1024)
    assert guard.asked_down

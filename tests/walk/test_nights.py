"""Every account is reckoned once a night, and a night says nothing twice that somebody has acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from pressqueue.models import Notice, Post, ReconciliationRun
from pressqueue.moves import differences, reconciliation
from publisher.exercise.sandbox.control import Control
from publisher.publishing import recovery
from publisher.reconciliation import nightly, reconcile
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

Live = Callable[..., list[Post]]


def test_a_night_is_reckoned_once_by_two_schedulers(
    live: Live, worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    live("flickr")
    clock.on(days=1)
    other = worker.twin("other")
    really, met = reconcile.reconcile_account, []

    def meanwhile(mine: Worker, name: str) -> reconcile.ReconciliationResult:
        met.append(nightly.run_round(other))  # the second scheduler rings while the first is reading
        return really(mine, name)

    monkeypatch.setattr(nightly.reconcile, "reconcile_account", meanwhile)
    assert nightly.run_round(worker) == 1
    assert (met, ReconciliationRun.objects.count()) == ([0], 1)
    monkeypatch.undo()
    assert nightly.run_round(other) == 0
    clock.on(days=1)
    assert nightly.run_round(other) == 1
    assert ReconciliationRun.objects.count() == 2


def test_a_night_that_failed_is_tried_again(live: Live, worker: Worker, clock: Clock, control: Control) -> None:
    live("flickr")
    clock.on(days=1)
    control.fault("flickr.people.getPhotos", "503")
    assert nightly.run_round(worker) == 0
    assert nightly.run_round(worker) == 0, "not at once"
    clock.on(minutes=16)
    assert nightly.run_round(worker) == 1


def test_the_first_night_is_the_first_after_something_of_ours_is_there(worker: Worker, live: Live) -> None:
    assert not nightly.due(worker, "flickr")


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-03-02T03:00+00:00", "2026-03-02T03:00+00:00"),
        ("2026-03-02T02:59+00:00", "2026-03-01T03:00+00:00"),
        ("2026-07-01T02:00+00:00", "2026-07-01T02:00+00:00"),  # summer time: 3 o'clock is 2 UTC
        ("2026-10-25T03:30+00:00", "2026-10-25T03:00+00:00"),
    ],
)
def test_the_night_goes_by_the_offices_own_clock(now: str, night: str) -> None:
    found = nightly.last_night(datetime.fromisoformat(now), 3, "Europe/London")
    assert found == datetime.fromisoformat(night)
    assert found.tzinfo is UTC


def nights(worker: Worker, clock: Clock, count: int) -> list[int]:
    """How many Notices of the night each of the next nights raises."""
    raised = []
    for _ in range(count):
        clock.on(days=1)
        before = set(_night_notices().values_list("cause", flat=True))
        scheduler.round(worker, "clock")
        raised.append(len(set(_night_notices().values_list("cause", flat=True)) - before))
    return raised


def _night_notices() -> Any:
    return Notice.objects.filter(cause__startswith="reconcile:flickr:")


def test_a_night_tells_of_what_nobody_has_acknowledged_and_then_no_more(
    live: Live, worker: Worker, clock: Clock, control: Control
) -> None:
    (post,) = live("flickr")
    control.edit("flickr", cast("str", post.remote_id), title="By hand")
    assert nights(worker, clock, 2) == [1, 1]
    assert "By hand" not in _night_notices().latest("pk").words
    reconciliation.acknowledge(factories.author(), None, now=clock.now)
    assert nights(worker, clock, 2) == [0, 0]
    assert not _night_notices().filter(cleared_at__isnull=True).exists()
    control.edit("flickr", cast("str", post.remote_id), title="By hand, once more")
    assert nights(worker, clock, 1) == [1]


def test_control_with_acknowledged_ones_not_left_out_the_night_repeats_itself(
    live: Live, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "reported", differences.unended)
    (post,) = live("flickr")
    control.edit("flickr", cast("str", post.remote_id), title="By hand")
    assert nights(worker, clock, 1) == [1]
    reconciliation.acknowledge(factories.author(), None, now=clock.now)
    assert nights(worker, clock, 2) == [1, 1]


def test_an_acknowledged_title_does_not_keep_a_mended_post_from_being_live(
    live: Live, worker: Worker, clock: Clock, control: Control
) -> None:
    (post,) = live("flickr")
    control.edit("flickr", cast("str", post.remote_id), title="By hand", visibility="private")
    reconcile.reconcile_account(worker, "flickr")
    control.edit("flickr", cast("str", post.remote_id), visibility="public")
    assert _again(worker, post, clock) == "missing"
    reconciliation.acknowledge(factories.author(), None, now=clock.now)
    assert _again(worker, post, clock) == "live"


def _again(worker: Worker, post: Post, clock: Clock) -> str:
    clock.on(hours=2)
    recovery.look_again(worker, Post.objects.get(pk=post.pk))
    return str(Post.objects.get(pk=post.pk).state)

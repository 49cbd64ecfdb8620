"""What stood there before us comes down like a Post of ours: until the platform itself says that it is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue.errors import LeaseLost
from pressqueue.models import Notice, UnmanagedMedia
from pressqueue.moves import leases
from pressqueue.moves import unmanaged as unmanaged_moves
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.takedown import rounds, unmanaged
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.reconciled_accounts import public, stock


@pytest.fixture(params=["flickr", "youtube"])
def down(request: pytest.FixtureRequest, worker: Worker, control: Control, clock: Clock) -> UnmanagedMedia:
    """An inherited public thing, withdrawn by an officer."""
    control.plant(request.param)
    stock(worker, request.param)
    unmanaged_moves.withdraw_inherited(
        factories.author(), list(UnmanagedMedia.objects.all()), "court_order", now=clock.now
    )
    return UnmanagedMedia.objects.get()


def ring(worker: Worker, clock: Clock, control: Control, rounds: int = 4) -> None:
    for _ in range(rounds):
        scheduler.round(worker, "withdraw")
        clock.on(seconds=1)
        control.advance(1)


def test_it_counts_as_gone_after_two_looks(
    down: UnmanagedMedia, worker: Worker, control: Control, clock: Clock
) -> None:
    scheduler.round(worker, "withdraw")
    down.refresh_from_db()
    assert (down.removed_at, len(down.looks)) == (None, 1)
    assert public(control, down.destination) == set()
    ring(worker, clock, control)
    down.refresh_from_db()
    assert down.removed_at is not None


def test_what_somebody_deleted_by_hand_is_gone_as_well(
    down: UnmanagedMedia, worker: Worker, control: Control, clock: Clock
) -> None:
    control.delete(down.destination, down.remote_id)
    ring(worker, clock, control)
    down.refresh_from_db()
    assert down.removed_at is not None


def test_it_is_tried_for_ever_and_told_at_fifteen_minutes(
    down: UnmanagedMedia, worker: Worker, control: Control, clock: Clock
) -> None:
    operation = "flickr.photos.delete" if down.destination == "flickr" else "youtube.videos.delete"
    control.fault(operation, "503", times=1000)
    ring(worker, clock, control, 5)
    down.refresh_from_db()
    assert (down.removed_at, down.tries > 1, down.words != "") == (None, True, True)
    assert public(control, down.destination) == set(), "hidden at once, whatever becomes of the removal"
    clock.on(minutes=15)
    scheduler.round(worker, "withdraw")
    told = Notice.objects.get(cause=f"takedown:inherited:{down.pk}")
    assert down.remote_id in told.words and "503" not in told.words
    control.clear_faults()
    clock.on(minutes=5)
    ring(worker, clock, control)
    down.refresh_from_db()
    assert down.removed_at is not None
    told.refresh_from_db()
    assert told.cleared_at is not None


def test_a_worker_that_was_stopped_in_between_touches_nothing(
    down: UnmanagedMedia, worker: Worker, control: Control, clock: Clock
) -> None:
    mine = unmanaged_moves.pick_up(down, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    assert not unmanaged.take_away_inherited(worker, down), "another has it"
    clock.on(seconds=3)  # past the lease
    assert unmanaged.take_away_inherited(worker, down)
    with pytest.raises(LeaseLost):
        unmanaged_moves.seen_there(mine, mine.fence)
    with pytest.raises(LeaseLost):
        unmanaged_moves.look_later(mine, mine.fence, clock.now)
    late = rounds.Failure("too late", answered=True)
    unmanaged.UnmanagedCopy(worker, mine).failed(late, clock.now, clock.now)
    down.refresh_from_db()
    assert (down.words, len(down.looks)) == ("", 1)


def test_one_that_meets_a_fault_does_not_stop_the_rest(
    down: UnmanagedMedia, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = UnmanagedMedia.objects.create(
        destination=down.destination, remote_id="poisoned", visibility="public", found_at=clock.now,
        decision="withdrawn", take_down_asked_at=clock.now, not_before=clock.now - timedelta(days=1),
    )  # fmt: skip
    really = rounds._round

    def meets_a_fault(mine_worker: Worker, copy: rounds.Copy) -> None:
        if copy.receipt.remote_id == poisoned.remote_id:
            raise KeyError("a fault of ours")
        really(mine_worker, copy)

    monkeypatch.setattr(rounds, "_round", meets_a_fault)
    ring(worker, clock, control)
    down.refresh_from_db()
    assert down.removed_at is not None
    assert Notice.objects.filter(cause=f"fault:inherited:{poisoned.pk}").exists()


def test_what_a_platform_will_not_do_is_a_persons_too_and_holds_nothing_back(
    worker: Worker, control: Control, clock: Clock
) -> None:
    control.plant("flickr")
    stock(worker, "flickr")
    unmanaged_moves.withdraw_inherited(
        factories.author(), list(UnmanagedMedia.objects.all()), "court_order", now=clock.now
    )
    row = UnmanagedMedia.objects.get()
    control.fault("flickr.photos.delete", "flickr_error", times=1000, code=2, msg="Not allowed")
    pending_takedown = UnmanagedMedia.objects.filter(leases.pending_takedown("destination", clock.now))
    assert pending_takedown.exists()
    ring(worker, clock, control, 3 * worker.office.pace.hand_over)
    row.refresh_from_db()
    assert row.handed_at is not None
    assert not pending_takedown.exists()
    assert "Delete this photo" in Notice.objects.get(cause=f"takedown:inherited:{row.pk}:byhand").words
    control.delete("flickr", row.remote_id)  # the person does it; our token still may not
    clock.on(minutes=5)
    ring(worker, clock, control)
    row.refresh_from_db()
    assert row.removed_at is not None

"""What is there under a Post's Mark is taken for its own, so that a restored office posts nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue.errors import Forbidden
from pressqueue.models import Item, Notice, Office, Post, UnmanagedMedia
from pressqueue.moves import leases, reconciliation, takedown
from publisher.exercise.sandbox.control import Control
from publisher.reconciliation import reconcile
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.reconciled_accounts import come_down, forget, public, said, tagged

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]
Live = Callable[..., list[Post]]
PLATFORMS = ["flickr", "youtube"]
UPLOADS = {"flickr": "flickr.upload", "youtube": "youtube.session"}


def test_a_waiting_post_whose_copy_is_there_is_not_sent_again(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    Post.objects.update(not_before=clock.now + timedelta(days=1))
    (copy,) = control.plant("flickr", tags=[tagged("flickr", post.mark)], visibility="private")
    run = reconcile.reconcile_account(worker, "flickr")
    assert run.adopted == (post.item.reference,)
    post.refresh_from_db()
    assert (post.state, post.remote_id) == ("concealed", copy)
    rounds("live")
    assert control.count("flickr.upload") == 0
    assert len(public(control, "flickr")) == 1


def test_a_copy_being_taken_for_its_posts_own_is_not_sent_meanwhile_and_not_lost_with_its_worker(
    queued: Queued, worker: Worker, control: Control, clock: Clock
) -> None:
    """Another worker seized the Post and died before it could write down what it had found."""
    post = queued("flickr")
    control.plant("flickr", tags=[tagged("flickr", post.mark)], visibility="private")
    assert leases.seize(post, "another", worker.lease, now=clock.now) is not None
    assert leases.take(post, worker.name, worker.lease, now=clock.now) is None
    assert reconcile.reconcile_account(worker, "flickr").adopted == ()
    clock.on(seconds=worker.office.pace.lease + 1)
    assert reconcile.reconcile_account(worker, "flickr").adopted == (post.item.reference,)


def test_an_unsure_copy_whose_withdrawal_was_asked_comes_down(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    control.fault("flickr.upload", "503", when="after")
    rounds("unsure", most=5)
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    Office.objects.update(recovering_since=clock.now)
    reconcile.reconcile_account(worker, "flickr")
    post.refresh_from_db()
    assert post.state == "removing"
    come_down(worker, clock, control)
    post.refresh_from_db()
    assert (post.state, UnmanagedMedia.objects.count()) == ("removed", 0)


@pytest.mark.first_row
@pytest.mark.parametrize("name", PLATFORMS)
def test_what_was_posted_after_the_backup_is_adopted_by_its_mark_and_nothing_is_posted_again(
    name: str, live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    """Three Posts made since: one waited in the backup, one was being sent, one had no row at all."""
    (other,) = set(PLATFORMS) - {name}
    waiting, unsure, unknown = live(name, 3)
    ids = [post.remote_id for post in (waiting, unsure, unknown)]
    forget(waiting, "waiting")
    forget(unsure, "unsure", sight_lost_at=clock.now)
    for model in ("attempts", "steps"):
        getattr(unknown, model).all().delete()
    Post.objects.filter(pk=unknown.pk).delete()
    (made_after,) = control.plant(name, tags=[tagged(name, "f" * 32)], title="Made entirely after the backup")
    Office.objects.update(recovering_since=clock.now)
    uploads = control.count(UPLOADS[name])
    run = reconcile.reconcile_account(worker, name)
    assert sorted(run.adopted) == sorted(post.item.reference for post in (waiting, unsure, unknown))
    assert set(Post.objects.values_list("remote_id", "state")) == {(each, "live") for each in ids}
    assert said() == [("unknown", made_after)]
    assert UnmanagedMedia.objects.get().decision == "open"
    with pytest.raises(Forbidden, match=other):
        reconciliation.end_recovery(factories.approver(), ["flickr", "youtube"], now=clock.now)
    reconcile.reconcile_account(worker, other)
    reconciliation.end_recovery(factories.approver(), ["flickr", "youtube"], now=clock.now)
    clock.on(hours=1)
    for _ in range(5):  # that a row was taken out is an alarm by now: nothing more is filed
        scheduler.round(worker)
    assert set(Post.objects.values_list("state", flat=True)) == {"live"}
    assert control.count(UPLOADS[name]) == uploads
    assert len(public(control, name)) == 4


def test_what_was_revealed_after_the_backup_stays_up(
    live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    """The backup holds them as sent and hidden. Delivery would hide them again, were it not for the recovery."""
    hidden, half = live("flickr", 2)
    Post.objects.filter(pk=hidden.pk).update(state="concealed", live_at=None, revealing_at=None)
    Post.objects.filter(pk=half.pk).update(state="revealing", live_at=None, asked_public_at=None)
    Office.objects.update(recovering_since=clock.now)
    scheduler.round(worker, "publish")
    assert len(public(control, "flickr")) == 2
    run = reconcile.reconcile_account(worker, "flickr")
    assert sorted(run.adopted) == sorted([hidden.item.reference, half.item.reference])
    assert set(Post.objects.values_list("state", flat=True)) == {"live"}


def test_what_stands_of_an_item_whose_approval_was_voided_is_adopted_and_told(
    live: Live, worker: Worker, control: Control, clock: Clock
) -> None:
    """A restore voids the approval of every appeal it holds for unposted: its Post is cancelled by then."""
    (post,) = live("flickr")
    forget(post, "cancelled", reason="restored")
    Item.objects.update(state="submitted", held=True)
    Office.objects.update(recovering_since=clock.now)
    assert reconcile.reconcile_account(worker, "flickr").adopted == (post.item.reference,)
    made = Post.objects.exclude(pk=post.pk).get()
    assert (made.state, made.remote_id, made.mark) == ("live", *public(control, "flickr"), post.mark)
    assert "confirm that it may stay" in Notice.objects.get(cause=f"adopted:{made.pk}").words
    assert reconcile.reconcile_account(worker, "flickr").adopted == ()


def test_what_was_withdrawn_is_never_adopted_as_live(
    live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    """The backup knows nothing of its Post; the register says that its Subject was eliminated."""
    (post,) = live("flickr")
    item = post.item
    post.steps.all().delete()
    post.attempts.all().delete()
    post.delete()
    takedown.withdraw(factories.approver(), item, "eliminated", now=clock.now)
    Office.objects.update(recovering_since=clock.now)
    run = reconcile.reconcile_account(worker, "flickr")
    assert (run.adopted, [kind for kind, _ in said()]) == ((), ["left_up"])
    come_down(worker, clock, control)
    assert public(control, "flickr") == set()


def test_nothing_is_sent_or_revealed_while_recovering(
    queued: Queued, worker: Worker, control: Control, clock: Clock
) -> None:
    queued("flickr")
    Office.objects.update(recovering_since=clock.now)
    for _ in range(5):
        scheduler.round(worker, "publish")
        clock.on(minutes=6)
    assert control.count("flickr.upload") == 0
    assert Post.objects.get().state == "waiting"


def test_the_day_number_a_restored_office_forgot_is_read_off_the_title(clock: Clock, office: object) -> None:
    item = factories.approved(factories.feature())
    post = factories.posted(item)
    copy = reconciliation.Copy("7", "", (), "Day 41 - Northshire Police - Police dog Rufus", True)
    Post.objects.update(until=clock.now + timedelta(minutes=1), fence=3)
    post.refresh_from_db()
    done = reconciliation.adopt_post(post, 3, copy, now=clock.now)
    assert (done.state, done.title) == ("live", "Day 41 - Northshire Police - Police dog Rufus")
    item.campaign.refresh_from_db()
    assert item.campaign.next_day == 42

"""Every account held against the ledger: exactly what differs is said, once, and what was taken down stays down."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import world
from accounts import come_down, forget, public, said, stock, tagged
from world import Clock

from pressqueue.errors import Forbidden
from pressqueue.hashing import canonical
from pressqueue.models import Difference, Entry, Inherited, Item, Notice, Office, Post, Reckoning
from pressqueue.moves import leases, reconciliation, takedown
from publisher.destinations import texts
from publisher.destinations.base import Receipt, Seen
from publisher.destinations.errors import Later
from publisher.exercise.sandbox.control import Control
from publisher.publishing import comparison, parcels
from publisher.reconciliation import reconcile
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]
Live = Callable[..., list[Post]]
PLATFORMS = ["flickr", "youtube"]
UPLOADS = {"flickr": "flickr.upload", "youtube": "youtube.session"}

# -- the account with a past ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_among_nine_thousand_inherited_photos_exactly_the_four_changes_by_hand_are_reported(
    live: Live, worker: Worker, clock: Clock, control: Control
) -> None:
    posts = live("flickr", 5)
    years = timedelta(days=5 * 365).total_seconds()
    inherited = control.plant("flickr", 9000, created=clock.now.timestamp() - 86400, spread=years)
    assert stock(worker, "flickr") == 9000
    before = len(control.requests())
    first = reconcile.reckon(worker, "flickr")
    spent = len(control.requests()) - before
    print(f"9,005 photos: {spent} requests")
    assert (first.listed, first.new, said()) == (9005, 0, [])
    assert spent <= 50, "a night's look must leave the hour's 3,600 requests to the work"

    deleted, hidden, retitled, *_ = [cast("str", post.remote_id) for post in posts]
    control.delete("flickr", deleted)
    control.edit("flickr", hidden, visibility="private")
    (added,) = control.plant("flickr", title="Put there by hand")
    control.edit("flickr", retitled, title="Not what was approved")
    control.edit("flickr", inherited[4321], title="What is not ours may be called what it likes")
    second = reconcile.reckon(worker, "flickr")
    assert (second.listed, second.new) == (9005, 4)
    assert said() == sorted([("gone", deleted), ("visibility", hidden), ("unknown", added), ("title", retitled)])
    assert [post.state for post in Post.objects.order_by("pk")] == ["missing", "missing", "live", "live", "live"]
    third = reconcile.reckon(worker, "flickr")
    assert (third.new, len(said())) == (0, 4)
    assert Reckoning.objects.count() == 3


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_the_platform_itself_rewrites_is_no_difference(name: str, live: Live, worker: Worker) -> None:
    live(name, 2)
    assert reconcile.reckon(worker, name).new == 0


def test_control_without_undoing_the_platforms_rewriting_there_would_be_differences(
    live: Live, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    live("flickr")
    Post.objects.update(caption="See www.northshire.police.uk & “call” 101.")
    post = Post.objects.get()
    described = comparison.approved_description(post)
    flickr = worker.destinations["flickr"]
    flickr.amend(Receipt(post.remote_id or "", ""), _texts_of(post, described))
    assert reconcile.reckon(worker, "flickr").new == 0
    monkeypatch.setattr(texts, "normalise", lambda text: text)
    reconcile.reckon(worker, "flickr")
    assert [kind for kind, _ in said()] == ["description"]


def _texts_of(post: Post, description: str) -> Any:
    return replace(parcels.sought(post), title=post.title, description=description)


@pytest.mark.parametrize("name", PLATFORMS)
def test_each_kind_of_change_at_each_platform(
    name: str, live: Live, worker: Worker, control: Control, clock: Clock
) -> None:
    gone, hidden, retitled, described = [cast("str", post.remote_id) for post in live(name, 4)]
    control.delete(name, gone)
    control.edit(name, hidden, visibility="private")
    control.edit(name, retitled, title="Another title")
    control.edit(name, described, description="Other words")
    (added,) = control.plant(name)
    reconcile.reckon(worker, name)
    assert said() == sorted(
        [("gone", gone), ("visibility", hidden), ("title", retitled), ("description", described), ("unknown", added)]
    )
    row = Difference.objects.get(kind="title")
    assert (row.ours.startswith("Do you know this person?"), row.theirs) == (True, "Another title")
    # What was put right by hand ends; what was hidden is live again once it is seen as approved.
    control.edit(name, hidden, visibility="public")
    control.delete(name, added)
    clock.on(hours=2)
    control.advance(7200)
    scheduler.round(worker, "publish")
    reconcile.reckon(worker, name)
    assert [kind for kind, _ in said()] == ["description", "gone", "title"]
    assert Post.objects.get(remote_id=hidden).state == "live"
    assert not Notice.objects.filter(cause__startswith="missing:", cleared_at__isnull=True).exclude(
        cause=f"missing:{Post.objects.get(remote_id=gone).pk}"
    )


def test_what_the_platform_took_off_the_air_itself_is_missing(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("youtube")
    control.edit("youtube", cast("str", post.remote_id), outcome="rejected:copyright")
    reconcile.reckon(worker, "youtube")
    assert said() == [("visibility", post.remote_id)]
    post.refresh_from_db()
    assert (post.state, "copyright" in post.words) == ("missing", True)


# -- a listing is a suspicion, not a finding ------------------------------------------------------------------------


def test_a_listing_that_lags_makes_nothing_missing(live: Live, worker: Worker, control: Control) -> None:
    live("flickr", 2)
    control.settings(listing_delay=1_000_000.0)
    assert reconcile.reckon(worker, "flickr").new == 0
    assert {post.state for post in Post.objects.all()} == {"live"}


def test_what_is_live_for_less_than_the_grace_is_not_spoken_of(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    control.delete("flickr", cast("str", post.remote_id))
    assert reconcile.reckon(worker, "flickr").new == 0
    post.refresh_from_db()
    assert post.state == "live"


def test_a_listing_that_fails_counts_for_nothing(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("flickr")
    control.delete("flickr", cast("str", post.remote_id))
    control.fault("flickr.people.getPhotos", "503")
    with pytest.raises(Later):
        reconcile.reckon(worker, "flickr")
    assert (Reckoning.objects.count(), said()) == (0, [])
    post.refresh_from_db()
    assert post.state == "live"
    assert reconcile.reckon(worker, "flickr").new == 1


def test_a_direct_look_that_fails_leaves_the_post_as_it_was(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("flickr")
    control.delete("flickr", cast("str", post.remote_id))
    control.fault("flickr.photos.getInfo", "503")
    with pytest.raises(Later):
        reconcile.reckon(worker, "flickr")
    post.refresh_from_db()
    assert (post.state, post.until, Reckoning.objects.count()) == ("live", None, 0)


def test_who_works_on_a_post_is_not_disturbed(live: Live, worker: Worker, control: Control, clock: Clock) -> None:
    (post,) = live("flickr")
    control.edit("flickr", cast("str", post.remote_id), title="Half amended")
    Post.objects.update(owner="another", until=clock.now + timedelta(minutes=1), fence=99)
    assert reconcile.reckon(worker, "flickr").new == 0
    post.refresh_from_db()
    assert (post.owner, post.fence, post.state) == ("another", 99, "live")


# -- left up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_was_confirmed_down_and_is_there_is_told_and_taken_down_again(
    name: str, live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live(name)
    takedown.withdraw(world.approver(), post.item, "eliminated", now=clock.now)
    rounds("removed")
    (copy,) = control.plant(name, tags=[tagged(name, post.mark)], title=post.title)
    reconcile.reckon(worker, name)
    assert said() == [("left_up", copy)]
    assert Notice.objects.filter(cause=f"left_up:{name}:{copy}", cleared_at__isnull=True).exists()
    row = Inherited.objects.get(remote_id=copy)
    assert (row.decision, row.reason) == ("withdrawn", "eliminated")
    come_down(worker, clock, control)
    row.refresh_from_db()
    assert row.removed_at is not None
    assert public(control, name) == set()
    assert not Notice.objects.filter(cause=f"left_up:{name}:{copy}", cleared_at__isnull=True).exists()
    reconcile.reckon(worker, name)
    assert said() == []
    assert Entry.objects.filter(act="inherited_left_up").count() == 1


def test_a_removed_post_that_is_seen_again_comes_down_again(
    live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live("flickr")
    Post.objects.update(state="removed", removed_at=clock.now, reason="withdrawn")
    reconcile.reckon(worker, "flickr")
    assert said() == [("left_up", post.remote_id)]
    come_down(worker, clock, control)
    assert public(control, "flickr") == set()


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_second_copy_is_told_and_taken_down_and_the_first_stays(
    name: str, live: Live, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live(name)
    (double,) = control.plant(name, tags=[tagged(name, post.mark)])
    reconcile.reckon(worker, name)
    assert said() == [("left_up", double)]
    told = Notice.objects.get(cause=f"double:{name}:{double}", cleared_at__isnull=True)
    assert f"second copy of {post.item.reference}" in told.words
    come_down(worker, clock, control)
    assert public(control, name) == {post.remote_id}
    scheduler.round(worker, "clock")
    assert not Notice.objects.filter(cause=told.cause, cleared_at__isnull=True).exists()


def test_of_two_copies_none_comes_down_while_the_first_cannot_be_seen(
    live: Live, worker: Worker, control: Control
) -> None:
    (post,) = live("flickr")
    control.plant("flickr", tags=[tagged("flickr", post.mark)])
    control.fault(
        "flickr.photos.getInfo", "flickr_error", code=1, msg="Photo not found", match=post.remote_id, times=99
    )
    reconcile.reckon(worker, "flickr")
    assert not Inherited.objects.exists()


# What somebody changed there -> the kinds of difference that are reported. "OURS" stands for the Post's own Mark.
CHANGED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("flickr", {"tags": []}, {"mark"}),
    ("youtube", {"tags": []}, {"mark"}),
    ("flickr", {"tags": ["police"]}, {"mark", "terms"}),
    ("flickr", {"tags": ["OURS", "police"]}, {"terms"}),
    ("youtube", {"tags": ["OURS", "police"]}, {"terms"}),
    ("flickr", {"safety": 2}, {"terms"}),
    ("flickr", {"safety": 3}, {"terms"}),
    ("flickr", {"licence": "4"}, {"terms"}),
    ("flickr", {"perm_comment": 3}, {"terms"}),
    ("youtube", {"selfDeclaredMadeForKids": True}, {"terms"}),
]


@pytest.mark.parametrize(("name", "change", "kinds"), CHANGED)
def test_whatever_approval_and_recovery_rest_on_is_compared(
    name: str, change: dict[str, Any], kinds: set[str], live: Live, worker: Worker, control: Control
) -> None:
    (post,) = live(name)
    tags = {"tags": [tagged(name, post.mark) if tag == "OURS" else tag for tag in change.get("tags", [])]}
    control.edit(name, post.remote_id or "", **(change | tags if "tags" in change else change))
    reconcile.reckon(worker, name)
    assert said() == [(kind, post.remote_id) for kind in sorted(kinds)]
    post.refresh_from_db()
    assert post.state == "live"


def test_tags_are_the_same_however_a_platform_writes_them(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("flickr")
    content = json.loads(post.package.content)
    content["tags"] = ["Police Dogs", "Rufus & Rex", "día"]
    post.package.content = canonical(content)
    seen = Seen(post.remote_id or "", True, tags=("policedogs", "rufusrex", "DÍA", f"publisher:mark={post.mark}"))
    assert comparison.terms(post, seen) == []
    short = replace(seen, tags=("policedogs", "DÍA", "extra"))
    assert comparison.terms(post, short) == [
        "It carries other tags than were approved: “Rufus & Rex” is missing, “extra” was added."
    ]


# -- by Mark --------------------------------------------------------------------------------------------------------


def test_a_waiting_post_whose_copy_is_there_is_not_sent_again(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    Post.objects.update(not_before=clock.now + timedelta(days=1))
    (copy,) = control.plant("flickr", tags=[tagged("flickr", post.mark)], visibility="private")
    run = reconcile.reckon(worker, "flickr")
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
    assert reconcile.reckon(worker, "flickr").adopted == ()
    clock.on(seconds=worker.office.pace.lease + 1)
    assert reconcile.reckon(worker, "flickr").adopted == (post.item.reference,)


def test_an_unsure_copy_whose_withdrawal_was_asked_comes_down(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    control.fault("flickr.upload", "503", when="after")
    rounds("unsure", most=5)
    takedown.withdraw(world.approver(), post.item, "identified", now=clock.now)
    Office.objects.update(recovering_since=clock.now)
    reconcile.reckon(worker, "flickr")
    post.refresh_from_db()
    assert post.state == "removing"
    come_down(worker, clock, control)
    post.refresh_from_db()
    assert (post.state, Inherited.objects.count()) == ("removed", 0)


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
    run = reconcile.reckon(worker, name)
    assert sorted(run.adopted) == sorted(post.item.reference for post in (waiting, unsure, unknown))
    assert set(Post.objects.values_list("remote_id", "state")) == {(each, "live") for each in ids}
    assert said() == [("unknown", made_after)]
    assert Inherited.objects.get().decision == "open"
    with pytest.raises(Forbidden, match=other):
        reconciliation.end_recovery(world.approver(), ["flickr", "youtube"], now=clock.now)
    reconcile.reckon(worker, other)
    reconciliation.end_recovery(world.approver(), ["flickr", "youtube"], now=clock.now)
    clock.on(hours=1)
    rounds("live")
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
    run = reconcile.reckon(worker, "flickr")
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
    assert reconcile.reckon(worker, "flickr").adopted == (post.item.reference,)
    made = Post.objects.exclude(pk=post.pk).get()
    assert (made.state, made.remote_id, made.mark) == ("live", *public(control, "flickr"), post.mark)
    assert "confirm that it may stay" in Notice.objects.get(cause=f"adopted:{made.pk}").words
    assert reconcile.reckon(worker, "flickr").adopted == ()


def test_what_was_withdrawn_is_never_adopted_as_live(
    live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    """The backup knows nothing of its Post; the register says that its Subject was eliminated."""
    (post,) = live("flickr")
    item = post.item
    post.steps.all().delete()
    post.attempts.all().delete()
    post.delete()
    takedown.withdraw(world.approver(), item, "eliminated", now=clock.now)
    Office.objects.update(recovering_since=clock.now)
    run = reconcile.reckon(worker, "flickr")
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
    item = world.approved(world.feature())
    post = world.posted(item)
    copy = reconciliation.Copy("7", "", (), "Day 41 - Northshire Police - Police dog Rufus", True)
    Post.objects.update(until=clock.now + timedelta(minutes=1), fence=3)
    post.refresh_from_db()
    done = reconciliation.adopt_post(post, 3, copy, now=clock.now)
    assert (done.state, done.title) == ("live", "Day 41 - Northshire Police - Police dog Rufus")
    item.campaign.refresh_from_db()
    assert item.campaign.next_day == 42

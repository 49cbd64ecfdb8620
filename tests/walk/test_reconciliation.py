"""Every account held against the ledger: exactly what differs is said, once, and what was taken down stays down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from pressqueue.hashing import canonical
from pressqueue.models import Difference, Entry, Notice, Post, ReconciliationRun, UnmanagedMedia
from pressqueue.moves import takedown
from publisher.destinations import texts
from publisher.destinations.base import Destination, Receipt, Seen, Window
from publisher.destinations.errors import Incomplete, Later
from publisher.exercise.sandbox.control import Control
from publisher.publishing import comparison, parcels
from publisher.reconciliation import adoption, reconcile
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.reconciled_accounts import come_down, public, said, stock, tagged

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]
Live = Callable[..., list[Post]]
PLATFORMS = ["flickr", "youtube"]


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
    first = reconcile.reconcile_account(worker, "flickr")
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
    second = reconcile.reconcile_account(worker, "flickr")
    assert (second.listed, second.new) == (9005, 4)
    assert said() == sorted([("gone", deleted), ("visibility", hidden), ("unknown", added), ("title", retitled)])
    assert [post.state for post in Post.objects.order_by("pk")] == ["missing", "missing", "live", "live", "live"]
    third = reconcile.reconcile_account(worker, "flickr")
    assert (third.new, len(said())) == (0, 4)
    assert ReconciliationRun.objects.count() == 3


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_the_platform_itself_rewrites_is_no_difference(name: str, live: Live, worker: Worker) -> None:
    live(name, 2)
    assert reconcile.reconcile_account(worker, name).new == 0


def test_control_without_undoing_the_platforms_rewriting_there_would_be_differences(
    live: Live, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    live("flickr")
    Post.objects.update(caption="See www.northshire.police.uk & “call” 101.")
    post = Post.objects.get()
    described = parcels.approved_description(post, post.caption)
    flickr = worker.destinations["flickr"]
    flickr.amend(Receipt(post.remote_id or "", ""), _texts_of(post, described))
    assert reconcile.reconcile_account(worker, "flickr").new == 0
    monkeypatch.setattr(texts, "normalise", lambda text: text)
    reconcile.reconcile_account(worker, "flickr")
    assert [kind for kind, _ in said()] == ["description"]


def _texts_of(post: Post, description: str) -> Any:
    return replace(parcels.sought(post), title=post.title, description=description)


@pytest.mark.first_row
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
    reconcile.reconcile_account(worker, name)
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
    reconcile.reconcile_account(worker, name)
    assert [kind for kind, _ in said()] == ["description", "gone", "title"]
    assert Post.objects.get(remote_id=hidden).state == "live"
    assert not Notice.objects.filter(cause__startswith="missing:", cleared_at__isnull=True).exclude(
        cause=f"missing:{Post.objects.get(remote_id=gone).pk}"
    )


def test_what_the_platform_took_off_the_air_itself_is_missing(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("youtube")
    control.edit("youtube", cast("str", post.remote_id), outcome="rejected:copyright")
    reconcile.reconcile_account(worker, "youtube")
    assert said() == [("visibility", post.remote_id)]
    post.refresh_from_db()
    assert (post.state, "copyright" in post.words) == ("missing", True)


# -- a listing is a suspicion, not a finding ------------------------------------------------------------------------


def test_a_listing_that_lags_makes_nothing_missing(live: Live, worker: Worker, control: Control) -> None:
    live("flickr", 2)
    control.settings(listing_delay=1_000_000.0)
    assert reconcile.reconcile_account(worker, "flickr").new == 0
    assert {post.state for post in Post.objects.all()} == {"live"}


def test_what_is_live_for_less_than_the_grace_is_not_spoken_of(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    control.delete("flickr", cast("str", post.remote_id))
    assert reconcile.reconcile_account(worker, "flickr").new == 0
    post.refresh_from_db()
    assert post.state == "live"


def test_a_listing_that_fails_counts_for_nothing(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("flickr")
    control.delete("flickr", cast("str", post.remote_id))
    control.fault("flickr.people.getPhotos", "503")
    with pytest.raises(Later):
        reconcile.reconcile_account(worker, "flickr")
    assert (ReconciliationRun.objects.count(), said()) == (0, [])
    post.refresh_from_db()
    assert post.state == "live"
    assert reconcile.reconcile_account(worker, "flickr").new == 1


CUT = "More photos were uploaded within one second than Flickr lists."


class CutShort:
    """The same destination, whose listing leaves out what `hidden` names and then says that it is not whole."""

    def __init__(self, inner: Destination, hidden: set[str | None]) -> None:
        self._inner, self._hidden = inner, hidden

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def listing(self, window: Window) -> Iterator[Seen]:
        for seen in self._inner.listing(window):
            if seen.remote_id not in self._hidden:
                yield seen
        raise Incomplete(CUT, answered=True)


def told_of_the_cut() -> str:
    found = Notice.objects.filter(cause="reconcile:flickr:cut", cleared_at__isnull=True)
    return found.get().words if found else ""


def test_what_a_listing_that_is_not_whole_leaves_out_is_neither_missing_nor_over(
    live: Live, worker: Worker, control: Control
) -> None:
    left_out, changed = live("flickr", 2)
    control.edit("flickr", cast("str", changed.remote_id), title="Changed by hand")
    whole = worker.destinations["flickr"]
    assert reconcile.reconcile_account(worker, "flickr").new == 1
    worker.destinations["flickr"] = cast(Destination, CutShort(whole, {left_out.remote_id, changed.remote_id}))
    assert reconcile.reconcile_account(worker, "flickr").new == 0
    assert {post.state for post in Post.objects.all()} == {"live"}
    assert Difference.objects.filter(ended_at__isnull=True).count() == 1, "what was not listed may differ still"
    assert told_of_the_cut() == f"Flickr could not be listed whole. {CUT}"
    worker.destinations["flickr"] = whole
    reconcile.reconcile_account(worker, "flickr")
    assert told_of_the_cut() == ""


def test_who_asks_what_nobody_knows_is_told_that_the_listing_is_not_whole(
    live: Live, worker: Worker, control: Control
) -> None:
    live("flickr")
    control.plant("flickr", 2)
    whole = worker.destinations["flickr"]
    strangers = {seen.remote_id for seen in adoption.strange(worker, "flickr")}
    assert (len(strangers), told_of_the_cut()) == (2, "")
    hidden: set[str | None] = {strangers.pop()}
    worker.destinations["flickr"] = cast(Destination, CutShort(whole, hidden))
    assert {seen.remote_id for seen in adoption.strange(worker, "flickr")} == strangers
    assert told_of_the_cut() == f"Flickr could not be listed whole. {CUT}"


def test_a_direct_look_that_fails_leaves_the_post_as_it_was(live: Live, worker: Worker, control: Control) -> None:
    (post,) = live("flickr")
    control.delete("flickr", cast("str", post.remote_id))
    control.fault("flickr.photos.getInfo", "503")
    with pytest.raises(Later):
        reconcile.reconcile_account(worker, "flickr")
    post.refresh_from_db()
    assert (post.state, post.until, ReconciliationRun.objects.count()) == ("live", None, 0)


def test_who_works_on_a_post_is_not_disturbed(live: Live, worker: Worker, control: Control, clock: Clock) -> None:
    (post,) = live("flickr")
    control.edit("flickr", cast("str", post.remote_id), title="Half amended")
    Post.objects.update(owner="another", until=clock.now + timedelta(minutes=1), fence=99)
    assert reconcile.reconcile_account(worker, "flickr").new == 0
    post.refresh_from_db()
    assert (post.owner, post.fence, post.state) == ("another", 99, "live")


# -- left up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_was_confirmed_down_and_is_there_is_told_and_taken_down_again(
    name: str, live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live(name)
    takedown.withdraw(factories.approver(), post.item, "eliminated", now=clock.now)
    rounds("removed")
    (copy,) = control.plant(name, tags=[tagged(name, post.mark)], title=post.title)
    reconcile.reconcile_account(worker, name)
    assert said() == [("left_up", copy)]
    assert Notice.objects.filter(cause=f"left_up:{name}:{copy}", cleared_at__isnull=True).exists()
    row = UnmanagedMedia.objects.get(remote_id=copy)
    assert (row.decision, row.reason) == ("withdrawn", "eliminated")
    come_down(worker, clock, control)
    row.refresh_from_db()
    assert row.removed_at is not None
    assert public(control, name) == set()
    assert not Notice.objects.filter(cause=f"left_up:{name}:{copy}", cleared_at__isnull=True).exists()
    reconcile.reconcile_account(worker, name)
    assert said() == []
    assert Entry.objects.filter(act="inherited_left_up").count() == 1


def test_a_removed_post_that_is_seen_again_comes_down_again(
    live: Live, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live("flickr")
    Post.objects.update(state="removed", removed_at=clock.now, reason="withdrawn")
    reconcile.reconcile_account(worker, "flickr")
    assert said() == [("left_up", post.remote_id)]
    come_down(worker, clock, control)
    assert public(control, "flickr") == set()


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_second_copy_is_told_and_taken_down_and_the_first_stays(
    name: str, live: Live, worker: Worker, control: Control, clock: Clock
) -> None:
    (post,) = live(name)
    (double,) = control.plant(name, tags=[tagged(name, post.mark)])
    reconcile.reconcile_account(worker, name)
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
    reconcile.reconcile_account(worker, "flickr")
    assert not UnmanagedMedia.objects.exists()


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


@pytest.mark.first_row
@pytest.mark.parametrize(("name", "change", "kinds"), CHANGED)
def test_whatever_approval_and_recovery_rest_on_is_compared(
    name: str, change: dict[str, Any], kinds: set[str], live: Live, worker: Worker, control: Control
) -> None:
    (post,) = live(name)
    tags = {"tags": [tagged(name, post.mark) if tag == "OURS" else tag for tag in change.get("tags", [])]}
    control.edit(name, post.remote_id or "", **(change | tags if "tags" in change else change))
    reconcile.reconcile_account(worker, name)
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

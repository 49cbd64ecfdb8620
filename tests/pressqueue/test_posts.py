"""Posts: leases, fences, the deciding commit, and withdrawal from every state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue.actors import MACHINE, Actor
from pressqueue.errors import Forbidden, GatesClosed, LeaseLost
from pressqueue.models import Account, Attempt, Item, Post
from pressqueue.moves import accounts, holds, leases, posting, posts, takedown

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(seconds=60)


@pytest.fixture
def post() -> Post:
    return factories.posted(factories.approved(factories.appeal()))


def taken(post: Post) -> Post:
    mine = leases.take(post, "w1", LEASE, now=NOW)
    assert mine is not None
    return mine


def sent(post: Post, remote_id: str = "r1") -> Post:
    mine = taken(post)
    return posts.sent(mine, mine.fence, remote_id=remote_id, url="http://x/", media_urls=[], now=NOW)


def live(post: Post) -> Post:
    mine = sent(post)
    mine = posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW)
    return posts.seen(mine, mine.fence, now=NOW)


def state_of(post: Post) -> str:
    return Post.objects.get(pk=post.pk).state


def test_taking_writes_the_attempt_and_fills_the_text(post: Post) -> None:
    mine = taken(post)
    assert (mine.state, mine.fence, mine.owner) == ("sending", 1, "w1")
    assert mine.caption.endswith(f"quoting {post.item.reference}.")
    assert list(Attempt.objects.values_list("post", "fence", "outcome")) == [(post.pk, 1, "")]


def test_a_post_is_taken_once(post: Post) -> None:
    taken(post)
    assert leases.take(post, "w2", LEASE, now=NOW) is None
    assert Attempt.objects.count() == 1


def test_a_worker_whose_lease_was_lost_writes_nothing(post: Post) -> None:
    old = taken(post)
    later = NOW + LEASE + timedelta(seconds=1)
    new = leases.pick_up(old, "w2", LEASE, now=later)
    assert new is not None
    with pytest.raises(LeaseLost):
        posts.sent(old, old.fence, remote_id="r1", url="", media_urls=[], now=later)
    with pytest.raises(LeaseLost):
        leases.save_journal(old.pk, old.fence, {"session": "x"})
    with pytest.raises(LeaseLost):
        leases.renew(old.pk, old.fence, LEASE, now=later)
    assert Post.objects.get(pk=post.pk).remote_id is None


def test_a_lease_that_has_ended_cannot_be_renewed(post: Post) -> None:
    mine = taken(post)
    with pytest.raises(LeaseLost):
        leases.renew(mine.pk, mine.fence, LEASE, now=NOW + LEASE)


def test_a_renewal_tells_that_a_withdrawal_was_asked(post: Post) -> None:
    mine = taken(post)
    assert leases.renew(mine.pk, mine.fence, LEASE, now=NOW) is True
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    assert leases.renew(mine.pk, mine.fence, LEASE, now=NOW) is False


@pytest.mark.parametrize("change", ["hold", "hold_campaign", "freeze"])
def test_what_is_held_or_frozen_is_neither_taken_nor_revealed(post: Post, change: str) -> None:
    concealed = sent(post)
    other = factories.posted(factories.approved(factories.appeal()))
    if change == "hold":
        holds.hold(factories.approver(), post.item, "enquiry", now=NOW)
        holds.hold(factories.approver(), other.item, "enquiry", now=NOW)
    elif change == "hold_campaign":
        holds.hold_campaign(factories.approver(), post.item.campaign, "mourning", now=NOW)
    else:
        holds.freeze(factories.approver(), "all", now=NOW)
    with pytest.raises(Forbidden, match=r"held|paused"):
        posts.begin_reveal(concealed, concealed.fence, needs_attestation=False, now=NOW)
    with pytest.raises(Forbidden, match=r"held|paused"):
        leases.take(other, "w1", LEASE, now=NOW)
    assert state_of(post) == "concealed"
    assert state_of(other) == "waiting"


def test_freezing_features_holds_no_appeal_back(post: Post) -> None:
    holds.freeze(factories.approver(), "features", now=NOW)
    assert live(post).state == "live"


def test_an_approval_that_lapsed_reveals_nothing(post: Post) -> None:
    Item.objects.filter(pk=post.item_id).update(publish_until=NOW + timedelta(days=30))
    post = factories.posted(factories.approved(factories.appeal(publish_until=NOW + timedelta(days=30))))
    mine = sent(post, "r9")
    late = NOW + timedelta(hours=73)
    with pytest.raises(GatesClosed, match="R4"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=late)


def test_nothing_is_revealed_past_its_window(post: Post) -> None:
    mine = sent(post)
    with pytest.raises(GatesClosed, match="R5"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW + timedelta(hours=12))


def test_an_approver_who_lost_the_role_approved_nothing(post: Post) -> None:
    bran = factories.officer("bran", "approver")
    bran.may_approve = False
    bran.save()
    with pytest.raises(GatesClosed, match="R2"):
        leases.take(post, "w1", LEASE, now=NOW)


def test_an_appeal_waits_until_comments_are_attested_off(post: Post) -> None:
    mine = sent(post)
    with pytest.raises(GatesClosed, match="comments are off"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=True, now=NOW)
    Account.objects.create(destination="flickr", comments_closed_at=NOW - timedelta(days=31))
    with pytest.raises(GatesClosed, match="comments are off"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=True, now=NOW)
    Account.objects.update(comments_closed_at=NOW - timedelta(days=29))
    assert posts.begin_reveal(mine, mine.fence, needs_attestation=True, now=NOW).state == "revealing"


def test_a_withdrawal_reaches_every_state(post: Post) -> None:
    """Each row: how the Post stands, and what a withdrawal makes of it."""
    expected = {
        "waiting": "cancelled",
        "failed": "cancelled",
        "sending": "sending",  # a flag: nobody knows yet what there is
        "unsure": "unsure",
        "concealed": "removing",
        "revealing": "removing",
        "blocked": "removing",
        "live": "removing",
        "missing": "removing",
        "removing": "removing",
        "removed": "removed",
        "cancelled": "cancelled",
    }
    found = {}
    for state in expected:
        item = factories.approved(factories.appeal())
        one = factories.posted(item)
        Post.objects.filter(pk=one.pk).update(state=state)
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        one.refresh_from_db()
        found[state] = one.state
        assert (one.take_down_asked_at is not None) == (state not in ("removing", "removed", "cancelled"))
    assert found == expected


def test_what_arrives_after_its_withdrawal_goes_straight_to_removing(post: Post) -> None:
    mine = taken(post)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    assert posts.sent(mine, mine.fence, remote_id="r1", url="", media_urls=[], now=NOW).state == "removing"


def test_what_arrives_after_its_withdrawal_waits_for_nobodys_lease(post: Post) -> None:
    mine = taken(post)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    posts.sent(mine, mine.fence, remote_id="r1", url="", media_urls=[], now=NOW)
    (due,) = leases.due(NOW, destinations=["flickr"], withdrawing=True)
    assert leases.pick_up(due, "w2", LEASE, now=NOW) is not None


def test_what_was_certainly_not_sent_is_cancelled_by_its_withdrawal(post: Post) -> None:
    mine = taken(post)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    assert posts.later(mine, mine.fence, message="refused", not_before=NOW, now=NOW).state == "cancelled"


def test_what_is_found_after_its_withdrawal_is_removed_and_what_is_absent_is_cancelled() -> None:
    for answer, end in (("found", "removing"), ("absent", "cancelled")):
        item = factories.approved(factories.appeal())
        mine = taken(factories.posted(item))
        mine = posts.mark_unconfirmed(mine, mine.fence, message="timeout", not_before=NOW, now=NOW)
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        again = leases.pick_up(Post.objects.get(pk=mine.pk), "w2", LEASE, now=NOW)
        assert again is not None
        if answer == "found":
            after = posts.found(again, again.fence, remote_id=f"r{item.pk}", url="", media_urls=[], now=NOW)
        else:
            after = posts.absent(again, again.fence, now=NOW)
        assert after.state == end


def test_no_reveal_begins_after_a_withdrawal(post: Post) -> None:
    mine = sent(post)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    with pytest.raises((Forbidden, LeaseLost)):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW)


def test_withdrawing_twice_is_not_an_error_and_an_unknown_reason_is(post: Post) -> None:
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    assert takedown.withdraw(factories.approver(), post.item, "withdrawn", now=NOW).ended_reason == "identified"
    with pytest.raises(Forbidden, match="not a reason"):
        takedown.withdraw(factories.approver(), post.item, "bored", now=NOW)


def test_a_package_is_posted_to_a_destination_once(post: Post) -> None:
    assert posting.open_posts(post.item, key=factories.KEY, conceals=factories.FLICKR, due_at=NOW, now=NOW) == []
    live(post)
    assert posting.open_posts(post.item, key=factories.KEY, conceals=factories.FLICKR, due_at=NOW, now=NOW) == []
    assert Post.objects.count() == 1


def test_the_mark_depends_on_item_destination_and_package_only() -> None:
    item = factories.approved(factories.appeal(destinations=["flickr", "youtube"]))
    both = posting.open_posts(item, key=factories.KEY, conceals={"flickr": True, "youtube": True}, due_at=NOW, now=NOW)
    marks = {post.mark for post in both}
    assert len(marks) == 2
    assert all(len(mark) == 32 and set(mark) <= set("0123456789abcdef") for mark in marks)


def test_a_person_settles_what_is_unsure(post: Post) -> None:
    mine = taken(post)
    posts.mark_unconfirmed(mine, mine.fence, message="timeout", not_before=NOW, now=NOW)
    leases.save_journal(mine.pk, mine.fence, {"youtube.session": "x", "flickr.sent_before": "1"})
    pointed = posts.settle(factories.approver(), post, there="4711", forget=["youtube.session"], now=NOW)
    assert (pointed.state, pointed.journal[posts.POINTED_AT]) == ("unsure", "4711")  # the machine looks first
    assert set(pointed.journal) == {"flickr.sent_before", posts.POINTED_AT}
    assert posts.settle(factories.approver(), post, there=None, forget=[], now=NOW).state == "waiting"
    with pytest.raises(Forbidden, match="not unsure"):
        posts.settle(factories.approver(), post, there=None, forget=[], now=NOW)


def test_only_an_active_author_or_approver_settles_and_retries(post: Post) -> None:
    mine = taken(post)
    posts.mark_unconfirmed(mine, mine.fence, message="timeout", not_before=NOW, now=NOW)
    for stranger in (Actor(factories.officer("hal", "administrator").pk, "desk"), MACHINE):
        with pytest.raises(Forbidden):
            posts.settle(stranger, post, there="4711", forget=[], now=NOW)
        with pytest.raises(Forbidden):
            posts.retry(stranger, post, now=NOW)


def test_an_officer_retries_what_failed(post: Post) -> None:
    mine = taken(post)
    posts.refuse(mine, mine.fence, message="too large", now=NOW)
    assert posts.retry(factories.author(), post, now=NOW).state == "waiting"
    with pytest.raises(Forbidden, match="nothing to retry"):
        posts.retry(factories.author(), post, now=NOW)


def test_appeals_are_due_before_features_and_stopped_accounts_not_at_all(post: Post) -> None:
    earlier = NOW - timedelta(hours=1)
    feature = factories.approved(factories.feature(title="A feature", publish_from=earlier, publish_until=NOW + LEASE))
    factories.posted(feature, now=earlier)
    due = [one.pk for one in leases.due(NOW, destinations=["flickr"])]
    assert due[0] == post.pk
    assert len(due) == 2
    accounts.stop("flickr", "account", NOW + LEASE, "The daily limit is used up.", NOW)
    assert not leases.due(NOW, destinations=["flickr"])
    assert leases.due(NOW + LEASE, destinations=["flickr"])
    accounts.stop("flickr", "auth", None, "Connect again.", NOW)
    assert not leases.due(NOW + LEASE, destinations=["flickr"])
    accounts.reconnected("flickr", NOW)
    assert leases.due(NOW, destinations=["flickr"])

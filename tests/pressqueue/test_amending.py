"""What is public is amended: nothing of it changes unapproved, and nothing comes down because words are mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import gates, packages
from pressqueue.errors import Forbidden, GatesClosed, LeaseLost
from pressqueue.models import Entry, Item, Package, Post
from pressqueue.moves import amendments, leases, posting, posts, takedown
from pressqueue.states import PostState

from support import factories
from support.amended_posts import LATER, MENDED, amend, approve, concealed_of, decide, live, refusals, review, written
from support.factories import NOW

# -- what changes, and when --------------------------------------------------------------------------


def test_a_draft_changes_nothing_that_is_public(item: Item, post: Post) -> None:
    before = (item.caption, item.package_id, post.package_id, post.state)
    amendment = amend(item, caption=MENDED)
    item.refresh_from_db()
    post.refresh_from_db()
    assert (item.caption, item.package_id, post.package_id, post.state) == before
    assert packages.content_of(amendment.package)["caption"] == MENDED
    assert amendment.package.pk != item.package_id


def test_the_last_approval_makes_them_the_items_words_and_has_them_written(item: Item, post: Post) -> None:
    mark = post.mark
    amendment = amend(item, caption=MENDED)
    decide(amendment)
    item.refresh_from_db()
    post.refresh_from_db()
    amendment.refresh_from_db()
    assert (item.caption, item.package, item.state) == (MENDED, amendment.package, "approved")
    assert (post.package, post.state, post.mark, post.amending) == (amendment.package, "live", mark, amendment)
    assert amendment.state == "approved", "not written yet"
    assert list(leases.due(LATER, destinations=["flickr"])) == [post]
    written(post)
    amendment.refresh_from_db()
    post.refresh_from_db()
    assert (amendment.state, post.amending, post.caption) == ("written", None, MENDED)
    assert packages.still_describes(amendment.package, Item.objects.get(pk=item.pk))
    assert not leases.due(LATER, destinations=["flickr"]).exists()


def test_a_wrong_date_is_mended_in_the_words_and_in_the_record_together(item: Item) -> None:
    day = (NOW - timedelta(days=8)).date()
    dated = factories.CAPTION.replace("in Mill Lane", f"in Mill Lane on {day.day} {day:%B %Y}")
    with pytest.raises(GatesClosed) as closed:
        amend(item, caption=dated)
    assert refusals(closed) == {"R16"}
    decide(amend(item, caption=dated, record={"incident_at": NOW - timedelta(days=8)}))
    record = gates.Case(gates.Step.LIVE, Item.objects.get(pk=item.pk), LATER).appeal
    assert record.incident_at == NOW - timedelta(days=8)


def test_the_record_is_as_it_was_until_then(item: Item) -> None:
    amendment = amend(item, record={"link_to_offence": "Seen at the door as well."})
    case = gates.Case(gates.Step.LIVE, item, LATER)
    assert case.appeal.link_to_offence == "The person leaves the shop with the goods."
    decide(amendment)
    fresh = gates.Case(gates.Step.LIVE, Item.objects.get(pk=item.pk), LATER)
    assert fresh.appeal.link_to_offence == "Seen at the door as well."


def test_nothing_is_written_where_no_word_of_it_is_public(item: Item, post: Post) -> None:
    amendment = amend(item, record={"risk": "Raised: threats online."})
    decide(amendment)
    amendment.refresh_from_db()
    post.refresh_from_db()
    assert (amendment.state, post.amending, post.package) == ("written", None, amendment.package)


def test_an_earlier_approval_is_void_once_its_words_are_replaced(item: Item) -> None:
    old = item.package
    assert old is not None
    decide(amend(item, caption=MENDED))
    assert not old.approvals.filter(void_at__isnull=True).exists()
    assert set(old.approvals.values_list("void_reason", flat=True)) == {"amended"}


def test_words_that_are_taken_back_are_approved_anew(item: Item, post: Post) -> None:
    first = item.caption
    decide(amend(item, caption=MENDED))
    written(post)
    back = amend(Item.objects.get(pk=item.pk), caption=first)
    assert not back.package.approvals.exists(), "the very words were approved once, of another Package"
    assert Package.objects.filter(item=item).count() == 3


# -- what has not been seen yet ----------------------------------------------------------------------


@pytest.fixture
def half(office: object) -> tuple[Post, Post]:
    """Live at one destination, hidden at the other."""
    ready = factories.approved(factories.appeal(destinations=["flickr", "folder"]))
    both = posting.open_posts(ready, key=factories.KEY, conceals={"flickr": True, "folder": True}, due_at=NOW, now=NOW)
    return live(both[0]), concealed_of(both[1])


def test_what_is_hidden_is_not_revealed_with_the_old_words(half: tuple[Post, Post]) -> None:
    shown, hidden = half
    decide(amend(shown.item, caption=MENDED))
    mine = leases.pick_up(Post.objects.get(pk=hidden.pk), "worker", timedelta(minutes=5), now=LATER)
    assert mine is not None
    with pytest.raises(Forbidden, match="the new ones are written first"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW)
    leases.give_back(mine, mine.fence, NOW)
    assert written(hidden).amending is None


def test_what_waits_is_sent_with_the_new_words(office: object) -> None:
    ready = factories.approved(factories.appeal(destinations=["flickr", "folder"]))
    both = posting.open_posts(ready, key=factories.KEY, conceals={"flickr": True, "folder": True}, due_at=NOW, now=NOW)
    live(both[0])
    amendment = amendments.amend(factories.author(), ready, "The offence was named wrongly.", caption=MENDED, now=NOW)
    factories.verify(factories.investigator(), ready, amendment.package.digest)
    digest = amendment.package.digest
    amendments.approve_amendment(factories.approver(), ready, digest, deciding=factories.viewed(ready), now=NOW)
    waiting = Post.objects.get(pk=both[1].pk)
    assert (waiting.amending, waiting.package) == (None, amendment.package)
    mine = leases.take(waiting, "worker", timedelta(minutes=5), now=NOW)
    assert mine is not None and mine.caption == MENDED.replace("{reference}", ready.reference)


def test_what_a_person_took_down_is_not_made_anew_by_it(item: Item, post: Post) -> None:
    takedown.take_down_post(factories.approver(), post, "other", now=NOW)
    second = Post.objects.create(
        item=item, package=item.package, destination="folder", mark="0" * 32, state=PostState.LIVE, due_at=NOW,
        not_before=NOW, created_at=NOW, revealing_at=NOW, remote_id="there",
    )  # fmt: skip
    mine = leases.pick_up(Post.objects.get(pk=post.pk), "worker", timedelta(minutes=5), now=NOW)
    assert mine is not None
    posts.gone(mine, mine.fence, now=NOW)
    decide(amend(item, caption=MENDED))
    both = {"flickr": True, "folder": True}
    assert posting.open_posts(item, key=factories.KEY, conceals=both, due_at=LATER, now=LATER) == []
    assert second.item_id == item.pk


# -- what ends it ------------------------------------------------------------------------------------


def test_it_is_dropped_with_a_reason_and_may_be_drafted_again(item: Item) -> None:
    amendment = amend(item, caption=MENDED)
    with pytest.raises(Forbidden, match="Say why"):
        amendments.drop_amendment(factories.approver(), item, "", now=LATER)
    amendments.drop_amendment(factories.approver(), item, "Name the road.", now=LATER)
    amendment.refresh_from_db()
    assert (amendment.state, amendment.refusal) == ("dropped", "Name the road.")
    amend(item, caption=MENDED)


def test_a_withdrawal_drops_what_was_to_be_amended(item: Item, post: Post) -> None:
    amendment = amend(item, caption=MENDED)
    takedown.withdraw(factories.approver(), item, "identified", now=LATER)
    amendment.refresh_from_db()
    assert (amendment.state, amendment.ended_reason) == ("dropped", "identified")
    with pytest.raises(Forbidden):
        approve(amendment)


def test_a_withdrawal_takes_a_copy_from_whoever_is_writing_into_it(item: Item, post: Post) -> None:
    decide(amend(item, caption=MENDED))
    mine = leases.pick_up(Post.objects.get(pk=post.pk), "worker", timedelta(minutes=5), now=LATER)
    assert mine is not None
    takedown.withdraw(factories.approver(), item, "identified", now=LATER)
    with pytest.raises(LeaseLost):
        amendments.amended(mine, mine.fence, title="", caption=MENDED, now=LATER)
    post.refresh_from_db()
    assert (post.state, post.amending) == ("removing", None)


def test_newer_words_overtake_those_not_written_yet(item: Item, post: Post) -> None:
    older = amend(item, caption=MENDED)
    decide(older)
    late = leases.pick_up(Post.objects.get(pk=post.pk), "worker", timedelta(minutes=5), now=LATER)
    assert late is not None
    newer = amend(Item.objects.get(pk=item.pk), title="Can you help us find this person? {reference}")
    decide(newer)
    with pytest.raises(LeaseLost):
        amendments.amended(late, late.fence, title=late.title, caption=MENDED, now=LATER)
    post.refresh_from_db()
    older.refresh_from_db()
    assert (post.amending, older.state, older.ended_reason) == (newer, "dropped", "superseded")
    assert packages.content_of(post.package)["caption"] == MENDED, "the newer words build on the older"


def test_older_words_can_no_longer_arrive_when_the_newer_ones_are_written(item: Item, post: Post) -> None:
    decide(amend(item, caption=MENDED))
    lease = timedelta(minutes=5)
    writing = leases.pick_up(Post.objects.get(pk=post.pk), "slow", lease, now=LATER)
    assert writing is not None
    decide(amend(Item.objects.get(pk=item.pk), title="Can you help us find this person? {reference}"))
    fresh = Post.objects.get(pk=post.pk)
    assert leases.pick_up(fresh, "quick", lease, now=LATER + lease / 2) is None, "somebody's request is still under way"
    assert leases.pick_up(fresh, "quick", lease, now=LATER + lease) is not None
    with pytest.raises(LeaseLost):
        amendments.amended(writing, writing.fence, title=writing.title, caption=MENDED, now=LATER + lease)


def test_a_review_does_not_lose_words_that_are_not_written_yet(item: Item, post: Post) -> None:
    decide(amend(item, caption=MENDED))
    decide(review(Item.objects.get(pk=item.pk)))
    post.refresh_from_db()
    assert post.amending is not None and post.amending.is_review
    assert written(post).caption == MENDED


def test_it_is_over_when_the_last_copy_came_down_unwritten(item: Item, post: Post) -> None:
    amendment = amend(item, caption=MENDED)
    decide(amendment)
    takedown.take_down_post(factories.approver(), Post.objects.get(pk=post.pk), "other", now=LATER)
    assert amendments.finish_written(now=LATER) == 1
    amendment.refresh_from_db()
    assert amendment.state == "written"


def test_what_is_mended_stays_up_throughout(item: Item, post: Post) -> None:
    amendment = amend(item, caption=MENDED)
    states = {Post.objects.get(pk=post.pk).state}
    decide(amendment)
    states.add(Post.objects.get(pk=post.pk).state)
    written(post)
    states.add(Post.objects.get(pk=post.pk).state)
    assert states == {"live"}
    assert not Entry.objects.filter(act__in=["post_take_down", "post_cancel"]).exists()

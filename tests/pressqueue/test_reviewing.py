"""What is public is looked at again and kept up: with a fresh reason, by two people, and by the same rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import BlockedImage, Item, Notice, Post, Subject
from pressqueue.moves import amendment_trial, live_checks, subjects
from pressqueue.moves import amendments as amendment_moves

from support import factories
from support.amended_posts import LATER, MENDED, amend, approve, decide, refusals, review
from support.factories import NOW


def test_a_review_moves_both_dates_and_writes_nothing(item: Item, post: Post) -> None:
    drafted = review(item)
    decide(drafted)
    item.refresh_from_db()
    drafted.refresh_from_db()
    post.refresh_from_db()
    assert (item.expires_at, drafted.state, post.amending) == (LATER + timedelta(days=27), "written", None)
    assert gates.Case(gates.Step.LIVE, item, LATER).appeal.review_at == LATER + timedelta(days=20)


def test_a_review_ends_the_asking_for_one(item: Item) -> None:
    overdue = NOW + timedelta(days=22)
    live_checks.watch(item, now=overdue)
    asked = Notice.objects.get(cause=f"live:{item.pk}:ReviewDue")
    person = item.subjects.get()
    drafted = amendment_moves.draft_review(
        factories.author(), item, "Still nobody is found.", review_at=overdue + timedelta(days=14),
        expires_at=overdue + timedelta(days=20), now=overdue,
    )  # fmt: skip
    factories.verify(factories.investigator(), item, drafted.package.digest, now=overdue)
    deciding = factories.viewed(item, now=overdue)
    with pytest.raises(GatesClosed) as closed:
        amendment_moves.approve_amendment(
            factories.approver(), item, drafted.package.digest, deciding=deciding, now=overdue
        )
    assert refusals(closed) == {"R24"}, "nobody has asked since whether the person was arrested"
    subjects.record_check(factories.investigator(), person, "none", name="OIC", now=overdue)
    amendment_moves.approve_amendment(
        factories.approver(), item, drafted.package.digest, deciding=deciding, now=overdue
    )
    asked.refresh_from_db()
    assert asked.cleared_at is not None
    item.refresh_from_db()
    assert not live_checks.watch(item, now=NOW + timedelta(days=35)), (
        "it would have come down a week after the first date"
    )
    assert Post.objects.get(item=item).state == "live"


def test_control_without_the_review_it_comes_down(item: Item) -> None:
    assert item.expires_at is not None and item.expires_at < NOW + timedelta(days=29)
    Item.objects.filter(pk=item.pk).update(expires_at=None)
    assert live_checks.watch(Item.objects.get(pk=item.pk), now=NOW + timedelta(days=35))
    assert Post.objects.get(item=item).state == "removing"


def test_a_review_says_why_it_is_still_necessary_and_until_when(item: Item) -> None:
    with pytest.raises(Forbidden, match="still necessary"):
        amendment_moves.draft_review(factories.author(), item, " ", review_at=LATER + timedelta(days=3), now=LATER)
    with pytest.raises(Forbidden, match="looked at again"):
        amendment_moves.draft_review(factories.author(), item, "Nobody is found.", now=LATER)


@pytest.mark.parametrize(
    ("review_in", "ends_in", "rule"), [(90, 100, "R1"), (5, 3, "R1"), (5, 400, "R1"), (5, -1, "R34")]
)
def test_a_review_goes_no_further_than_the_force_allows(item: Item, review_in: int, ends_in: int, rule: str) -> None:
    with pytest.raises(GatesClosed) as closed:
        review(item, days=review_in, expires_at=LATER + timedelta(days=ends_in))
    assert rule in refusals(closed)


def test_the_review_date_is_moved_by_a_review_only(item: Item) -> None:
    with pytest.raises(Forbidden, match="publisher review"):
        amend(item, record={"review_at": LATER + timedelta(days=20)})


def test_a_review_may_hand_the_case_to_another_officer_who_then_verifies(item: Item) -> None:
    other = factories.officer("ines", "investigator")
    amendment = amend(item, record={"investigator": other})
    with pytest.raises(Forbidden, match="not your case"):
        factories.verify(factories.investigator(), item, amendment.package.digest, now=LATER)
    factories.verify(Actor(other.pk, "desk"), item, amendment.package.digest, now=LATER)
    approve(amendment)
    assert gates.Case(gates.Step.LIVE, Item.objects.get(pk=item.pk), LATER).appeal.investigator == other


def test_what_it_would_be_is_read_and_never_kept(item: Item) -> None:
    amendment = amend(item, caption=MENDED, record={"risk": "Raised."})
    with amendment_trial.proposed(item, amendment):
        assert Item.objects.get(pk=item.pk).caption == MENDED
    assert Item.objects.get(pk=item.pk).caption == item.caption == factories.CAPTION
    assert not BlockedImage.objects.exists() and Subject.objects.exists()

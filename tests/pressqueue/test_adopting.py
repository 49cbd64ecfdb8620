"""Things inherited, differences acknowledged: who may decide, and what is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from pressqueue import audit, hashing, texts
from pressqueue.actors import MACHINE, Actor
from pressqueue.errors import Forbidden, LeaseLost, NotFound
from pressqueue.models import Difference, Entry, Notice, ReconciliationRun, Subject, UnmanagedMedia
from pressqueue.moves import differences, reconciliation, subjects, unmanaged
from pressqueue.moves.differences import Found

from support import factories

NOW = factories.NOW
Kind = Difference.Kind


@pytest.fixture
def things(office: object) -> list[UnmanagedMedia]:
    """Three things that stood there before us."""
    fresh = [
        UnmanagedMedia(destination="flickr", remote_id=str(n), visibility="public", found_at=NOW) for n in (1, 2, 3)
    ]
    unmanaged.record_unmanaged(factories.author(), "flickr", fresh, now=NOW)
    return list(UnmanagedMedia.objects.order_by("pk"))


def decisions() -> list[str]:
    return list(UnmanagedMedia.objects.order_by("pk").values_list("decision", flat=True))


def subject(outcome: str = "") -> Subject:
    return Subject.objects.create(number="WTN-0007", campaign=factories.operation(), created_at=NOW, outcome=outcome)


def test_taking_stock_again_changes_no_decision(things: list[UnmanagedMedia]) -> None:
    unmanaged.keep(factories.author(), things[:1], now=NOW)
    again = [UnmanagedMedia(destination="flickr", remote_id=str(n), visibility="public", found_at=NOW) for n in (1, 4)]
    assert unmanaged.record_unmanaged(factories.author(), "flickr", again, now=NOW) == 1
    assert decisions() == ["kept", "open", "open", "open"]


def test_every_decision_is_a_persons_and_leaves_an_entry(things: list[UnmanagedMedia]) -> None:
    with pytest.raises(Forbidden):
        unmanaged.keep(Actor(None, "cli"), things, now=NOW)
    disabled = factories.officer("carol", "author")
    disabled.is_active = False
    disabled.save()
    with pytest.raises(Forbidden):
        unmanaged.withdraw_inherited(Actor(disabled.pk, "cli"), things, "withdrawn", now=NOW)
    assert decisions() == ["open"] * 3
    unmanaged.keep(factories.author(), things, now=NOW)
    entry = Entry.objects.get(act="inherited_kept")
    assert [entry.actor, entry.about] == [
        f"officer:{factories.officer('amara').pk}",
        hashing.canonical({"inherited": [thing.pk for thing in things]}),
    ]
    audit.verify()


def test_a_review_needs_an_owner_who_can_look_and_a_day_to_come(things: list[UnmanagedMedia]) -> None:
    owner = factories.officer("bran", "approver")
    with pytest.raises(Forbidden, match="future"):
        unmanaged.review(factories.author(), things, owner, NOW, now=NOW)
    unmanaged.review(factories.author(), things, owner, NOW + timedelta(days=1), now=NOW)
    unmanaged.notify_overdue_reviews(NOW)
    assert not Notice.objects.filter(cause__startswith="review:").exists()
    unmanaged.notify_overdue_reviews(NOW + timedelta(days=1))
    assert Notice.objects.filter(cause__startswith="review:", words__startswith="For bran").count() == 3
    unmanaged.keep(factories.author(), things, now=NOW)
    assert not Notice.objects.filter(cause__startswith="review:", cleared_at__isnull=True).exists()


def test_what_comes_down_is_not_decided_about_again(things: list[UnmanagedMedia]) -> None:
    unmanaged.withdraw_inherited(factories.author(), things[:1], "consent_withdrawn", now=NOW)
    with pytest.raises(Forbidden, match="was withdrawn"):
        unmanaged.keep(factories.author(), things, now=NOW)
    assert decisions() == ["withdrawn", "open", "open"]
    assert unmanaged.withdraw_inherited(factories.author(), things, "withdrawn", now=NOW) == 2
    assert UnmanagedMedia.objects.get(pk=things[0].pk).reason == "consent_withdrawn"
    with pytest.raises(Forbidden, match="not a reason"):
        unmanaged.withdraw_inherited(factories.author(), things, "bored", now=NOW)


def test_what_is_linked_falls_with_its_subject(things: list[UnmanagedMedia]) -> None:
    sought = subject()
    unmanaged.link(factories.author(), things[:2], sought, now=NOW)
    subjects.outcome(factories.author(), sought, "arrested", now=NOW)
    assert decisions() == ["withdrawn", "withdrawn", "open"]
    assert UnmanagedMedia.objects.get(pk=things[0].pk).subject == sought


def test_what_is_linked_to_a_search_that_is_over_comes_down_at_once(things: list[UnmanagedMedia]) -> None:
    unmanaged.link(factories.author(), things[:1], subject("eliminated"), now=NOW)
    row = UnmanagedMedia.objects.get(pk=things[0].pk)
    assert (row.decision, row.reason, row.take_down_asked_at) == ("withdrawn", "eliminated", NOW)


def test_a_worker_that_comes_too_late_confirms_nothing(things: list[UnmanagedMedia]) -> None:
    unmanaged.withdraw_inherited(factories.author(), things[:1], "withdrawn", now=NOW)
    UnmanagedMedia.objects.update(fence=5)
    with pytest.raises(LeaseLost):
        unmanaged.inherited_gone(things[0], 4, now=NOW)
    unmanaged.inherited_gone(things[0], 5, now=NOW)
    with pytest.raises(LeaseLost):
        unmanaged.inherited_gone(things[0], 5, now=NOW)
    assert Entry.objects.filter(act="inherited_gone").count() == 1


def test_what_is_seen_again_after_it_was_gone_comes_down_again_under_a_new_fence(things: list[UnmanagedMedia]) -> None:
    unmanaged.withdraw_inherited(factories.author(), things[:1], "withdrawn", now=NOW)
    unmanaged.inherited_gone(things[0], 0, now=NOW)
    thing = UnmanagedMedia(destination="flickr", remote_id="1", visibility="public", found_at=NOW)
    row = unmanaged.still_published(thing, "withdrawn", post_id=None, now=NOW)
    assert (row.pk, row.removed_at, row.fence) == (things[0].pk, None, 1)
    assert unmanaged.still_published(thing, "withdrawn", post_id=None, now=NOW).fence == 1, "it is coming down already"


def found(remote_id: str, theirs: str = "x") -> Found:
    return Found(remote_id, Kind.TITLE, "It differs.", "approved", theirs)


def recorded(rows: Sequence[Found], untouched: Sequence[str] = ()) -> int:
    return differences.record("flickr", rows, set(untouched), NOW)


def test_a_difference_stands_once_and_ends(office: object) -> None:
    assert recorded([found("1"), found("2"), found("2")]) == 2
    assert recorded([found("1"), found("2")]) == 0
    assert recorded([found("1", "another")]) == 1
    standing = [(row.remote_id, row.theirs) for row in differences.unended()]
    assert standing == [("1", "another")]
    assert recorded([], untouched=["1"]) == 0
    assert differences.unended().count() == 1, "nobody could look: it neither stands anew nor ends"
    assert recorded([]) == 0
    assert not differences.unended().exists()
    assert recorded([found("1", "another")]) == 1, "what comes back is reported again"


def test_a_difference_is_acknowledged_by_a_person_and_by_number(office: object) -> None:
    recorded([found("1"), found("2")])
    first, second = differences.reported()
    with pytest.raises(Forbidden):
        reconciliation.acknowledge(MACHINE, None, now=NOW)
    with pytest.raises(NotFound):
        reconciliation.acknowledge(factories.author(), [first.pk, 999], now=NOW)
    assert [row.pk for row in reconciliation.acknowledge(factories.author(), [first.pk], now=NOW)] == [first.pk]
    assert [row.pk for row in differences.reported()] == [second.pk]
    assert reconciliation.acknowledge(factories.author(), [first.pk], now=NOW) == []
    assert Entry.objects.filter(act="difference_acknowledged").count() == 1
    recorded([found("1", "changed again"), found("2")])
    assert differences.reported().count() == 2, "another change is another difference"


def test_a_recovery_ends_by_a_person_and_only_when_every_account_was_reckoned_since(office: object) -> None:
    with pytest.raises(Forbidden, match="was not restored"):
        reconciliation.end_recovery(factories.approver(), ["flickr"], now=NOW)
    row = factories.office()
    row.recovering_since = NOW
    row.save()
    before = NOW - timedelta(minutes=1)
    ReconciliationRun.objects.create(destination="flickr", began_at=before, ended_at=NOW, listed=0, differing=0)
    with pytest.raises(Forbidden, match="flickr"):
        reconciliation.end_recovery(factories.approver(), ["flickr"], now=NOW)
    ReconciliationRun.objects.create(destination="flickr", began_at=NOW, ended_at=NOW, listed=0, differing=0)
    with pytest.raises(Forbidden):
        reconciliation.end_recovery(MACHINE, ["flickr"], now=NOW)
    reconciliation.end_recovery(factories.approver(), ["flickr"], now=NOW)
    row.refresh_from_db()
    assert row.recovering_since is None


@pytest.mark.parametrize(
    ("template", "filled", "day"),
    [
        ("Day {day} - Rufus", "Day 12 - Rufus", 12),
        ("Day {day} -  Rufus", "Day 12 - Rufus", 12),
        ("{reference}, day {day}", "POD-0001, day 3", 3),
        ("Day {day} ({day})", "Day 3 (3)", 3),
        ("Day {day} ({day})", "Day 3 (4)", None),
        ("Day {day}", "Day twelve", None),
        ("Rufus", "Rufus", None),
    ],
)
def test_a_day_number_is_read_off_a_filled_text(template: str, filled: str, day: int | None) -> None:
    assert texts.day_in(template, reference="POD-0001", filled=filled) == day


def test_a_link_made_while_the_search_ends_comes_down_all_the_same(things: list[UnmanagedMedia]) -> None:
    """Whoever links holds the Subject as it was read a moment before its outcome."""
    stale = subject()
    subjects.outcome(factories.author(), Subject.objects.get(pk=stale.pk), "eliminated", now=NOW)
    assert stale.outcome == ""
    unmanaged.link(factories.author(), things[:1], stale, now=NOW)
    row = UnmanagedMedia.objects.get(pk=things[0].pk)
    assert (row.decision, row.take_down_asked_at, row.reason) == ("withdrawn", NOW, "eliminated")


def test_a_name_that_is_not_confirmed_takes_nothing_linked_down(things: list[UnmanagedMedia]) -> None:
    unmanaged.link(factories.author(), things[:1], subject("named_unconfirmed"), now=NOW)
    assert decisions()[0] == "linked"

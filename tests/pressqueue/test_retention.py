"""Retention: evidence outlives publication, holds keep it, two people purge it, and a restore does so again (R40)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue import register
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Item, LegalHold, Post, Purge, RegisterLine
from pressqueue.moves import items, recovery, retention, takedown
from pressqueue.register import RegisterEvent

from support import factories, pack_recipients
from support.purgeable_items import AUTHORITY, OVER, down, purged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW


@pytest.fixture
def item() -> Item:
    return down(factories.approved(factories.appeal()))


def test_nothing_is_purged_before_its_retention_review(item: Item) -> None:
    day = NOW + timedelta(days=364)
    assert any("retention review on 2 March 2027" in each for each in retention.why_kept(item, day))
    assert retention.purgeable(day) == []
    with pytest.raises(Forbidden, match="retention review"):
        retention.ask_purge(factories.author(), item, AUTHORITY, now=day)
    assert retention.why_kept(item, OVER) == []
    assert retention.purgeable(OVER) == [item]


def test_a_retention_review_keeps_it_longer(item: Item) -> None:
    later = OVER + timedelta(days=400)
    retention.review_retention(factories.author(), item, later.date(), "The appeal is still open.", now=OVER)
    assert retention.purgeable(OVER) == []
    assert retention.kept_until(item) == later.date()
    assert retention.purgeable(later) == [item]
    with pytest.raises(Forbidden, match="lies in the past"):
        retention.review_retention(factories.author(), item, NOW.date(), "x", now=OVER)


def test_an_appeal_that_no_review_was_ever_set_for_is_kept(item: Item) -> None:
    type(item.appeal_record).objects.update(retention_review_on=None)  # type: ignore[attr-defined]
    assert retention.why_kept(item, OVER) == ["No retention review was ever set: set its day first."]
    assert retention.purgeable(OVER) == []


def _live(item: Item) -> None:
    pack_recipients.live(item)


def _coming_down(item: Item) -> None:
    pack_recipients.live(item)
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)


def _address_answers(item: Item) -> None:
    post = pack_recipients.live(item)
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    pack_recipients.removed(post, now=NOW)


def _duty_open(item: Item) -> None:
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW)


def _recall_open(item: Item) -> None:
    pack_recipients.disclosed(item)
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (_live, "only what was withdrawn"),
        (_coming_down, "not confirmed down"),
        (_address_answers, "still answers"),
        (_duty_open, "Duties"),
        (_recall_open, "has not acknowledged"),
    ],
)
def test_nothing_is_purged_while_it_is_up_or_something_is_owed(what: Callable[[Item], None], words: str) -> None:
    item = factories.approved(factories.appeal())
    what(item)
    item.refresh_from_db()
    with pytest.raises(Forbidden, match=words):
        retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)


@pytest.mark.parametrize("of", ["item", "subject"])
def test_a_legal_hold_on_the_item_or_the_person_keeps_it(item: Item, of: str) -> None:
    on = item if of == "item" else item.subjects.get()
    asked = retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)
    hold = retention.place_hold(factories.author(), on, "An appeal is pending.", "Legal services, 3 March", now=OVER)
    assert any("An appeal is pending" in each for each in retention.why_kept(item, OVER))
    with pytest.raises(Forbidden, match="legal hold"):  # also what was asked for before
        retention.confirm_purge(factories.approver(), asked, now=OVER)
    retention.lift_hold(factories.approver(), hold, "Legal services, 9 March", now=OVER)
    assert retention.confirm_purge(factories.approver(), asked, now=OVER).erased_at == OVER


def test_a_hold_says_why_and_by_whom_and_is_lifted_by_another(item: Item) -> None:
    both = Actor(factories.officer("cleo", "author", "approver").pk, "desk")
    for why, authority in (("", "Legal"), ("A case", " ")):
        with pytest.raises(Forbidden, match="Say"):
            retention.place_hold(both, item, why, authority, now=NOW)
    hold = retention.place_hold(both, item, "A case", "Legal", now=NOW)
    with pytest.raises(Forbidden, match="somebody else must lift it"):
        retention.lift_hold(both, hold, "Legal", now=NOW)
    with pytest.raises(Forbidden, match="Only an active approver"):
        retention.lift_hold(factories.author(), hold, "Legal", now=NOW)
    retention.lift_hold(factories.approver(), hold, "Legal", now=NOW)
    with pytest.raises(Forbidden, match="lifted already"):
        retention.lift_hold(factories.approver(), hold, "Legal", now=NOW)


def test_two_people_purge_and_never_the_same_one_twice(item: Item) -> None:
    both = Actor(factories.officer("cleo", "author", "approver").pk, "desk")
    with pytest.raises(Forbidden, match="Say which retention decision"):
        retention.ask_purge(both, item, " ", now=OVER)
    asked = retention.ask_purge(both, item, AUTHORITY, now=OVER)
    with pytest.raises(Forbidden, match="asked for already"):
        retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)
    with pytest.raises(Forbidden, match="somebody else must confirm"):
        retention.confirm_purge(both, asked, now=OVER)
    with pytest.raises(Forbidden, match="Only an active approver"):
        retention.confirm_purge(factories.author(), asked, now=OVER)
    item.refresh_from_db()
    assert (item.purged_at, bool(item.title)) == (None, True)
    done = retention.confirm_purge(factories.approver(), asked, now=OVER)
    assert (done.asked_by_id, done.confirmed_by, done.authority) == (
        both.officer_id,
        factories.officer("bran"),
        AUTHORITY,
    )
    with pytest.raises(Forbidden, match="purged already"):
        retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)


def test_a_purge_that_was_dropped_erases_nothing_and_may_be_asked_for_again(item: Item) -> None:
    asked = retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)
    assert retention.purgeable(OVER) == []
    retention.drop_purge(factories.approver(), asked, now=OVER)
    with pytest.raises(Forbidden, match="dropped already"):
        retention.confirm_purge(factories.approver(), asked, now=OVER)
    assert retention.purgeable(OVER) == [item]
    assert purged(item).erased_at == OVER


def test_bytes_that_are_received_anew_stand_again(item: Item) -> None:
    mine = item.original
    purged(item)
    mine.refresh_from_db()
    assert (mine.purged_at, mine.filename) == (OVER, "")
    items.receive_original(
        factories.author(), sha256=mine.sha256, size=mine.size, media_type="image/jpeg", kind="still",
        filename="again.jpg", probe={}, now=OVER,
    )  # fmt: skip
    mine.refresh_from_db()
    assert (mine.purged_at, mine.filename, mine.received_at) == (None, "again.jpg", OVER)


def lines() -> list[RegisterEvent]:
    return [register.read(row.line) for row in RegisterLine.objects.order_by("pk")]


def lost(item: Item) -> None:
    """The database as it was before the purge, as far as it matters here."""
    Purge.objects.all().delete()
    Item.objects.filter(pk=item.pk).update(purged_at=None, title="Zephyrine", caption="Zephyrine")


def test_a_restore_purges_again_what_was_purged_since(item: Item) -> None:
    purged(item)
    kept = lines()
    lost(item)
    assert recovery.replay(kept, now=OVER)["purged"] == 1
    item.refresh_from_db()
    assert (bool(item.purged_at), item.title) == (True, "")
    assert list(retention.purges_with_files()) == [Purge.objects.get()]
    assert "purged" not in recovery.replay(kept, now=OVER)
    assert [each.kind for each in lines()].count("purged") == 1


def test_what_an_older_database_believes_to_be_up_is_purged_once_it_is_seen_gone(item: Item) -> None:
    purged(item)
    kept = [each for each in lines() if each.kind == "purged"]
    lost(item)
    Post.objects.update(state="removing", removed_at=None)
    assert recovery.replay(kept, now=OVER)["purged"] == 1
    item.refresh_from_db()
    assert item.title == "Zephyrine"
    (waiting,) = retention.purges_to_carry_out()
    assert not retention.carry_out_purge(waiting, now=OVER)
    Post.objects.update(state="removed")
    assert retention.carry_out_purge(waiting, now=OVER)
    assert not retention.carry_out_purge(waiting, now=OVER)
    item.refresh_from_db()
    assert item.title == ""


def test_a_restore_places_and_lifts_legal_holds_again(item: Item) -> None:
    hold = retention.place_hold(factories.author(), item, "A case", "Legal", now=NOW)
    placed = lines()
    LegalHold.objects.all().delete()
    assert recovery.replay(placed, now=OVER)["legal_hold"] == 1
    assert any("legal hold" in each for each in retention.why_kept(item, OVER))
    assert "legal_hold" not in recovery.replay(placed, now=OVER)
    retention.lift_hold(factories.approver(), LegalHold.objects.get(), "Legal", now=OVER)
    LegalHold.objects.update(lifted_at=None)
    assert recovery.replay(lines(), now=OVER)["legal_hold_lifted"] == 1
    assert retention.why_kept(item, OVER) == []
    assert hold.placed_at == LegalHold.objects.get().placed_at

"""People sought: their numbers, what an outcome takes down, what stays blocked, and who may lift that."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from pressqueue import gates
from pressqueue.actors import MACHINE, Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import BlockedImage, Entry, Item, Notice, Original, Post, Subject, UnmanagedMedia
from pressqueue.moves import items as item_moves
from pressqueue.moves import leases, subjects, takedown
from pressqueue.moves.subjects import ENDINGS
from pressqueue.moves.takedown import REASONS

from support import factories
from support.factories import NOW

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _office(office: object) -> None:
    """Every test here needs one."""


def person() -> Subject:
    return subjects.make_subject(factories.author(), factories.operation(), now=NOW)


def entries(act: str) -> list[dict[str, Any]]:
    return [json.loads(entry.about) for entry in Entry.objects.filter(act=act).order_by("number")]


def states(*items: Item) -> list[str]:
    return [Item.objects.get(pk=item.pk).state for item in items]


# -- numbers ----------------------------------------------------------------------------------------


def test_people_and_items_share_one_sequence_so_that_a_number_means_one_thing() -> None:
    first = person()
    item = factories.appeal(subjects=[first])
    second = person()
    assert (first.number, item.reference, second.number) == ("WTN-0001", "WTN-0002", "WTN-0003")
    assert [each.number for each in item.subjects.all()] == ["WTN-0001"]


def test_only_an_author_gives_a_number() -> None:
    with pytest.raises(Forbidden):
        subjects.make_subject(factories.approver(), factories.operation(), now=NOW)
    assert factories.operation().next_number == 1


def test_what_shows_nobody_cannot_be_linked_to_a_person() -> None:
    with pytest.raises(Forbidden, match="shows nobody"):
        factories.appeal(subjects=[person()], purpose="property")
    with pytest.raises(Forbidden, match="shows nobody"):
        factories.feature(subjects=[person()])


def test_linking_somebody_later_voids_the_approval() -> None:
    item = factories.approved(factories.appeal())
    item_moves.edit(factories.author(), item, subjects=[factories.known(person())], now=LATER)
    assert states(item) == ["submitted"]
    with pytest.raises(GatesClosed, match="Say whom it shows"):
        item_moves.edit(factories.author(), item, subjects=[], now=LATER)
    assert [each.number for each in item.subjects.all()] == ["WTN-0002"]
    assert [len(each["subjects"]) for each in entries("subjects_linked")] == [1, 1]


def test_nobody_is_linked_to_a_search_that_is_over() -> None:
    found = person()
    subjects.outcome(factories.approver(), found, "surrendered", now=NOW)
    with pytest.raises(Forbidden, match="WTN-0001 is over"):
        factories.appeal(subjects=[found])
    item = factories.appeal()
    with pytest.raises(Forbidden, match="WTN-0001 is over"):
        item_moves.edit(factories.author(), item, subjects=[found], now=LATER)


# -- outcomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("became", ENDINGS)
def test_an_ending_withdraws_everything_that_shows_the_person(became: str) -> None:
    mine, other = person(), person()
    live = factories.posted(factories.approved(factories.appeal(subjects=[mine])))
    Post.objects.filter(pk=live.pk).update(state="live", revealing_at=NOW, remote_id="1")
    group = factories.posted(factories.approved(factories.appeal(subjects=[mine, other])))
    draft, stranger = factories.appeal(subjects=[mine]), factories.approved(factories.appeal(subjects=[other]))
    done = subjects.outcome(factories.author(), mine, became, now=LATER)
    assert {each.pk for each in done} == {live.item_id, group.item_id, draft.pk}
    assert states(live.item, group.item, draft, stranger) == ["withdrawn"] * 3 + ["approved"]
    assert {each.ended_reason for each in done} == {became} <= set(REASONS)
    assert Post.objects.get(pk=live.pk).state == "removing"
    assert Post.objects.get(pk=group.pk).state == "cancelled"
    mine.refresh_from_db()
    assert (mine.outcome, mine.outcome_at) == (became, LATER)
    assert entries("subject_outcome") == [{"number": mine.number, "outcome": became, "subject": mine.pk}]


def test_what_only_shares_the_picture_comes_down_as_well() -> None:
    mine, picture = person(), factories.original(b"the same face")
    factories.appeal(subjects=[mine], original=picture)
    unlinked = factories.approved(factories.appeal(original=picture))
    subjects.outcome(factories.approver(), mine, "eliminated", now=LATER)
    assert states(unlinked) == ["withdrawn"]


def test_a_name_that_is_not_confirmed_asks_for_a_review_and_takes_nothing_down() -> None:
    mine = person()
    item = factories.approved(factories.appeal(subjects=[mine]))
    assert subjects.outcome(factories.approver(), mine, "named_unconfirmed", now=LATER) == []
    assert states(item) == ["approved"]
    assert not BlockedImage.objects.exists()
    notice = Notice.objects.get(cause=f"named:{mine.pk}")
    assert notice.reference == mine.number
    subjects.outcome(factories.approver(), mine, "identified", now=LATER)
    notice.refresh_from_db()
    assert notice.cleared_at == LATER
    assert states(item) == ["withdrawn"]
    with pytest.raises(Forbidden, match="over already"):
        subjects.outcome(factories.approver(), mine, "named_unconfirmed", now=LATER)


def test_a_later_outcome_replaces_an_earlier_one_and_is_no_error() -> None:
    mine = person()
    factories.appeal(subjects=[mine])
    subjects.outcome(factories.approver(), mine, "arrested", now=NOW)
    subjects.outcome(factories.approver(), mine, "charged", now=LATER)
    mine.refresh_from_db()
    assert mine.outcome == "charged"


@pytest.mark.parametrize("actor", [MACHINE, Actor(None, "cli")])
def test_an_outcome_is_a_persons(actor: Actor) -> None:
    with pytest.raises(Forbidden):
        subjects.outcome(actor, person(), "identified", now=NOW)


def test_an_unknown_outcome_is_refused_with_those_there_are() -> None:
    with pytest.raises(Forbidden, match="identified, surrendered, arrested, charged, eliminated, named_unconfirmed"):
        subjects.outcome(factories.approver(), person(), "guilty", now=NOW)


def test_what_stood_there_before_us_comes_down_with_the_person() -> None:
    mine, other = person(), person()
    rows = [
        UnmanagedMedia.objects.create(
            destination="flickr", remote_id=str(number), visibility="public", found_at=NOW, subject=subject
        )
        for number, subject in enumerate([mine, other, None])
    ]
    subjects.outcome(factories.approver(), mine, "eliminated", now=LATER)
    for row in rows:
        row.refresh_from_db()
    assert [(row.take_down_asked_at, row.reason, row.not_before) for row in rows] == [
        (LATER, "eliminated", LATER),
        (None, "", None),
        (None, "", None),
    ]


# -- blocked pictures -------------------------------------------------------------------------------


def test_a_blocked_picture_is_refused_at_every_step_in_a_sentence() -> None:
    mine, picture = person(), factories.original(b"a face")
    gone = factories.in_review(factories.appeal(subjects=[mine], original=picture))
    subjects.outcome(factories.approver(), mine, "eliminated", now=LATER)
    hashes = {picture.sha256, *gone.renditions.values_list("sha256", flat=True)}
    assert set(BlockedImage.objects.values_list("sha256", flat=True)) == hashes
    with pytest.raises(GatesClosed, match=f"came down with {gone.reference} on 2 March 2026") as refused:
        factories.appeal(original=picture)
    assert "publisher unblock" in str(refused.value)
    for step in gates.Step.SUBMIT, gates.Step.APPROVE, gates.Step.TAKE, gates.Step.BEGIN_REVEAL:
        assert "R29" in [number for number, _ in gates.faults(gates.Case(step, gone, LATER))]


def test_a_copy_fetched_back_from_a_platform_is_known() -> None:
    mine = person()
    gone = factories.in_review(factories.appeal(subjects=[mine]), b"as it was published")
    subjects.outcome(factories.approver(), mine, "identified", now=LATER)
    assert gone.renditions.exists()
    with pytest.raises(GatesClosed, match="R29"):
        factories.appeal(original=factories.original(b"as it was published"))


@pytest.mark.parametrize(
    ("reason", "blocks"), [(reason, reason in ("wrong_image", "court_order", "eliminated")) for reason in REASONS]
)
def test_a_wrong_image_a_courts_order_and_an_elimination_block_and_nothing_else(reason: str, blocks: bool) -> None:
    item = factories.appeal()
    takedown.withdraw(factories.approver(), item, reason, now=LATER)
    assert BlockedImage.objects.exists() is blocks


def test_a_block_stops_what_was_approved_with_the_same_picture() -> None:
    picture = factories.original(b"a face")
    wrong, twin = (
        factories.appeal(original=picture),
        factories.posted(factories.approved(factories.appeal(original=picture))),
    )
    takedown.withdraw(factories.approver(), wrong, "wrong_image", now=LATER)
    with pytest.raises(GatesClosed, match="R29"):
        leases.take(twin, "w1", timedelta(minutes=5), now=LATER)


def test_blocking_twice_is_no_error() -> None:
    picture = factories.original(b"a face")
    items = [factories.appeal(original=picture) for _ in range(2)]
    for item in items:
        takedown.withdraw(factories.approver(), item, "court_order", now=LATER)
    assert BlockedImage.objects.filter(sha256=picture.sha256).count() == 1


def test_new_authority_lifts_a_block_and_is_logged() -> None:
    picture = factories.original(b"a face")
    takedown.withdraw(
        factories.approver(), factories.in_review(factories.appeal(original=picture)), "wrong_image", now=NOW
    )
    lifted = takedown.unblock(factories.approver(), picture.sha256, "Supt Okafor, 2 March 2026", now=LATER)
    assert len(lifted) == BlockedImage.objects.filter(lifted_at=LATER).count() == 2
    assert factories.appeal(original=picture).state == "draft"
    assert entries("images_unblocked")[0]["sha256"] == [each.sha256 for each in lifted]
    with pytest.raises(Forbidden, match="There is no block"):
        takedown.unblock(factories.approver(), picture.sha256, "again", now=LATER)


def test_who_had_a_hand_in_it_cannot_lift_its_block() -> None:
    both = factories.officer("amara", "author")
    both.may_approve = True
    both.save()
    picture = factories.original(b"a face")
    takedown.withdraw(factories.approver(), factories.appeal(original=picture), "wrong_image", now=NOW)
    with pytest.raises(Forbidden, match="somebody else must"):
        takedown.unblock(factories.author(), picture.sha256, "I say so", now=LATER)
    handed_in = Actor(factories.officer("ines", "approver").pk, "desk")
    Original.objects.filter(pk=picture.pk).update(received_by=handed_in.officer_id)
    with pytest.raises(Forbidden, match="somebody else must"):
        takedown.unblock(handed_in, picture.sha256, "I say so", now=LATER)
    writer = Actor(factories.officer("cleo", "author").pk, "desk")
    with pytest.raises(Forbidden, match="Only an active approver"):
        takedown.unblock(writer, picture.sha256, "I say so", now=LATER)
    with pytest.raises(Forbidden, match="authority"):
        takedown.unblock(factories.approver(), picture.sha256, "  ", now=LATER)
    assert BlockedImage.objects.filter(lifted_at__isnull=True).exists()


# -- operations and precedence ----------------------------------------------------------------------


def test_a_kill_switch_reaches_every_state_of_one_operation_and_no_other() -> None:
    elsewhere = factories.appeal(factories.operation("operation-fir", prefix="FIR"))
    draft, ready, sent = (
        factories.appeal(),
        factories.approved(factories.appeal()),
        factories.posted(factories.approved(factories.appeal())),
    )
    takedown.withdraw(factories.approver(), factories.appeal(), "arrested", now=NOW)
    done = takedown.withdraw_operation(factories.author(), factories.operation(), now=LATER)
    assert len(done) == 4
    assert states(draft, ready, sent.item, elsewhere) == ["withdrawn"] * 3 + ["draft"]
    reasons = sorted(Item.objects.filter(campaign=factories.operation()).values_list("ended_reason", flat=True))
    assert reasons == ["arrested", *["kill_switch"] * 3]
    with pytest.raises(Forbidden):
        takedown.withdraw_operation(MACHINE, factories.operation(), now=LATER)


def publishing() -> set[int]:
    due = leases.due(LATER, destinations=["flickr", "youtube"])
    return set(due.values_list("pk", flat=True))


def test_an_account_with_something_to_take_down_publishes_nothing_and_goes_on_looking() -> None:
    waiting, lost = (factories.posted(factories.approved(factories.appeal())) for _ in range(2))
    Post.objects.filter(pk=lost.pk).update(state="unsure")
    film = factories.posted(factories.approved(factories.appeal(destinations=["youtube"])), conceals={"youtube": True})
    assert publishing() == {waiting.pk, lost.pk, film.pk}
    going = factories.posted(factories.approved(factories.appeal()))
    Post.objects.filter(pk=going.pk).update(state="live", revealing_at=NOW, remote_id="1")
    takedown.withdraw(factories.approver(), going.item, "identified", now=NOW)
    assert publishing() == {lost.pk, film.pk}
    assert leases.yields_to_takedown(waiting, NOW)
    assert not leases.yields_to_takedown(film, NOW)
    takedown.hand_over(going, now=LATER)
    assert publishing() == {waiting.pk, lost.pk, film.pk}


def test_what_is_out_of_sight_and_asked_down_holds_its_account_too() -> None:
    waiting, lost = (factories.posted(factories.approved(factories.appeal())) for _ in range(2))
    Post.objects.filter(pk=lost.pk).update(state="unsure")
    takedown.withdraw(factories.approver(), lost.item, "identified", now=NOW)
    assert waiting.pk not in publishing()


def test_an_inherited_thing_that_comes_down_holds_its_account_too() -> None:
    waiting = factories.posted(factories.approved(factories.appeal()))
    thing = UnmanagedMedia.objects.create(destination="flickr", remote_id="7", visibility="public", found_at=NOW)
    assert publishing() == {waiting.pk}
    UnmanagedMedia.objects.filter(pk=thing.pk).update(take_down_asked_at=NOW)
    assert publishing() == set()
    UnmanagedMedia.objects.filter(pk=thing.pk).update(removed_at=LATER)
    assert publishing() == {waiting.pk}

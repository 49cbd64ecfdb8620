"""Who may do what: each public move, each role, at each door, and on whose Items; a move without a row fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pressqueue import powers
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed, QueueError
from pressqueue.models import Officer
from pressqueue.moves import (
    account_changes,
    campaign_changes,
    campaigns,
    evidence,
    holds,
    items,
    officers,
    public_texts,
    releases,
    retention,
    subjects,
    takedown,
    verification,
)

from support import factories
from support.factories import NOW
from support.loops import at_least_one
from support.public_moves import person_moves

pytestmark = pytest.mark.usefixtures("office")
ROLES = ("author", "approver", "investigator", "administrator")
DISABLED = "a disabled account"
WHY = "The reason is over."


def test_every_move_that_takes_a_person_has_a_row_and_every_row_is_a_move() -> None:
    assert set(person_moves()) == set(powers.POWERS) | set(powers.NOT_A_PERSONS)


def attempt(move: str, actor: Actor) -> Exception | None:
    """What the move refuses with, given nothing at all to be about: the powers are asked before anything is read."""
    parameters = list(inspect.signature(person_moves()[move]).parameters.values())[1:]
    needed = [each for each in parameters if each.default is inspect.Parameter.empty]
    named = {each.name: NOW if each.name == "now" else None for each in needed if each.kind is each.KEYWORD_ONLY}
    positional = [None for each in needed if each.kind is each.POSITIONAL_OR_KEYWORD]
    try:
        person_moves()[move](actor, *positional, **named)
    except (QueueError, AttributeError, TypeError, ValueError, AssertionError) as refusal:
        return refusal
    return None


def refused(move: str, refusal: Exception | None) -> bool:
    row = powers.POWERS[move]
    of_rule = isinstance(refusal, GatesClosed) and refusal.failures[0][1] == row.refusal
    return isinstance(refusal, powers.NoPower) or (bool(row.rule) and of_rule)


@pytest.mark.parametrize("role", [*ROLES, DISABLED])
@pytest.mark.parametrize("move", powers.POWERS)
def test_a_move_is_refused_to_every_role_that_its_row_does_not_name(move: str, role: str) -> None:
    officer = factories.officer("somebody", *([role] if role in ROLES else ROLES))
    if role == DISABLED:
        Officer.objects.filter(pk=officer.pk).update(is_active=False)
    row, actor = powers.POWERS[move], Actor(officer.pk, "desk")
    allowed = role != DISABLED and (not row.roles or role in row.roles)
    if allowed:
        assert powers.demand(actor, move) == officer
    else:
        assert refused(move, attempt(move, actor)), attempt(move, actor)


@pytest.mark.parametrize("move", [move for move, row in powers.POWERS.items() if row.desk])
def test_what_is_done_at_the_desk_is_refused_at_every_other_door(move: str) -> None:
    officer = factories.officer("somebody", *ROLES)
    for door in ("cli", "import"):
        assert str(attempt(move, Actor(officer.pk, door))) == powers.POWERS[move].desk


def test_a_machine_has_no_person_s_power() -> None:
    for move in at_least_one(powers.POWERS):
        if move != "record_unmanaged":  # of what a restored office cannot account for
            assert attempt(move, Actor(None, "machine")) is not None


# -- on whose Items: each row that has limits, and somebody who falls under them ------------------------------


def both(name: str = "both", *roles: str) -> Actor:
    return Actor(factories.officer(name, *(roles or ("author", "approver"))).pk, "desk")


def own_item() -> tuple[Actor, Any]:
    """Whoever may write and approve has changed it, and it is in review."""
    actor, item = both(), factories.feature()
    items.edit(actor, item, tags=["dogs"], now=NOW)
    return actor, factories.in_review(item)


def approves_own() -> None:
    actor, item = own_item()
    factories.decide(actor, item, item.package.digest)


def edits_what_is_public() -> None:
    post = factories.posted(factories.approved(factories.feature()))
    type(post).objects.filter(pk=post.pk).update(state="live")
    items.edit(factories.author(), post.item, tags=["x"], now=NOW)


def verifies_another_s_case() -> None:
    item = factories.in_review(factories.appeal())
    factories.verify(both("third", "investigator"), item, item.package.digest)


def confirms_own_form() -> None:
    away = {"investigator": None, "investigator_name": "DS Voss", "investigator_rank": "sergeant"}
    item = factories.in_review(factories.appeal(record=factories.appeal_record(**away)))
    form = factories.original(b"%PDF-1.7", kind="form")
    found = verification.attach_form(both(), item, item.package.digest, form, signed_at=NOW, now=NOW)
    factories.confirm(both(), found)


def not_own_case(move: Callable[[Actor, Any], object]) -> Callable[[], None]:
    def tried() -> None:
        move(both("third", "investigator"), factories.appeal())

    return tried


def lifts_block_of_own() -> None:
    actor, item = own_item()
    takedown.withdraw(factories.approver(), item, "wrong_image", now=NOW)
    takedown.unblock(actor, item.original_id, "The chief said so.", now=NOW)


def releases_own() -> None:
    actor, item = own_item()
    releases.release(actor, holds.hold(factories.author(), item, "Wait.", now=NOW), WHY, now=NOW)


def releases_own_campaign() -> None:
    actor, item = both(), factories.feature()
    holds.hold_campaign(actor, item.campaign, "Wait.", now=NOW)
    releases.release_campaign(actor, item.campaign, WHY, now=NOW)


def thaws_own() -> None:
    factories.bystander()
    factories.author()
    holds.freeze(both(), "all", now=NOW)
    releases.ask_thaw(both(), "none", WHY, now=NOW)


def confirms_own_asking() -> None:
    holds.freeze(factories.author(), "all", now=NOW)
    factories.approver()
    releases.confirm_ending(both(), releases.ask_thaw(both(), "none", WHY, now=NOW), now=NOW)


def times_own(change: Callable[[Actor, Any], object]) -> Callable[[], None]:
    def tried() -> None:
        campaign = factories.series()
        slot = factories.daily(campaign)
        actor, item = own_item()
        factories.decide(factories.approver(), item, item.package.digest)
        change(actor, slot)

    return tried


def closes_with_something_waiting() -> None:
    campaign_changes.close_campaign(factories.author(), factories.approved(factories.feature()).campaign, now=NOW)


def approves_own_text() -> None:
    text = public_texts.draft_text(both(), "album", factories.series(), title="Dogs", body="Every day.", now=NOW)
    public_texts.approve_text(both(), text, text.digest, now=NOW)


def lifts_own_legal_hold() -> None:
    hold = retention.place_hold(both(), factories.appeal(), "A complaint.", "The chief, today.", now=NOW)
    retention.lift_hold(both(), hold, "The chief, today.", now=NOW)


def confirms_own_purge() -> None:
    item = factories.feature()
    takedown.withdraw(factories.approver(), item, "withdrawn", now=NOW)
    much_later = NOW + timedelta(days=4000)
    retention.confirm_purge(both(), retention.ask_purge(both(), item, "Policy 4.", now=much_later), now=much_later)


def packs_another_s_case() -> None:
    evidence.may_pack(both("third", "investigator"), factories.appeal())


def disables_the_last_administrator() -> None:
    chief = both("chief", "administrator")
    officers.disable_officer(chief, Officer.objects.get(pk=chief.officer_id), now=NOW)


def confirms_own_account_change() -> None:
    holds.freeze(factories.author(), "all", now=NOW)
    type(factories.office()).objects.update(exercise=False)
    chief = both("chief", "administrator")
    change = account_changes.change_rank(chief, factories.officer("bran", "approver"), "superintendent", now=NOW)
    assert change is not None
    account_changes.confirm_change(chief, change, now=NOW)


def ends_another_s_token() -> None:
    officers.issue_token(factories.author(), label="x", scope="read", life=timedelta(days=1), now=NOW)
    token = Officer.objects.get(pk=factories.author().officer_id).tokens.get()
    officers.revoke_token(both(), token, now=NOW)


WALLS: dict[str, Callable[[], None]] = {
    "approve": approves_own,
    "edit": edits_what_is_public,
    "verify": verifies_another_s_case,
    "confirm_form": confirms_own_form,
    "record_check": not_own_case(lambda who, item: subjects.record_check(
        who, item.subjects.get(), "none", name="PNC", now=NOW
    )),
    "outcome": not_own_case(lambda who, item: subjects.outcome(who, item.subjects.get(), "eliminated", now=NOW)),
    "withdraw": not_own_case(lambda who, item: takedown.withdraw(who, item, "withdrawn", now=NOW)),
    "withdraw_operation": not_own_case(lambda who, item: takedown.withdraw_operation(who, item.campaign, now=NOW)),
    "unblock": lifts_block_of_own,
    "release": releases_own,
    "release_campaign": releases_own_campaign,
    "ask_thaw": thaws_own,
    "confirm_ending": confirms_own_asking,
    "add_slot": times_own(lambda who, slot: campaigns.add_slot(
        who, slot.campaign, weekdays=[1], wall_time=slot.wall_time, starts_on=NOW.date(), now=NOW
    )),
    "change_slot": times_own(lambda who, slot: campaign_changes.change_slot(
        who, slot, weekdays=[1], wall_time=slot.wall_time, now=NOW
    )),
    "end_slot": times_own(lambda who, slot: campaign_changes.end_slot(who, slot, now=NOW)),
    "edit_campaign": times_own(lambda who, slot: campaign_changes.edit_campaign(
        who, slot.campaign, lateness=timedelta(hours=99), now=NOW
    )),
    "close_campaign": closes_with_something_waiting,
    "approve_text": approves_own_text,
    "lift_hold": lifts_own_legal_hold,
    "confirm_purge": confirms_own_purge,
    "may_pack": packs_another_s_case,
    "evidence_packed": packs_another_s_case,
    "disable_officer": disables_the_last_administrator,
    "confirm_change": confirms_own_account_change,
    "revoke_token": ends_another_s_token,
}  # fmt: skip
# Limits of these are tested with the rest of what they do.
ELSEWHERE = {
    "amend": "tests/pressqueue/test_amending_refused.py",
    "draft_review": "tests/pressqueue/test_reviewing.py",
    "approve_amendment": "tests/pressqueue/test_amending_refused.py",
    "by_hand": "tests/pressqueue/test_verifying.py",
}


def test_every_limit_of_a_row_is_run_into_by_somebody() -> None:
    assert {move for move, row in powers.POWERS.items() if row.limits} == set(WALLS) | set(ELSEWHERE)


@pytest.mark.parametrize("move", WALLS)
def test_nobody_does_what_the_limits_of_its_row_forbid(move: str) -> None:
    with pytest.raises((Forbidden, GatesClosed)) as refusal:
        WALLS[move]()
    assert not refused(move, refusal.value), "refused for the role, not for whose it is"


def test_without_the_table_an_author_would_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same attempt with a table that lets every account do it."""
    item = holds.hold(factories.approver(), factories.feature(), "Wait.", now=NOW)
    free = powers.Power("release", "end a hold")
    monkeypatch.setitem(powers.POWERS, "release", free)
    stranger = Actor(factories.officer("stranger", "approver").pk, "cli")
    assert not releases.release(stranger, item, WHY, now=NOW).held

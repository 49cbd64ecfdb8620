"""Who may draft and approve an amendment of what is public, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Amendment, Item
from pressqueue.moves import amendments, officers

from support import factories
from support.amended_posts import LATER, MENDED, amend, approve, decide, first, live, refusals

# -- who ---------------------------------------------------------------------------------------------


def test_whoever_drafted_it_does_not_approve_it(item: Item) -> None:
    both = Actor(factories.officer("petra", "author", "approver").pk, "desk")
    amendment = amend(item, both, caption=MENDED)
    factories.verify(factories.investigator(), item, amendment.package.digest, now=LATER)
    with pytest.raises(GatesClosed) as closed:
        approve(amendment, both)
    assert refusals(closed) == {"R2"}
    assert approve(amendment).approver_id == factories.approver().officer_id


def test_whoever_approved_what_is_public_does_not_draft(office: object) -> None:
    both = Actor(factories.officer("petra", "author", "approver").pk, "desk")
    ready = factories.verified(factories.in_review(factories.appeal()))
    first(ready, both)
    live(factories.posted(ready))
    with pytest.raises(Forbidden, match="somebody else must draft"):
        amend(ready, both, caption=MENDED)


def test_nor_does_whoever_verified_it(office: object) -> None:
    inga = factories.officer("inga", "author", "investigator")
    item = live(factories.posted(factories.approved(factories.appeal()))).item
    with pytest.raises(Forbidden, match="verified by your word"):
        amend(item, Actor(inga.pk, "desk"), caption=MENDED)
    amend(item, caption=MENDED)  # the control: somebody else


def test_the_officer_in_the_case_verifies_the_new_words_too(item: Item) -> None:
    amendment = amend(item, caption=MENDED)
    with pytest.raises(GatesClosed) as closed:
        approve(amendment)
    assert refusals(closed) == {"R2"}
    decide(amendment)


def test_nothing_counts_that_was_not_shown(item: Item) -> None:
    amendment = amend(item, caption=MENDED)
    factories.verify(factories.investigator(), item, amendment.package.digest, now=LATER)
    deciding = gates.Deciding(session="f" * 64, others=True)
    with pytest.raises(GatesClosed) as closed:
        amendments.approve_amendment(factories.approver(), item, amendment.package.digest, deciding=deciding, now=LATER)
    assert refusals(closed) == {"R6"}


def test_it_is_approved_at_the_desk_for_exactly_what_was_shown(item: Item) -> None:
    amendment = amend(item, caption=MENDED)
    shell = Actor(factories.approver().officer_id, "cli")
    with pytest.raises(Forbidden, match="at the desk"):
        amendments.approve_amendment(shell, item, amendment.package.digest, now=LATER)
    assert item.package is not None
    with pytest.raises(Forbidden, match="changed while you looked"):
        amendments.approve_amendment(factories.approver(), item, item.package.digest, now=LATER)


def test_where_one_approval_is_not_enough_the_old_words_stay_until_the_second(office: object) -> None:
    made = factories.appeal(record={**factories.appeal_record(), "anonymity": True})
    ready = factories.verified(factories.in_review(made))
    second = Actor(factories.officer("cleo", "approver").pk, "desk")
    first(ready, factories.approver())
    first(ready, second)
    live(factories.posted(ready))
    amendment = amend(ready, caption=MENDED)
    decide(amendment)
    ready.refresh_from_db()
    assert ready.caption != MENDED
    with pytest.raises(Forbidden, match="already"):
        approve(amendment)
    approve(amendment, second)
    ready.refresh_from_db()
    assert ready.caption == MENDED


def test_a_leavers_approval_of_an_amendment_is_void(office: object) -> None:
    made = factories.appeal(record={**factories.appeal_record(), "anonymity": True})
    ready = factories.verified(factories.in_review(made))
    second = Actor(factories.officer("cleo", "approver").pk, "desk")
    for who in (factories.approver(), second):
        first(ready, who)
    live(factories.posted(ready))
    amendment = amend(ready, caption=MENDED)
    decide(amendment)
    factories.officer("bran").refresh_from_db()
    keeper = Actor(factories.officer("ada", "administrator").pk, "cli")
    factories.officer("ava", "administrator")
    officers.disable_officer(keeper, factories.officer("bran"), now=LATER)
    approve(amendment, second)
    ready.refresh_from_db()
    assert ready.caption != MENDED, "one of the two has left: another second person is wanted"


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"caption": f"This person was there. {factories.ROUTES}"}, "R13"),
        ({"caption": MENDED.replace("0800 555 111", "our office")}, "R14"),
        ({"alt_text": ""}, "R44"),
        ({"record": {"do_not_approach": True}}, "R14"),
        ({"record": {"restrictions": "in_force"}}, "R1"),
    ],
)
def test_the_rules_are_asked_when_it_is_drafted(item: Item, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(GatesClosed) as closed:
        amend(item, **changes)
    assert rule in refusals(closed)
    item.refresh_from_db()
    assert (item.title, item.caption) == ("Do you know this person? {reference}", factories.CAPTION)
    assert not Amendment.objects.exists()


def test_words_only_an_approver_lets_stand_are_asked_of_the_approver(item: Item) -> None:
    amendment = amend(item, caption=MENDED.replace("this person", "this thief"))
    with pytest.raises(GatesClosed) as closed:
        decide(amendment)
    assert refusals(closed) == {"R13"}


def test_the_picture_is_not_changed_in_place(item: Item) -> None:
    with pytest.raises(Forbidden, match="Withdraw it and queue a new one"):
        amend(item, original=factories.original())


def test_a_change_that_changes_nothing_is_refused(item: Item) -> None:
    with pytest.raises(Forbidden, match="changes nothing"):
        amend(item, caption=item.caption)


def test_it_says_why(item: Item) -> None:
    with pytest.raises(Forbidden, match="Say why"):
        amendments.amend(factories.author(), item, "  ", caption=MENDED, now=LATER)


def test_only_what_is_public_is_amended(office: object) -> None:
    waiting = factories.approved(factories.appeal())
    with pytest.raises(Forbidden, match="Nothing of"):
        amend(waiting, caption=MENDED)
    with pytest.raises(Forbidden, match="only what is approved"):
        amend(factories.appeal(), caption=MENDED)


def test_one_is_decided_before_the_next_is_drafted(item: Item) -> None:
    amend(item, caption=MENDED)
    with pytest.raises(Forbidden, match="waits to be decided"):
        amend(item, title="Another title {reference}")


def test_a_day_number_cannot_be_added_to_what_went_out_without_one(item: Item) -> None:
    with pytest.raises(Forbidden, match="without a day number"):
        amend(item, title="Day {day}: do you know this person? {reference}")


def test_its_window_may_have_passed(item: Item) -> None:
    assert item.publish_until is not None and item.publish_until < LATER
    decide(amend(item, caption=MENDED))

"""Whose word it takes, and where one approver is not enough (R2, R7, R9, R11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, Item
from pressqueue.moves import items, officers

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
SECOND = gates.Deciding(reason="Three other forces did not know him; nothing less would do.")


def deciding(username: str, rank: str = "inspector") -> Actor:
    return Actor(factories.officer(username, "approver", rank=rank).pk, "desk")


def approve(item: Item, who: Actor, said: gates.Deciding = SECOND) -> str:
    item.refresh_from_db()
    assert item.package is not None
    factories.decide(who, item, item.package.digest, said=said, now=NOW)
    item.refresh_from_db()
    return item.state


def ready(officer_s_rank: str = "inspector", *, record: dict[str, Any] | None = None, **person: Any) -> Item:
    """In review and verified by an officer of this rank."""
    investigator = factories.officer("ines", "investigator", rank=officer_s_rank)
    answers = factories.appeal_record(investigator=investigator, **(record or {}))
    shown = factories.person(**person)
    item = factories.in_review(factories.appeal(record=answers, subjects=[shown]))
    assert item.package is not None
    factories.verify(Actor(investigator.pk, "desk"), item, item.package.digest, now=NOW)
    return item


def wanting(item: Item) -> set[str]:
    return {number for number, _ in gates.wanting(gates.Case(gates.Step.TAKE, item, NOW, package=item.package))}


CHILD = {"less_intrusive": "Schools were asked first.", "child_welfare": "Children's services were told."}


def test_an_inspector_s_word_is_enough_for_an_adult_whoever_of_the_two_it_is() -> None:
    assert approve(ready("inspector"), deciding("a_constable", "constable")) == "approved"
    assert approve(ready("sergeant"), deciding("an_inspector", "inspector")) == "approved"


def test_below_that_rank_the_item_waits_for_somebody_who_holds_it() -> None:
    factories.officer("ines", "investigator", rank="sergeant")
    item = ready("sergeant")
    assert approve(item, deciding("a_constable", "constable")) == "in_review"
    assert wanting(item) == {"R2"}
    with pytest.raises(Forbidden, match="an inspector or above"):
        approve(item, deciding("a_constable"))
    assert approve(item, deciding("an_inspector")) == "approved"


def test_a_rank_the_policy_does_not_know_is_below_all_of_them() -> None:
    item = ready("sergeant")
    assert approve(item, deciding("grand", "grand vizier")) == "in_review"


@pytest.mark.parametrize("age", ["yes", "unsure"])
def test_a_child_takes_a_superintendent_s_own_word_with_a_reason(age: str) -> None:
    item = ready("superintendent", record=CHILD, appears_under_18=age)
    assert approve(item, deciding("an_inspector")) == "in_review"
    assert wanting(item) == {"R7"}
    assert approve(item, deciding("silent", "superintendent"), gates.Deciding()) == "in_review"
    assert approve(item, deciding("super", "superintendent")) == "approved"


IN_BATCH = replace(SECOND, batch=True)


@pytest.mark.parametrize("age", ["yes", "unsure"])
def test_in_a_batch_a_child_is_for_a_superintendent_s_own_sitting(age: str) -> None:
    item = ready("superintendent", record=CHILD, appears_under_18=age)
    with pytest.raises(GatesClosed, match=r"\[R7\] Somebody shown .* in a batch only a superintendent or above"):
        approve(item, deciding("an_inspector"), IN_BATCH)
    with pytest.raises(GatesClosed, match=r"\[R7\] .* give the reason for this picture"):
        approve(item, deciding("super", "superintendent"), gates.Deciding(batch=True, reason=" "))
    assert not Approval.objects.exists()
    assert approve(item, deciding("super"), IN_BATCH) == "approved"
    assert Approval.objects.get().batch


def test_in_a_batch_an_adult_is_decided_on_as_alone() -> None:
    """The control: it is the child, not the batch, that asks for the rank and the reason."""
    assert approve(ready(), deciding("an_inspector"), gates.Deciding(batch=True)) == "approved"


def test_anonymity_and_vulnerability_take_two_approvers() -> None:
    for number, item in (
        ("R9", ready(record={"anonymity": True})),
        ("R11", ready(vulnerable=True, vulnerability="Carries a white cane.")),
    ):
        assert approve(item, deciding("first")) == "in_review"
        assert wanting(item) == {number}
        with pytest.raises(Forbidden, match="already"):
            approve(item, deciding("first"))
        assert approve(item, deciding("second")) == "approved"


def test_what_was_approved_in_part_is_void_when_it_is_sent_back_or_its_approver_leaves() -> None:
    item = ready(record={"anonymity": True})
    approve(item, deciding("first"))
    items.send_back(deciding("second"), item, "Cover the house number.", now=NOW)
    assert Approval.objects.get().void_reason == "sent_back"

    other = ready(record={"anonymity": True})
    approve(other, deciding("first"))
    chief = Actor(factories.officer("chief", "administrator").pk, "cli")
    assert officers.disable_officer(chief, factories.officer("first"), now=NOW) == [other.reference]
    other.refresh_from_db()
    assert other.state == "submitted"


def test_the_rank_that_counts_is_the_one_held_at_the_decision() -> None:
    item = ready("sergeant", record={"anonymity": True})
    approve(item, deciding("first", "constable"))
    first = factories.officer("first")
    first.rank = "chief constable"
    first.save()
    assert approve(item, deciding("second", "constable")) == "in_review"
    assert wanting(item) == {"R2"}


def test_two_approvers_are_asked_again_when_it_goes_out() -> None:
    """Control: one Approval taken away again, and taking it is refused by the same rule."""
    item = ready(record={"anonymity": True})
    approve(item, deciding("first"))
    approve(item, deciding("second"))
    case = gates.Case(gates.Step.TAKE, item, NOW, package=item.package)
    assert "R9" not in {number for number, _ in gates.faults(case)}
    Approval.objects.filter(approver__username="second").update(void_at=NOW, void_reason="test")
    with pytest.raises(GatesClosed, match=r"\[R9\]"):
        gates.demand(gates.Case(gates.Step.TAKE, item, NOW, package=item.package))

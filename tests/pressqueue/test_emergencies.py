"""A threat to life defers answers, for a day, and two people know it (R55)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pressqueue import gates, locks
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import BreakGlass, Item, Notice
from pressqueue.moves import emergencies, items
from pressqueue.moves.subjects import take_down_if_forbidden

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
KNOWING = gates.Deciding(reason="He has a knife and said that he will use it.", break_glass=True)
UNSAID = {
    "policing_purpose": "", "legal_basis": "", "means_tried": [], "proportionality": "", "reach": "", "risk": "",
    "victim_consulted": "", "victim_consulted_on": None,
}  # fmt: skip
SAID = {
    "policing_purpose": "To find him before he hurts somebody.", "legal_basis": "DPA 2018 Part 3.",
    "means_tried": [{"on": "2026-03-01", "means": "His address"}], "proportionality": "A life.", "reach": "Anywhere.",
    "risk": "High.", "victim_consulted": "yes", "victim_consulted_on": NOW.date(),
}  # fmt: skip


def urgent(**changes: Any) -> Item:
    record = factories.appeal_record(seriousness="threat_to_life", **{**UNSAID, **changes})
    return factories.appeal(
        record=record, subjects=[factories.person(vulnerable=None, proceedings_at=NOW - timedelta(days=9))]
    )


def declared(item: Item) -> BreakGlass:
    return emergencies.break_glass(factories.author(), item, "A threat to his daughter's life.", now=NOW)


def approve(item: Item, said: gates.Deciding = KNOWING) -> None:
    item.refresh_from_db()
    assert item.package is not None
    factories.decide(factories.approver(), item, item.package.digest, said=said, now=NOW)


def ready() -> Item:
    item = urgent()
    item.subjects.update(vulnerable=None)
    factories.approver()  # is told
    declared(item)
    return factories.verified(factories.in_review(item))


def test_without_it_every_missing_answer_is_refused() -> None:
    item = urgent()
    item.subjects.update(vulnerable=None)
    with pytest.raises(GatesClosed) as refused:
        items.submit(factories.author(), item, now=NOW)
    assert {"R1", "R10", "R11"} <= {number for number, _ in refused.value.failures}


def test_two_people_publish_it_before_the_answers_and_everybody_who_approves_is_told() -> None:
    item = ready()
    with pytest.raises(GatesClosed, match=r"\[R55\]"):
        approve(item, gates.Deciding(reason="It looks right."))
    approve(item)
    case = gates.Case(gates.Step.BEGIN_REVEAL, item, NOW + timedelta(hours=1), package=Item.objects.get().package)
    assert gates.faults(case) == []
    told = Notice.objects.get(cause=f"glass:{item.pk}")
    assert told.people == [factories.officer("bran").pk] and "daughter" not in told.words


def test_whoever_declared_it_is_not_the_second_person() -> None:
    item = urgent()
    emergencies.break_glass(factories.approver(), item, "A threat to life.", now=NOW)
    item.subjects.update(vulnerable=False)
    factories.verified(factories.in_review(item))
    with pytest.raises(GatesClosed, match="somebody else must approve it"):
        approve(item)


@pytest.mark.parametrize(
    ("field", "value", "number"),
    [("others_in_frame", "", "R12"), ("anonymity", None, "R9"), ("exhibit", "", "R1"), ("restrictions", "", "R1")],
)
def test_it_defers_nothing_else(field: str, value: Any, number: str) -> None:
    item = urgent(**{field: value})
    declared(item)
    with pytest.raises(GatesClosed, match=rf"\[{number}\]"):
        items.submit(factories.author(), item, now=NOW)


def test_it_needs_a_recorded_threat_to_life_a_reason_and_is_declared_once() -> None:
    with pytest.raises(Forbidden, match="threat to life"):
        declared(factories.appeal())
    item = urgent()
    with pytest.raises(Forbidden, match="Say whose life"):
        emergencies.break_glass(factories.author(), item, " ", now=NOW)
    declared(item)
    with pytest.raises(Forbidden, match="declared once"):
        declared(item)
    with pytest.raises(Forbidden, match="threat to life"):
        declared(factories.feature())


def test_taking_the_threat_out_of_the_record_ends_the_deferral() -> None:
    item = urgent()
    declared(item)
    items.edit(factories.author(), item, record={"seriousness": "volume"}, now=NOW)
    with pytest.raises(GatesClosed, match=r"\[R10\]"):
        items.submit(factories.author(), item, now=NOW)


def test_what_is_not_answered_in_a_day_comes_down() -> None:
    item = ready()
    approve(item)
    for hours, down in ((23, False), (24, True)):
        now = NOW + timedelta(hours=hours)
        with moving(MACHINE, now) as log:
            assert take_down_if_forbidden(log, locks.item(item.pk, posts=True), now) is down
    item.refresh_from_db()
    assert (item.state, item.ended_reason) == ("withdrawn", "rule")


def test_answered_in_time_it_is_over_and_stays() -> None:
    item = ready()
    approve(item)
    some = {name: value for name, value in SAID.items() if name != "risk"}
    owed = emergencies.answer_deferred(factories.author(), item, some, now=NOW + timedelta(hours=2))
    assert [number for number, _ in owed] == ["R1", "R11"]
    emergencies.answer_deferred(factories.author(), item, {"risk": "High."}, now=NOW + timedelta(hours=3))
    item.subjects.update(vulnerable=False)
    assert emergencies.answer_deferred(factories.author(), item, {}, now=NOW + timedelta(hours=4)) == []
    assert BreakGlass.objects.get().ended_at == NOW + timedelta(hours=4)
    now = NOW + timedelta(days=2)
    with moving(MACHINE, now) as log:
        assert take_down_if_forbidden(log, locks.item(item.pk, posts=True), now) is False


def test_nothing_that_is_shown_is_answered_later() -> None:
    item = ready()
    approve(item)
    with pytest.raises(Forbidden, match="“location” is no answer that can be deferred"):
        emergencies.answer_deferred(factories.author(), item, {"location": "Elsewhere"}, now=NOW)

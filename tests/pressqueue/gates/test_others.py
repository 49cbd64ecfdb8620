"""R12: the author has answered who else can be recognised, and the approver declares it too, for each picture."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pressqueue import gates
from pressqueue.errors import GatesClosed
from pressqueue.gates.shown import OthersDeclared
from pressqueue.models import Approval, Entry, Item
from pressqueue.moves import emergencies, items

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


def ready(**answers: str) -> Item:
    record = factories.appeal_record(investigator=factories.officer("inga", "investigator"), **answers)
    return factories.verified(factories.in_review(factories.appeal(record=record)))


def refusal(item: Item) -> str:
    """What R12, which alone refuses, says to an approver who declares nothing."""
    assert item.package is not None
    silent = replace(factories.viewed(item), others=False)
    with pytest.raises(GatesClosed) as closed:
        items.approve(factories.approver(), item, item.package.digest, deciding=silent, now=NOW)
    [(number, sentence)] = closed.value.failures
    assert number == "R12"
    return sentence


def test_an_approver_who_declares_nothing_is_refused_and_told_what_to_look_for() -> None:
    assert "declare that nobody else can be recognised in it" in refusal(ready())
    justified = ready(others_in_frame="justified", others_reason="The victim walks beside her, and agreed.")
    assert "must be for the reason the record gives" in refusal(justified)
    assert not Approval.objects.exists()


def test_what_they_declare_is_kept_with_the_approval_and_in_the_log() -> None:
    item = ready()
    assert item.package is not None
    approval = items.approve(factories.approver(), item, item.package.digest, deciding=factories.viewed(item), now=NOW)
    assert approval.others == "none"
    assert json.loads(Entry.objects.get(act="approved").about)["others"] == "none"


def test_a_threat_to_life_does_not_put_it_off() -> None:
    item = ready(seriousness="threat_to_life")
    emergencies.break_glass(factories.author(), item, "A threat to his daughter's life.", now=NOW)
    assert item.package is not None
    knowing = replace(factories.viewed(item), others=False, break_glass=True, reason="It cannot wait.")
    with pytest.raises(GatesClosed, match="R12"):
        items.approve(factories.approver(), item, item.package.digest, deciding=knowing, now=NOW)


def test_a_feature_asks_for_none() -> None:
    item = factories.in_review(factories.feature())
    assert item.package is not None
    deciding = replace(factories.viewed(item), others=False)
    assert items.approve(factories.approver(), item, item.package.digest, deciding=deciding, now=NOW).others == ""


def test_without_the_gate_it_would_be_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    without = tuple(each for each in gates.ALL if not isinstance(each, OthersDeclared))
    monkeypatch.setattr(gates, "ALL", without)
    item = ready()
    assert item.package is not None
    deciding = replace(factories.viewed(item), others=False)
    items.approve(factories.approver(), item, item.package.digest, deciding=deciding, now=NOW)
    assert Approval.objects.exists()

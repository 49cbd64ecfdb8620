"""Several missing answers are a list, one is a sentence."""

from __future__ import annotations

import pytest

from pressqueue import gates
from pressqueue.gates.features import FeatureRecordComplete
from pressqueue.gates.records import RecordComplete
from pressqueue.models import Campaign, FeatureRecord, Item

from support import factories

pytestmark = pytest.mark.usefixtures("office")


def fault(item: Item) -> str:
    return FeatureRecordComplete().fault(gates.Case(gates.Step.SUBMIT, item, factories.NOW))


def test_each_missing_answer_of_a_feature_has_a_line() -> None:
    item = factories.feature(record={})
    first, *lines = fault(item).split("\n")
    assert first == "The feature's record does not say:"
    assert len(lines) == 9 and all(line.startswith("- ") for line in lines)


def test_one_missing_answer_is_a_sentence() -> None:
    item = factories.feature()
    FeatureRecord.objects.filter(item=item).update(facet="")
    assert fault(item) == "The feature's record does not say: its topic (dogs, roads, people ...)."


def test_an_appeal_without_lines_of_its_own_has_the_campaign_s() -> None:
    kept = factories.appeal(factories.operation(contact="Call 101."), record=factories.appeal_record(contact=""))
    assert "where callers turn to" not in RecordComplete().fault(gates.Case(gates.Step.SUBMIT, kept, factories.NOW))
    Campaign.objects.update(contact="")
    bare = Item.objects.get(pk=kept.pk)
    assert "where callers turn to" in RecordComplete().fault(gates.Case(gates.Step.SUBMIT, bare, factories.NOW))

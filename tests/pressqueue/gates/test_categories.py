"""R23: every person shown fits the appeal, also beside one who was convicted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.gates.base import Step
from pressqueue.gates.people import CategoryFits
from pressqueue.models import Item, Subject
from pressqueue.moves import items

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


def wanted(*people: Subject) -> Item:
    return items.add_item(
        factories.author(), campaign=factories.operation(), kind="wanted", title="Have you seen them? {reference}",
        caption=factories.CAPTION, alt_text="A woman and a man.", destinations=["flickr"], subjects=list(people),
        original=factories.original(), publish_from=NOW, publish_until=NOW + timedelta(hours=12),
        expires_at=NOW + timedelta(days=28), record=factories.wanted_record(), now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("beside", ["convicted", "suspect"])
def test_a_witness_in_a_wanted_appeal_is_refused_whoever_else_is_shown(beside: str) -> None:
    item = wanted(
        factories.person(name="Ada Quill", category=beside), witness := factories.person(name="Bo", category="witness")
    )
    fault = CategoryFits().fault(gates.Case(Step.APPROVE, item, NOW))
    assert fault.startswith(f"{witness.number} is not recorded as suspect")


def test_somebody_convicted_may_be_wanted() -> None:
    item = wanted(factories.person(name="Ada Quill", category="convicted"))
    assert CategoryFits().fault(gates.Case(Step.APPROVE, item, NOW)) == ""

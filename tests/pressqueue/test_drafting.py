"""Templates: filled from the record they give a text that every rule of wording accepts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pressqueue import drafting, gates, wording
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Item, Post
from pressqueue.moves import items

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
FORCE = "Northshire Police"


def wanted(**record: Any) -> Item:
    return items.add_item(
        factories.author(), campaign=factories.operation(), kind="wanted", title="{reference}",
        caption="To be written.", alt_text="To be written.", destinations=["flickr"],
        subjects=[factories.person(name="Ada Quill")],
        original=factories.original(), publish_from=NOW, publish_until=NOW + timedelta(hours=12),
        expires_at=NOW + timedelta(days=28), record=factories.wanted_record(**record), now=NOW,
    )  # fmt: skip


def an_item(kind: str, **record: Any) -> Item:
    if kind == "wanted":
        return wanted(**record)
    return factories.appeal(purpose=kind, record=factories.appeal_record(**record), caption="To be written.")


@pytest.mark.parametrize("danger", [False, True])
@pytest.mark.parametrize("contact", ["", "Call our incident room on 01632 960001, or 101."])
@pytest.mark.parametrize("kind", ["suspect", "witness", "property", "wanted"])
def test_a_filled_template_is_accepted_at_each_step(kind: str, contact: str, danger: bool) -> None:
    item = an_item(kind, contact=contact, do_not_approach=danger)
    item.campaign.contact = "Call 101."
    item.campaign.save()
    texts = drafting.start(item, drafting.usual(item), force=FORCE)
    assert (contact or "Call 101.") in texts.caption
    items.edit(
        factories.author(), item, title=texts.title, caption=texts.caption, alt_text=texts.alt_text, now=NOW,
    )  # fmt: skip
    items.submit(factories.author(), item, now=NOW)
    for step in gates.Step.SUBMIT, gates.Step.APPROVE, gates.Step.TAKE, gates.Step.BEGIN_REVEAL:
        item.refresh_from_db()
        case = gates.Case(step, item, NOW)
        assert not [gate.fault(case) for gate in gates.asked(step) if _is_wording(gate) and gate.fault(case)]


def _is_wording(gate: gates.Gate) -> bool:
    return type(gate).__module__ == "pressqueue.gates.wording"


def test_place_day_and_offence_come_from_the_record_and_the_reference_stays() -> None:
    texts = drafting.start(an_item("suspect"), "suspect", force=FORCE)
    assert "a reported burglary at Mill Lane, Northshire on Saturday 21 February 2026" in texts.caption
    assert texts.title == "Do you know this person? {reference}"


def test_a_danger_comes_first_and_what_is_missing_last() -> None:
    caption = drafting.start(an_item("suspect", do_not_approach=True), "suspect", force=FORCE).caption
    assert caption.startswith("Do not approach this person: call 999.\n\n")
    assert caption.endswith("text relay on 18001 101.")
    assert caption.count("Crimestoppers") == 1, "the record's contact has it already"


def test_what_the_record_does_not_say_is_asked_for() -> None:
    with pytest.raises(Forbidden, match="asks for the location and the date, and the record does not say"):
        drafting.start(an_item("suspect", location="", incident_at=None), "suspect", force=FORCE)
    with pytest.raises(Forbidden, match="asks for the published"):
        drafting.start(an_item("suspect"), "correction", force=FORCE)


def test_tombstone_and_correction_name_nobody_and_pass_as_what_they_are() -> None:
    item = factories.approved(factories.appeal())
    Post.objects.filter(pk=factories.posted(item).pk).update(live_at=NOW)
    for name in "withdrawal", "correction":
        texts = drafting.start(item, name, force=FORCE)
        assert wording.current().check({"title": texts.title, "caption": texts.caption}, "suspect") == []
        assert "{reference}" in texts.title
    assert "On Monday 2 March 2026 Northshire Police published" in texts.caption


def test_a_template_there_is_not_and_a_feature_are_sentences() -> None:
    with pytest.raises(NotFound, match="There are: suspect, witness, property, wanted, withdrawal, correction"):
        drafting.template("missing")
    feature = factories.feature()
    with pytest.raises(Forbidden, match="tells its own story"):
        drafting.usual(feature)
    with pytest.raises(Forbidden, match="is a feature"):
        drafting.start(feature, "suspect", force=FORCE)

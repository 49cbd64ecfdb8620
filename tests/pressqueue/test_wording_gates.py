"""R13 to R16 at each of their steps: an Item that breaks only one is refused there, and passes when mended."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from pressqueue import gates, wording
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.gates.base import FROM_SUBMIT, PUBLISHING, Step
from pressqueue.models import Approval, Entry, EntryText, Item, Package, Subject
from pressqueue.moves import campaigns, items, leases

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")

CAPTION = factories.CAPTION
HAPPENED = NOW - timedelta(days=9)  # Saturday 21 February 2026
NOT_AT_SUBMIT = frozenset({Step.APPROVE, *PUBLISHING})


def said(item: Item, step: Step, **about: Any) -> list[tuple[str, str]]:
    """What the rules of wording answer at one step; whether it was approved is not asked here."""
    item.refresh_from_db()
    case = gates.Case(step, item, NOW, package=item.package, **about)
    return [(gate.number, gate.fault(case)) for gate in gates.asked(step) if _is_wording(gate) and gate.fault(case)]


def _is_wording(gate: gates.Gate) -> bool:
    return type(gate).__module__ == "pressqueue.gates.wording"


def wanted(**changes: Any) -> Item:
    caption = (
        "Have you seen Ada Quill? We would like to speak to her in connection with a reported burglary. Crimestoppers: "
        "0800 555 111. Text relay: 18001 101. Call 101 quoting {reference}."
    )
    person = factories.person(name="Ada Quill")
    values: dict[str, Any] = {
        "title": "Have you seen Ada Quill? {reference}", "caption": caption, "alt_text": "A woman with red hair.",
        "destinations": ["flickr"], "subjects": [person], "original": factories.original(), "publish_from": NOW,
        "publish_until": NOW + timedelta(hours=12), "expires_at": NOW + timedelta(days=28), "now": NOW,
        "record": factories.wanted_record(), **changes,
    }  # fmt: skip
    return items.add_item(factories.author(), campaign=factories.operation(), kind="wanted", **values)


BROKEN: dict[str, tuple[frozenset[Step], dict[str, Any], str, str]] = {
    "an insult": (FROM_SUBMIT, {"caption": f"This thug. {CAPTION}"}, "R13", "“thug” in the caption: an insult"),
    "an insult as a tag": (FROM_SUBMIT, {"tags": ["scum"]}, "R13", "“scum” in the tags"),
    "a hunt for a title": (FROM_SUBMIT, {"title": "Shop a neighbour {reference}"}, "R13", "“Shop a neighbour” in"),
    "guilt": (NOT_AT_SUBMIT, {"title": "Do you know this thief? {reference}"}, "R13", "“thief” in the title"),
    "guilt in the alternative text": (
        NOT_AT_SUBMIT, {"alt_text": "A man stealing a bicycle."}, "R13", "“stealing” in the alternative text",
    ),
    "guilt in a tag of several words": (NOT_AT_SUBMIT, {"tags": ["MillLaneThief"]}, "R13", "“Thief” in the tags"),
    "no stem": (
        FROM_SUBMIT, {"title": "{reference}", "caption": f"A person. {factories.ROUTES}"},
        "R13", "We would like to speak",
    ),
    "no route to the force": (
        FROM_SUBMIT, {"caption": CAPTION.replace("call 101 quoting", "quote")}, "R14", "Call 101 quoting {reference}",
    ),
    "no Crimestoppers": (FROM_SUBMIT, {"caption": CAPTION.replace("Crimestoppers", "us")}, "R14", "Crimestoppers"),
    "a wrong number": (
        FROM_SUBMIT, {"caption": CAPTION.replace("0800 555 111", "0800 555 112")}, "R14", "0800 555 111",
    ),
    "no text relay": (FROM_SUBMIT, {"caption": CAPTION.replace("18001 101", "")}, "R14", "text relay on 18001 101"),
    "no word to the person": (
        FROM_SUBMIT, {"caption": CAPTION.replace("If this is you, or you", "If you")}, "R14", "If this is you",
    ),
    "a danger kept silent": (
        FROM_SUBMIT, {"record": factories.appeal_record(do_not_approach=True)}, "R14", "Do not approach this person",
    ),
    "a danger the record does not know": (
        FROM_SUBMIT, {"caption": f"Do not approach, call 999. {CAPTION}"}, "R14", "the record says they may",
    ),
    "ethnicity": (FROM_SUBMIT, {"caption": f"A white male. {CAPTION}"}, "R15", "“white male” in the caption"),
    "another date": (FROM_SUBMIT, {"caption": f"On 20 February 2026. {CAPTION}"}, "R16", "Saturday 21 February 2026"),
    "no such day": (FROM_SUBMIT, {"caption": f"On 30 February. {CAPTION}"}, "R16", "no day of the calendar"),
    "another weekday": (
        FROM_SUBMIT, {"caption": f"On Sunday 21 February 2026. {CAPTION}"}, "R16", "names a weekday",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "changes", "number", "words"), BROKEN.values(), ids=BROKEN)
def test_what_breaks_one_rule_is_refused_at_each_of_its_steps(
    steps: frozenset[Step], changes: dict[str, Any], number: str, words: str
) -> None:
    item = factories.appeal(**changes)
    for step in Step.SUBMIT, Step.APPROVE, Step.TAKE, Step.BEGIN_REVEAL:
        failed = said(item, step)
        assert [each for each, _ in failed] == ([number] if step in steps else []), (step, failed)
        assert all(words in sentence for _, sentence in failed)


def test_a_good_text_passes_at_each_step() -> None:
    for item in factories.appeal(), factories.appeal(purpose="witness"), factories.appeal(purpose="property"), wanted():
        assert [said(item, step) for step in Step] == [[]] * len(Step)
    feature = factories.feature(caption="Rufus caught the culprit: a ball.")
    assert [said(feature, step) for step in Step] == [[]] * len(Step)


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": f"On Saturday 21 February, released on 1 March 2026. {CAPTION}"},
        {
            "caption": f"On 20 February. {CAPTION}",
            "record": factories.appeal_record(date_reason="Reported a day late."),
        },
        {
            "caption": f"A white male. {CAPTION}",
            "record": factories.appeal_record(ethnicity_reason="Nothing else shows."),
        },
        {
            "caption": f"Do not approach this person: call 999. {CAPTION}",
            "record": factories.appeal_record(do_not_approach=True),
        },
        {"caption": f"Reported criminal damage, a matter for our Criminal Investigation Department. {CAPTION}"},
    ],
    ids=["the recorded date among others", "a reason", "necessity", "the danger told", "an offence's title"],
)
def test_it_passes_when_mended(changes: dict[str, Any]) -> None:
    assert said(factories.appeal(**changes), Step.SUBMIT) == []


def test_a_day_is_the_campaigns_own() -> None:
    night = NOW.replace(month=7, day=1, hour=23, minute=30)  # in London it is 2 July already
    item = factories.appeal(
        now=NOW.replace(month=7, day=9), caption=f"On 2 July 2026. {CAPTION}",
        record=factories.appeal_record(NOW.replace(month=7, day=9), incident_at=night),
    )  # fmt: skip
    assert said(item, Step.SUBMIT) == []


def test_only_a_wanted_person_is_named() -> None:
    person = factories.person(name="Ada Quill")
    item = factories.appeal(subjects=[person], caption=f"This is ADA  QUILL. {CAPTION}")
    ((number, sentence),) = said(item, Step.SUBMIT)
    assert (number, "the name recorded" in sentence, "Quill" in sentence) == ("R13", True, False)
    items.edit(factories.author(), item, caption=CAPTION, now=NOW)
    assert said(item, Step.SUBMIT) == []
    assert said(wanted(), Step.SUBMIT) == []


def test_somebody_convicted_and_at_large_may_be_called_so() -> None:
    item = wanted(title="Ada Quill was convicted of burglary {reference}")
    assert [number for number, _ in said(item, Step.APPROVE)] == ["R13"]
    Subject.objects.update(category="convicted")
    assert said(item, Step.APPROVE) == []


def test_submitting_refuses_and_names_every_line_that_lacks() -> None:
    item = factories.appeal(caption="{reference}", title="Hello")
    with pytest.raises(GatesClosed) as refused:
        items.submit(factories.author(), item, now=NOW)
    assert [number for number, _ in refused.value.failures] == ["R13", "R14"]
    assert refused.value.failures[1][1].count("Write instead: ") == 5


# Letting a phrase pass


TITLE = "Have you read The Book Thief? {reference}"
BECAUSE = "The Book Thief is the title of the book in the picture."


def decide(item: Item, **overrides: str) -> Approval:
    assert item.package is not None
    if not item.package.verifications.exists():
        factories.verified(item)
    said = gates.Deciding(overrides=overrides)
    return factories.decide(factories.approver(), item, item.package.digest, said=said)


def test_the_approver_lets_a_phrase_pass_with_a_reason_and_it_goes_out() -> None:
    item = factories.in_review(factories.appeal(title=TITLE))
    for none in {}, {"R13": "  "}:
        with pytest.raises(GatesClosed, match=r"\[R13\] “Thief” in the title.*the approver says why"):
            decide(item, **none)
    approval = decide(item, R13=BECAUSE)
    assert approval.overrides == {"R13": BECAUSE}
    item.refresh_from_db()
    post = factories.posted(item)
    taken = leases.take(post, owner="w1", lease=timedelta(minutes=5), now=NOW)
    assert taken is not None and taken.title == TITLE.replace("{reference}", item.reference)
    assert said(item, Step.BEGIN_REVEAL) == []


def test_the_reason_stands_in_the_log_apart_from_the_chain() -> None:
    decide(factories.in_review(factories.appeal(title=TITLE)), R13=BECAUSE)
    entry = Entry.objects.get(act="rule_overridden")
    assert "Book Thief" not in str(entry.about)
    assert BECAUSE in EntryText.objects.get(number=entry.number).text


def test_what_was_let_pass_holds_for_that_package_alone() -> None:
    item = factories.in_review(factories.appeal(title=TITLE))
    approval = decide(item, R13=BECAUSE)
    assert said(item, Step.TAKE) == []
    Approval.objects.filter(pk=approval.pk).update(void_at=NOW)
    assert [number for number, _ in said(item, Step.TAKE)] == ["R13"], "void"
    Approval.objects.filter(pk=approval.pk).update(void_at=None)
    other = Package.objects.create(item=item, digest="ab" * 32, content="{}", made_at=NOW)
    Item.objects.filter(pk=item.pk).update(package=other)
    assert [number for number, _ in said(item, Step.TAKE)] == ["R13"], "another Package"


def test_an_author_cannot_let_it_pass() -> None:
    item = factories.in_review(factories.appeal(title=TITLE))
    approval = decide(item, R13=BECAUSE)
    Approval.objects.filter(pk=approval.pk).update(approver=item.author)
    assert [number for number, _ in said(item, Step.BEGIN_REVEAL)] == ["R13"]


@pytest.mark.parametrize("number", ["R2", "R3", "R14", "R15", "R99"])
def test_a_rule_that_may_not_be_overridden_is_not(number: str) -> None:
    item = factories.in_review(factories.appeal())
    with pytest.raises(Forbidden, match=f"Nobody may let {number} pass; with a reason these may: R13"):
        decide(item, **{number: "I say so"})


def test_an_insult_passes_for_no_reason() -> None:
    item = factories.in_review(factories.appeal())
    Item.objects.filter(pk=item.pk).update(title="This thug {reference}")
    with pytest.raises(GatesClosed, match="“thug” in the title"):
        decide(item, R13="He is one.")


def test_a_list_that_grew_after_the_approval_is_asked_at_the_last_moment() -> None:
    item = factories.approved(factories.appeal(title="Do you know this snollygoster? {reference}"))
    assert said(item, Step.BEGIN_REVEAL) == []
    shipped = wording.current()
    more = dataclasses.replace(next(each for each in shipped.phrases if each.override), words=("snollygoster",))
    with wording.using(dataclasses.replace(shipped, phrases=(*shipped.phrases, more))):
        assert [number for number, _ in said(item, Step.BEGIN_REVEAL)] == ["R13"]


# Campaigns


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Shop a Looter"}, {"album_title": "Rioters, August 2011"}, {"prefix": "LOOTER"},
        {"album_description": "People involved in the disorder"}, {"title": "Asian gangs"},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_a_campaign_that_accuses_is_not_made(changes: dict[str, str]) -> None:
    factories.office()
    values = {"slug": "larch", "title": "Operation Larch", "kind": "operation", "prefix": "WTN", **changes}
    with pytest.raises(GatesClosed, match=r"R1[35]"):
        campaigns.make_campaign(factories.author(), now=NOW, **values)
    assert not Entry.objects.filter(act="campaign_made").exists()


def test_a_campaign_may_be_called_what_some_of_its_items_may_be() -> None:
    factories.office()
    values = {"slug": "larch", "title": "Most wanted", "kind": "countdown", "prefix": "WTN"}
    campaign = campaigns.make_campaign(factories.author(), now=NOW, **values)
    ((number, sentence),) = said(factories.appeal(campaign), Step.TAKE)
    assert (number, "“Most wanted” in the campaign title" in sentence) == ("R13", True)


def test_an_item_of_a_campaign_that_accuses_is_refused() -> None:
    item = factories.appeal()
    item.campaign.album_title = "Looters"
    item.campaign.save()
    assert [number for number, _ in said(item, Step.TAKE)] == ["R13"]

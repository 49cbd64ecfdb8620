"""R24: a check of proceedings counts from the officer in the case, or from somebody who had no hand in the Item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import GatesClosed
from pressqueue.gates import checks, proceedings
from pressqueue.models import Item, Officer, Post, ProceedingsCheck
from pressqueue.moves import amendments, emergencies, items, leases, subjects

from support import factories, items_at_steps, pack_recipients
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
OIC = "DC Okafor"
WHO_COUNTS = "the officer in the case, or from an officer who had no part in what shows the person"


def second_author() -> Actor:
    return Actor(factories.officer("sena", "author").pk, "desk")


def checked(item: Item, who: Actor, asked: str = OIC, state: str = "none") -> None:
    subjects.record_check(who, item.subjects.get(), state, name="PNC", confirmed_by=asked, now=NOW)


def by_who_handed_it_in(item: Item) -> None:
    type(item.original).objects.filter(pk=item.original_id).update(received_by=second_author().officer_id)
    checked(item, second_author())


def by_who_changed_it(item: Item) -> None:
    items.edit(second_author(), item, alt_text="A person in a dark coat.", now=NOW)
    checked(item, second_author())


def by_who_changed_it_since(item: Item) -> None:
    checked(item, second_author())
    items.edit(second_author(), item, alt_text="A person in a dark coat.", now=NOW)


def by_who_answered_for_the_person(item: Item) -> None:
    subjects.describe(second_author(), item.subjects.get(), {"age_basis": "Height"}, now=NOW)
    checked(item, second_author())


def by_who_declared_the_emergency(item: Item) -> None:
    life = {"seriousness": "threat_to_life"}
    items.edit(factories.author(), item, record=life, now=NOW)
    emergencies.break_glass(factories.bystander(), item, "A life is at risk.", now=NOW)
    checked(item, factories.bystander())


def by_who_wrote_something_else_that_shows_them(item: Item) -> None:
    other = factories.appeal(subjects=[item.subjects.get()])
    Item.objects.filter(pk=other.pk).update(author=second_author().officer_id)
    checked(item, second_author())


def by_who_drafted_new_words_for_what_is_up(item: Item) -> None:
    item.subjects.update(proceedings_at=NOW)
    ready = factories.approved(item)
    pack_recipients.live(ready)
    amendments.amend(second_author(), ready, "Mended.", caption=f"{factories.CAPTION} Thank you.", now=NOW)
    item.subjects.update(proceedings_at=NOW - timedelta(days=30))
    checked(item, second_author())


def by_who_has_left_since(item: Item) -> None:
    checked(item, factories.bystander())
    Officer.objects.filter(pk=factories.bystander().officer_id).update(is_active=False)


def before_it_was_linked(item: Item) -> None:
    person = factories.person(proceedings_at=NOW - timedelta(days=30))
    subjects.record_check(factories.author(), person, "none", name="PNC", confirmed_by=OIC, now=NOW)
    items.edit(factories.author(), item, subjects=[person], now=NOW)


def by_who_is_an_investigator_no_more(item: Item) -> None:
    checked(item, factories.investigator(), "")
    Officer.objects.filter(pk=factories.investigator().officer_id).update(investigator=False)


def recorded_by_an_earlier_version(item: Item) -> None:
    item.subjects.update(proceedings="none", proceedings_at=NOW - timedelta(hours=71), proceedings_by=None)


COUNTS: dict[str, Callable[[Item], None]] = {
    "by the officer in the case": lambda item: checked(item, factories.investigator(), ""),
    "by a bystander who names whom they asked": lambda item: checked(item, factories.bystander()),
    "by its approver who names whom they asked": lambda item: checked(item, factories.approver()),
    "by an author who wrote nothing of it": lambda item: checked(item, second_author()),
    "before it was asked who recorded it": recorded_by_an_earlier_version,
}
COUNTS_NOT: dict[str, Callable[[Item], None]] = {
    "by its author": lambda item: checked(item, factories.author()),
    "by its author before the person was linked": before_it_was_linked,
    "by who handed it in": by_who_handed_it_in,
    "by who changed it": by_who_changed_it,
    "by who changed it since": by_who_changed_it_since,
    "by who answered for the person": by_who_answered_for_the_person,
    "by who drafted new words for what is up": by_who_drafted_new_words_for_what_is_up,
    "by who declared its emergency": by_who_declared_the_emergency,
    "by who wrote something else that shows them": by_who_wrote_something_else_that_shows_them,
    "by a bystander who names nobody": lambda item: checked(item, factories.bystander(), " "),
    "by who has left since": by_who_has_left_since,
    "by who is an investigator no more": by_who_is_an_investigator_no_more,
}


def unchecked() -> Item:
    """An appeal for somebody nobody has looked up for a month."""
    return factories.appeal(subjects=[factories.person(proceedings_at=NOW - timedelta(days=30))])


def refusal(item: Item) -> str:
    return proceedings.CheckedLately().fault(gates.Case(gates.Step.TAKE, Item.objects.get(pk=item.pk), NOW))


@pytest.mark.parametrize("recorded", COUNTS)
def test_a_check_counts(recorded: str) -> None:
    item = unchecked()
    assert "nobody whose word counts" in refusal(item)
    COUNTS[recorded](item)
    assert refusal(item) == ""


@pytest.mark.parametrize("recorded", COUNTS_NOT)
def test_a_check_counts_for_nothing_and_the_refusal_says_who_can_record_it(
    recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = unchecked()
    COUNTS_NOT[recorded](item)
    assert WHO_COUNTS in refusal(item) and f"“{checks.RECORD_CHECK}”" in refusal(item)
    monkeypatch.setattr(proceedings, "counts", lambda *asked: True)  # the control: whoever recorded it
    item.subjects.update(proceedings_at=NOW)
    assert refusal(item) == ""


def test_what_was_recorded_before_it_was_asked_who_did_goes_stale_by_itself() -> None:
    item = unchecked()
    recorded_by_an_earlier_version(item)
    item.subjects.update(proceedings_at=NOW - timedelta(hours=73))
    assert refusal(item)


def test_the_rule_at_review_and_the_one_while_a_named_person_is_up_ask_the_same() -> None:
    item, named = unchecked(), items_at_steps.wanted().item
    for each in (item, named):
        each.subjects.update(proceedings_at=NOW - timedelta(days=30))
        checked(each, factories.author())
    review = gates.Case(gates.Step.APPROVE, item, NOW, package=item.package, reviewing=True)
    assert WHO_COUNTS in proceedings.CheckedAtReview().fault(review)
    week = proceedings.CheckedWhileLive()
    assert WHO_COUNTS in week.fault(gates.Case(gates.Step.LIVE, Item.objects.get(pk=named.pk), NOW))
    checked(named, factories.bystander(), "")  # whom a named person's recorder asks is a system, which they name
    assert week.fault(gates.Case(gates.Step.LIVE, Item.objects.get(pk=named.pk), NOW)) == ""


def test_nothing_goes_out_on_its_author_s_own_word_and_does_once_a_bystander_asked() -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    item.subjects.update(proceedings_at=NOW - timedelta(days=30))
    checked(item, factories.author())
    with pytest.raises(GatesClosed) as closed:
        leases.take(post, "w1", timedelta(minutes=5), now=NOW)
    assert [number for number, _ in closed.value.failures] == ["R24"]
    checked(item, factories.bystander())
    assert leases.take(Post.objects.get(), "w1", timedelta(minutes=5), now=NOW) is not None


def test_an_author_s_word_is_kept_as_a_note_and_hides_no_check_that_counts() -> None:
    item = unchecked()
    checked(item, factories.bystander())
    checked(item, factories.author())
    assert [each.note for each in ProceedingsCheck.objects.order_by("pk")] == [False, True]
    assert refusal(item) == ""


def test_what_forbids_counts_from_anybody_and_what_allows_again_does_not() -> None:
    item = factories.approved(factories.appeal())
    checked(item, factories.author(), state="arrested")
    item.refresh_from_db()
    assert item.state == "withdrawn"
    checked(item, factories.author())
    assert item.subjects.get().proceedings == "arrested", "its author says it is over"
    checked(item, factories.bystander())
    assert item.subjects.get().proceedings == "none"

"""The record at the desk: filled in, refused without loss, asked for at submission, read by the approver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pressqueue import gates, records
from pressqueue.models import AppealRecord, Edit, Entry, EntryText, FeatureRecord, Item
from pressqueue.moves import items
from publisher.desk import missing
from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, QUESTIONS

from support import factories
from support.desk_officers import say_why, signed_in

Reviewed = Callable[..., Item]


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def page_of(item: Item) -> str:
    return f"/items/{item.reference}/record/"


def sent_from(client: Client, item: Item, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the page as it stands, with these answers typed in."""
    form = client.get(page_of(item)).context["form"]
    shown = {field.html_name: _browser(field) for field in form}
    return {name: value for name, value in {**shown, **changes}.items() if value is not None}


def _browser(field: Any) -> Any:
    value = field.value()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    return "" if value is None and not hasattr(field.field, "choices") else value


def appeal(**changes: Any) -> Item:
    now = datetime.now(UTC)
    return factories.appeal(now=now, **changes)


def test_every_question_is_on_the_page_with_its_label_and_help(author: Client) -> None:
    for item, groups in ((factories.feature(), FEATURE_GROUPS), (appeal(), APPEAL_GROUPS)):
        text = said(author.get(page_of(item)))
        for heading, asked in groups.items():
            wanted = heading == "A wanted person"
            assert (f">{heading}</h2>" in text) is not wanted
            for name, question in asked.items():
                assert (f'id="id_{name}' in text and question.label in text) is not wanted, name


def test_a_wanted_persons_record_asks_more(author: Client) -> None:
    now = datetime.now(UTC)
    item = items.add_item(
        factories.author(), campaign=factories.operation(), kind="wanted", original=factories.original(), now=now,
        title="Wanted: {reference}", caption="Call 101 quoting {reference}.", alt_text="A man.",
        destinations=["flickr"],
    )  # fmt: skip
    assert 'id="id_attempts_to_locate"' in said(author.get(page_of(item)))


def test_only_the_answers_that_changed_are_saved(author: Client) -> None:
    item = appeal()
    answer = author.post(page_of(item), sent_from(author, item, risk="Low.\r\nNobody else."), follow=True)
    assert "is saved" in said(answer)
    assert records.of(item).risk == "Low.\nNobody else."
    edited = Entry.objects.filter(act="item_edited").latest("number")
    assert "record: risk" in EntryText.objects.get(pk=edited.number).text
    assert Edit.objects.filter(item=item, door="desk").count() == 1


def test_saving_the_page_as_it_stands_changes_nothing(author: Client) -> None:
    """Seconds that a browser cannot show, and an hour that comes twice, are no change either."""
    autumn = datetime(2025, 10, 26, 1, 30, 17, tzinfo=UTC)  # 01:30 for the second time that night
    item = appeal(record=factories.appeal_record(datetime.now(UTC), incident_at=autumn, risk="One.\nTwo."))
    was = Item.objects.get(pk=item.pk).edition
    answer = author.post(page_of(item), sent_from(author, item, risk="One.\r\nTwo."), follow=True)
    assert "Nothing was changed." in said(answer)
    assert Item.objects.get(pk=item.pk).edition == was


def test_every_answer_can_be_given_at_the_desk(author: Client) -> None:
    item = appeal(record={})
    officer = factories.officer("dc.okafor")
    officer.investigator = True
    officer.save()
    days = {"victim_consulted_on": "2026-01-05", "restrictions_checked_on": "2026-01-06"}
    given = factories.appeal_record(timezone.localtime().replace(hour=12, minute=0))  # no change of clocks at noon
    local = {name: timezone.localtime(given[name]).strftime("%Y-%m-%dT%H:%M") for name in ("incident_at", "review_at")}
    plain = {name: value for name, value in given.items() if isinstance(value, str)}
    answers = {**plain, **days, **local, "clock_offset": "-90", "anonymity": "false", "do_not_approach": "true"}
    rows = {"means_tried_0_on": "2026-01-02", "means_tried_0_means": "Internal circulation"}
    sent = sent_from(author, item, **answers, **rows, investigator=str(officer.pk))
    assert author.post(page_of(item), sent).status_code == 302
    record = AppealRecord.objects.get(item=item)
    assert (record.clock_offset, record.anonymity, record.do_not_approach) == (-90, False, True)
    assert record.means_tried == [{"on": "2026-01-02", "means": "Internal circulation"}]
    assert record.investigator == officer
    assert record.incident_at == given["incident_at"].replace(second=0, microsecond=0)
    for name, value in plain.items():
        assert getattr(record, name) == value, name
    author.post(page_of(item), sent_from(author, item, investigator="", investigator_name="DI Ray"))
    record.refresh_from_db()
    assert (record.investigator, record.investigator_name) == (None, "DI Ray")


def test_a_features_checklist_is_the_forces_own(author: Client) -> None:
    item = factories.feature(record={})
    sent = sent_from(author, item, basis="nobody", rights="The force", source="police", facet="dogs")
    author.post(page_of(item), {**sent, "checklist": ["no_screens", "no_address"]})
    record = FeatureRecord.objects.get(item=item)
    assert (record.basis, record.facet, record.checklist) == ("nobody", "dogs", ["no_address", "no_screens"])
    strange = author.post(page_of(item), {**sent, "checklist": ["all_fine"]})
    assert strange.status_code == 400


MISTAKES = [
    ({"incident_at": "soon"}, "id_incident_at", "Enter a date and a time"),
    ({"incident_at": "2025-10-26T01:30"}, "id_incident_at", "01:30 comes twice"),
    ({"victim_consulted_on": "2026-02-30"}, "id_victim_consulted_on", "Enter a day"),
    ({"clock_offset": "fast"}, "id_clock_offset", "whole number"),
    ({"clock_offset": "9" * 12}, "id_clock_offset", "less than or equal"),
    ({"means_tried_0_on": "", "means_tried_0_means": "Posters"}, "id_means_tried_0_on", "on which day this was tried"),
    ({"means_tried_1_on": "2026-01-02"}, "id_means_tried_1_means", "what was tried on 2 January 2026"),
    ({"exhibit": "X" * 61}, "id_exhibit", "at most 60 characters"),
    ({"source": "hearsay"}, "id_source", "Select a valid choice"),
    ({"investigator": "999"}, "id_investigator", "Select a valid choice"),
]


@pytest.mark.parametrize(("change", "field", "words"), MISTAKES)
def test_a_mistake_is_named_and_linked_and_nothing_typed_is_lost(
    author: Client, change: dict[str, str], field: str, words: str
) -> None:
    item = appeal()
    answer = author.post(page_of(item), sent_from(author, item, risk="Typed just now.", **change))
    text = said(answer)
    assert answer.status_code == 400
    assert f'<a href="#{field}">' in text and words in text
    assert f'id="{field}"' in text
    assert "<title>Error: Record of" in text
    form = answer.context["form"]
    assert form["risk"].value() == "Typed just now."
    for name, value in change.items():
        assert form[name].value() == value
    assert records.of(item).risk != "Typed just now."


def test_what_the_rules_refuse_at_once_is_said_and_stays_typed(author: Client) -> None:
    item = appeal()
    ahead = (timezone.localtime() + timedelta(days=400)).replace(hour=12, minute=0).strftime("%Y-%m-%dT%H:%M")
    answer = author.post(page_of(item), sent_from(author, item, incident_at=ahead, risk="Typed just now."))
    assert answer.status_code == 409
    assert "The incident lies in the future: check its date and time. (Rule R1)" in said(answer)
    assert answer.context["form"]["risk"].value() == "Typed just now."
    assert records.of(item).risk != "Typed just now."


def test_what_another_changed_meanwhile_is_not_written_over_unseen(author: Client) -> None:
    item = appeal()
    mine = sent_from(author, item, risk="Mine.")
    theirs = signed_in("esi", "author")
    assert theirs.post(page_of(item), sent_from(theirs, item, reach="Theirs.")).status_code == 302
    answer = author.post(page_of(item), mine)
    assert answer.status_code == 409
    assert "was changed while you wrote" in said(answer)
    assert "Reach, Risk assessment" in said(answer)
    assert (records.of(item).reach, records.of(item).risk != "Mine.") == ("Theirs.", True)
    again = {**mine, "edition": answer.context["form"]["edition"].value(), "reach": "Theirs."}
    assert author.post(page_of(item), again).status_code == 302
    assert (records.of(item).reach, records.of(item).risk) == ("Theirs.", "Mine.")


def test_more_rows_are_had_without_losing_or_saving_what_is_typed(author: Client) -> None:
    item = appeal()
    sent = sent_from(author, item, means_tried_2_on="2026-01-02", means_tried_2_means="Posters", risk="Typed.")
    answer = author.post(page_of(item), {**sent, "then": "row"})
    form = answer.context["form"]
    assert answer.status_code == 200
    assert (form["means_tried_2_means"].value(), form["risk"].value()) == ("Posters", "Typed.")
    assert len([name for name in form.fields if name.endswith("_means")]) == 5  # one kept, two shown, two more
    assert "There is a problem" not in said(answer)
    assert records.of(item).risk != "Typed."
    author.post(page_of(item), {**sent, "rows": "5"})
    assert [each["means"] for each in records.of(item).means_tried] == ["Internal circulation", "Posters"]


def test_what_is_missing_is_listed_with_its_rule_and_linked(author: Client) -> None:
    item = appeal(record={}, expires_at=None)
    subject = item.subjects.get()
    type(subject).objects.update(vulnerable=None, appears_under_18="")
    text = said(author.get(page_of(item)))
    assert "Complete these before you submit" in text
    for rule in ("R1", "R7", "R9", "R10", "R11", "R12", "R14"):
        assert f"<strong>{rule}</strong>" in text, rule
    page = page_of(item)
    for link in (f"{page}#id_offence", f"{page}#id_anonymity", f"/people/{subject.number}/#answers"):
        assert f'href="{link}"' in text, link
    assert "#id_restrictions_checked_on" not in text  # asked once the answer before it is given


def test_where_a_rule_is_mended_names_rules_and_answers_there_are() -> None:
    leading = [gate for gate in gates.ALL if gate.answers or gate.item_fields]
    asked = [*gates.asked(gates.Step.SUBMIT), *gates.asked(gates.Step.TAKE)]  # and what is asked before its hour
    assert set(leading) <= set(asked)
    named = {name for gate in leading for name in gate.answers}
    assert named and named <= {*records.names("appeal"), *records.names("feature")}
    assert named <= set(QUESTIONS)
    assert {name for gate in leading for name in gate.item_fields} == set(missing._ON_THE_ITEM)
    assert {name for name in missing._ON_THE_ITEM if not hasattr(Item, name)} == set()
    assert set(missing._BESIDE) <= named


def test_the_page_that_changes_an_item_has_what_a_rule_leads_to(author: Client) -> None:
    item = appeal()
    text = said(author.get(f"/items/{item.reference}/edit/"))
    assert [element for element, _ in missing._ON_THE_ITEM.values() if f'id="{element}"' not in text] == []


def test_nothing_missing_is_said_as_well(author: Client) -> None:
    assert "Every rule checked before submission passes" in said(author.get(page_of(appeal())))


def test_asking_what_is_missing_changes_nothing(author: Client) -> None:
    item, before = appeal(record={}), Entry.objects.count()
    author.get(page_of(item))
    item.refresh_from_db()
    assert (item.state, Entry.objects.filter(about__contains='"item"').count() <= before) == ("draft", True)
    assert not EntryText.objects.filter(text__contains="record:").exists()


def test_submitting_too_early_shows_every_rule_with_its_number(author: Client) -> None:
    item = appeal(record={})
    answer = author.post(f"/items/{item.reference}/submit/")
    text = said(answer)
    assert answer.status_code == 409
    assert f"{item.reference} was not submitted" in text
    assert 'role="alert"' in text and "<title>Error: " in text
    for rule in ("R1", "R9", "R10", "R12", "R14"):
        assert f"<strong>{rule}</strong>" in text, rule
    item.refresh_from_db()
    assert item.state == "draft"


def test_the_record_is_saved_and_submitted_in_one_step(author: Client) -> None:
    item = appeal()
    answer = author.post(page_of(item), sent_from(author, item, risk="Looked at again.", then="submit"))
    assert answer["Location"] == f"/items/{item.reference}/"
    item.refresh_from_db()
    assert (item.state, records.of(item).risk) == ("submitted", "Looked at again.")


def test_what_is_saved_stays_saved_where_submitting_is_refused(author: Client) -> None:
    item = appeal(record={})
    answer = author.post(page_of(item), sent_from(author, item, risk="A first answer.", then="submit"))
    assert answer.status_code == 409
    assert "is saved" in said(answer) and "was not submitted" in said(answer)
    item.refresh_from_db()
    assert (item.state, records.of(item).risk) == ("draft", "A first answer.")


def test_changing_the_record_of_what_was_approved_sends_it_back(author: Client, reviewed: Reviewed) -> None:
    now = datetime.now(UTC)
    item = factories.approved(factories.appeal(now=now), now=now)
    assert "Any change sends it back" in said(author.get(page_of(item)))
    author.post(page_of(item), sent_from(author, item, risk="Looked at again."))
    item.refresh_from_db()
    assert item.state == "submitted"


def test_no_answer_is_taken_from_what_waits_for_a_decision(author: Client, reviewed: Reviewed) -> None:
    item = reviewed(factories.feature())
    answer = author.post(page_of(item), sent_from(author, item, rights=""))
    assert answer.status_code == 409
    assert "who holds the rights in the picture. (Rule R43)" in said(answer)
    assert records.of(item).rights == "Northshire Police"


def test_who_does_not_write_does_not_change_a_record(approver: Client) -> None:
    item = appeal()
    assert approver.get(page_of(item)).status_code == 403
    assert approver.post(page_of(item), {"edition": "0", "risk": "None."}).status_code == 403
    assert records.of(item).risk == "Low; nobody else is shown."


def test_the_approver_reads_the_whole_record_in_order_beside_the_picture(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed(factories.appeal())
    say_why(approver)
    text = said(approver.get(f"/items/{item.reference}/"))
    record = text[text.index('id="record"') : text.index('class="decide"')]
    places = []
    for asked in (each for heading, each in APPEAL_GROUPS.items() if heading != "A wanted person"):
        for name, question in asked.items():
            assert f"<dt>{question.label}</dt>" in record, name
            places.append(record.index(f"<dt>{question.label}</dt>"))
    assert places == sorted(places)
    for answer in ("a reported burglary", "CCTV", "Volume crime", "Internal circulation", "Not answered"):
        assert answer in record, answer
    number = item.subjects.get().number
    assert f'href="/people/{number}/"' in record
    assert "No proceedings, looked up" in record
    assert "<input" not in record and "<textarea" not in record


def test_a_record_with_markup_is_shown_as_text(author: Client) -> None:
    item = factories.appeal(record=factories.appeal_record(risk="<b>Low</b>"))
    say_why(author)
    for page in (f"/items/{item.reference}/", page_of(item)):
        assert "<b>Low</b>" not in author.get(page).content.decode()
        assert "&lt;b&gt;Low&lt;/b&gt;" in author.get(page).content.decode()

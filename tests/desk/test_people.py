"""A person's page: the answers, the checks of proceedings and what they bring down."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pressqueue.models import ProceedingsCheck, Subject
from pressqueue.moves import subjects
from pressqueue.moves.leases import database_now

from support import factories
from support.desk_officers import say_why

ANSWERS = {
    "answer-category": "suspect",
    "answer-name": "",
    "answer-appears_under_18": "unsure",
    "answer-appears_under_10": "false",
    "answer-age_basis": "A hood hides the face.",
    "answer-vulnerable": "true",
    "answer-vulnerability": "Seemed unwell.",
}
CHECK = {"check-state": "none", "check-name": "PNC", "check-at": "", "check-confirmed_by": "DC Okafor"}


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def somebody() -> Subject:
    return subjects.make_subject(factories.author(), factories.operation(), now=factories.NOW)


def test_the_answers_are_given_on_the_persons_own_page(author: Client) -> None:
    person = somebody()
    answer = author.post(f"/people/{person.number}/describe/", ANSWERS, follow=True)
    assert f"The answers for {person.number} are saved." in said(answer)
    person.refresh_from_db()
    assert (person.category, person.appears_under_18, person.vulnerable) == ("suspect", "unsure", True)
    assert (person.age_basis, person.vulnerability) == ("A hood hides the face.", "Seemed unwell.")
    form = author.get(f"/people/{person.number}/").context["describe"]
    assert (form["vulnerable"].value(), form["category"].value()) == ("true", "suspect")


def test_saving_the_answers_as_they_stand_changes_nothing(author: Client) -> None:
    person, grown = somebody(), {**ANSWERS, "answer-appears_under_18": "no", "answer-vulnerable": "false"}
    author.post(f"/people/{person.number}/describe/", grown)
    item = factories.approved(factories.appeal(subjects=[person]))
    answer = author.post(f"/people/{person.number}/describe/", grown, follow=True)
    assert "Nothing was changed." in said(answer)
    item.refresh_from_db()
    assert item.state == "approved"


def test_another_answer_sends_what_shows_them_back_to_review(author: Client) -> None:
    person = somebody()
    item = factories.approved(factories.appeal(subjects=[person]))
    author.post(f"/people/{person.number}/describe/", {**ANSWERS, "answer-appears_under_18": "yes"})
    item.refresh_from_db()
    assert item.state == "submitted"


def test_a_wrong_answer_is_named_and_the_others_stay_typed(author: Client) -> None:
    person = somebody()
    answer = author.post(f"/people/{person.number}/describe/", {**ANSWERS, "answer-category": "villain"})
    assert answer.status_code == 400
    assert '<a href="#id_answer-category">' in said(answer)
    assert "<title>Error: " in said(answer)
    assert answer.context["describe"]["age_basis"].value() == "A hood hides the face."
    person.refresh_from_db()
    assert person.age_basis == ""


def test_who_does_not_write_reads_the_answers_and_changes_none(approver: Client) -> None:
    person = factories.person(age_basis="Build and dress")
    text = said(approver.get(f"/people/{person.number}/"))
    assert "<dd>Build and dress</dd>" in text and "Save the answers" not in text
    answer = approver.post(f"/people/{person.number}/describe/", ANSWERS)
    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.age_basis == "Build and dress"


def test_a_check_is_recorded_by_any_officer_and_kept_in_the_history(approver: Client) -> None:
    person = somebody()
    assert "Nobody has looked up proceedings" in said(approver.get(f"/people/{person.number}/"))
    approver.post(f"/people/{person.number}/check/", CHECK)
    approver.post(f"/people/{person.number}/check/", {**CHECK, "check-name": "Niche"})
    text = said(approver.get(f"/people/{person.number}/"))
    assert text.index("<td>Niche</td>") < text.index("<td>PNC</td>")  # newest first
    assert "<td>No proceedings</td>" in text and "<td>DC Okafor</td>" in text and "<td>Bran</td>" in text
    person.refresh_from_db()
    assert person.proceedings == "none"


def test_a_check_by_who_wrote_what_shows_the_person_is_a_note_and_the_page_says_whose_counts(author: Client) -> None:
    person = factories.appeal().subjects.get()
    page = said(author.get(f"/people/{person.number}/"))
    assert "counts from the officer in the case, or from an officer who had no part in what shows the person" in page
    answer = author.post(f"/people/{person.number}/check/", CHECK, follow=True)
    assert "It is a note and confirms nothing." in said(answer) and "A note only" in said(answer)


def test_an_arrest_takes_down_what_is_approved_and_says_so(approver: Client) -> None:
    person = factories.person(now=database_now() - timedelta(days=1))
    item = factories.approved(factories.appeal(subjects=[person]))
    answer = approver.post(f"/people/{person.number}/check/", {**CHECK, "check-state": "arrested"}, follow=True)
    assert f"Taking {item.reference} down has begun" in said(answer)
    item.refresh_from_db()
    assert item.state == "withdrawn"


def local(moment: datetime) -> str:
    return timezone.localtime(moment).replace(hour=12, minute=0).strftime("%Y-%m-%dT%H:%M")


REFUSED = [
    ({"check-state": ""}, 400, "Say what was found."),
    ({"check-name": " "}, 400, "Say where it was looked up."),
    ({"check-at": "yesterday"}, 400, "Enter a date and a time"),
    ({"check-at": "2099-06-01T12:00"}, 403, "The check lies in the future"),
]


@pytest.mark.parametrize(("change", "code", "words"), REFUSED)
def test_a_check_that_cannot_be_is_refused_and_stays_typed(
    author: Client, change: dict[str, str], code: int, words: str
) -> None:
    person = somebody()
    answer = author.post(f"/people/{person.number}/check/", {**CHECK, **change})
    assert answer.status_code == code
    assert words in said(answer)
    assert answer.context["check_form"]["confirmed_by"].value() == "DC Okafor"
    assert not ProceedingsCheck.objects.exists()


def test_an_older_check_does_not_take_the_place_of_a_newer_one(author: Client) -> None:
    person = somebody()
    author.post(f"/people/{person.number}/check/", CHECK)
    old = local(database_now() - timedelta(days=2))
    answer = author.post(f"/people/{person.number}/check/", {**CHECK, "check-state": "arrested", "check-at": old})
    assert answer.status_code == 403
    assert "was looked up since" in said(answer)
    person.refresh_from_db()
    assert person.proceedings == "none"


def test_what_shows_the_person_is_listed_and_the_item_links_back(author: Client) -> None:
    item = factories.appeal()
    number = item.subjects.get().number
    say_why(author)
    assert f'<a href="/items/{item.reference}/">' in said(author.get(f"/people/{number}/"))
    assert f'<a href="/people/{number}/">' in said(author.get(f"/items/{item.reference}/"))
    assert f'<a href="/people/{number}/">' in said(author.get(f"/items/{item.reference}/record/"))


def test_nothing_of_a_person_stands_in_a_log_line(author: Client, caplog: pytest.LogCaptureFixture) -> None:
    person = somebody()
    with caplog.at_level(logging.DEBUG):
        author.post(f"/people/{person.number}/describe/", {**ANSWERS, "answer-name": "Jo Doe"})
        author.post(f"/people/{person.number}/describe/", {**ANSWERS, "answer-category": "villain"})
        author.post(f"/people/{person.number}/check/", {**CHECK, "check-state": "arrested"})
    written = [record for record in caplog.records if record.name != "django.db.backends"]
    lines = " ".join(record.getMessage() for record in written)
    for words in ("Jo Doe", "A hood hides", "Seemed unwell", "arrested", "Okafor"):
        assert words not in lines
    assert Subject.objects.get(pk=person.pk).name == "Jo Doe"


def test_a_number_nobody_has_is_no_page(author: Client) -> None:
    assert author.post("/people/WTN-9999/describe/", ANSWERS).status_code == 404
    assert author.post("/people/WTN-9999/check/", CHECK).status_code == 404

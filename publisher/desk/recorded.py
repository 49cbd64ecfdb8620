"""A record and a person's answers, to be read: what the approver sees beside the picture, in the form's order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pressqueue import policy, records
from pressqueue.models import Item, Officer, Subject
from pressqueue.moves.amendment_trial import ENDS
from pressqueue.proceedings import WORDS, Proceedings
from publisher.desk.questions import PERSON_GROUPS, said
from publisher.desk.record_form import groups_of
from publisher.desk.templatetags.desk import moment


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with what was answered: lines of text, none where nobody has."""

    label: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and the answers below it."""

    heading: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody shown."""

    subject: Subject
    answers: list[Answer]
    proceedings: str


def of_item(item: Item) -> list[Group]:
    """Every answer of the Item's record."""
    record = records.of(item)
    return [
        Group(heading, [Answer(each.label, lines(name, getattr(record, name))) for name, each in asked.items()])
        for heading, asked in groups_of(item, record).items()
    ]


def of_people(item: Item) -> list[Person]:
    """Everybody the Item shows."""
    return [
        Person(subject, of_person(subject), proceedings_of(subject)) for subject in item.subjects.order_by("number")
    ]


def of_person(subject: Subject) -> list[Answer]:
    """What was answered of a person."""
    asked = PERSON_GROUPS["The person shown"]
    return [Answer(each.label, lines(name, getattr(subject, name))) for name, each in asked.items()]


def proceedings_of(subject: Subject) -> str:
    """How proceedings stood, and when that was looked up; empty where nobody ever did."""
    if not subject.proceedings:
        return ""
    words = WORDS[Proceedings(subject.proceedings)]
    return f"{words[:1].upper()}{words[1:]}, looked up {moment(subject.proceedings_at)}"


def lines_of(name: str, value: Any) -> list[str]:
    """One of the Item's own texts, its tags, or its end in ISO 8601, as lines."""
    if isinstance(value, list):
        return [str(each) for each in value]
    if value and name == ENDS:
        return [moment(datetime.fromisoformat(value))]
    return [line for line in str(value or "").splitlines() if line]


def lines(name: str, value: Any) -> list[str]:
    """One answer, as lines of text."""
    if name == "means_tried":
        return [f"{_day(date.fromisoformat(each['on']))}: {each['means']}" for each in value]
    if name == "checklist":
        return [words for key, words in policy.current().safety_checklist if key in value]
    if isinstance(value, Officer):
        return [f"{value.name}, {value.rank}" if value.rank else value.name]
    if isinstance(value, datetime):
        return [moment(value)]
    if isinstance(value, date):
        return [_day(value)]
    return [line for line in said(name, value).splitlines() if line]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"

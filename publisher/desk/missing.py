"""What is still missing before an Item can be submitted: each rule that fails, and where it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from pressqueue import gates, records
from pressqueue.gates.base import Leads
from pressqueue.models import Item
from publisher.desk import fit
from publisher.desk.access import office
from publisher.desk.questions import QUESTIONS
from publisher.publishing import readiness
from publisher.scheduling import schedule_text


@dataclass(frozen=True, slots=True)
class Link:
    """A place where it is mended."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One rule that fails."""

    rule: str
    sentence: str
    links: list[Link]


# The Item's own fields, as the page that changes it has them: the element's id, and what is asked there.
_ON_THE_ITEM: dict[str, tuple[str, str]] = {
    "purpose": ("id_purpose", "What is sought"),
    "title": ("id_title", "Title and caption"),
    "caption": ("id_caption", "Caption"),
    "alt_text": ("id_alt_text", "Alternative text"),
    "comments": ("id_comments", "Comments"),
    "subjects": ("id_people", "People shown"),
    "publish_from": ("id_publish_from", "Schedule"),
    "expires_at": ("id_expires_at", "Taken down on"),
}
# Answers that are asked only beside another one.
_BESIDE: dict[str, Callable[[gates.Case], bool]] = {
    "link_to_offence": lambda case: case.seeks_a_person,
    "clock_offset": lambda case: case.appeal.source == "cctv",
    "restrictions_checked_on": lambda case: bool(case.appeal.restrictions),
    "restrictions_checked_by": lambda case: bool(case.appeal.restrictions),
    "contact": lambda case: not case.item.campaign.contact.strip(),
    "image_age_reason": lambda case: case.appeal.image_taken_on is not None,
    "others_reason": lambda case: case.appeal.others_in_frame == "justified",
    "custody_reason": lambda case: case.appeal.source == "custody",
    "consent_detail": lambda case: case.feature.basis == "consent",
}


def before_submission(item: Item, now: datetime) -> list[Missing]:
    """Every gate of submission that does not hold now, and what keeps it from ever going out. Nothing is changed."""
    case, record = gates.Case(gates.Step.SUBMIT, item, now), records.of(item)
    asked = [(gate, gate.fault(case)) for gate in gates.asked(gates.Step.SUBMIT)]
    lacking = [Missing(gate.number, said, list(_links(gate, case, record))) for gate, said in asked if said]
    edit = reverse("edit", args=[item.reference])
    links = [Link(f"{edit}#id_when_0", "Schedule"), Link(f"{edit}#id_destinations_0", "Destinations")]
    stuck = readiness.faults(item, office(), settings.SECRETS, now)
    return lacking + [Missing(number, said, links) for number, said in stuck]


def before_its_hour(item: Item, now: datetime) -> list[Missing]:
    """What would keep an approved Item from going out at its hour, and where it is answered."""
    case, record = gates.Case(gates.Step.TAKE, item, now, package=item.package), records.of(item)
    found = schedule_text.ahead_of(item, now, fit.needs_attestation)
    return [Missing(each.number, each.sentence, list(_links(each.gate, case, record))) for each in found]


def _links(gate: gates.Gate, case: gates.Case, record: records.Record) -> Iterator[Link]:
    """Where the answers lie that satisfy this gate: in the record, on the Item, or with a person."""
    page, edit = (reverse(name, args=[case.item.reference]) for name in ("record", "edit"))
    for name in _led_to(gate, case, record):
        yield Link(f"{page}#id_{name}", QUESTIONS[name].label)
    for name in gate.item_fields:
        if gate.leads_to is not Leads.EMPTY or _empty(case.item, name):
            element, words = _ON_THE_ITEM[name]
            yield Link(f"{edit}#{element}", words)
    for person in case.people:
        if gate.is_open(person):
            part = "check" if gate.looks_up else "answers"
            yield Link(f"{reverse('person', args=[person.number])}#{part}", person.number)


def _led_to(gate: gates.Gate, case: gates.Case, record: records.Record) -> list[str]:
    known = [name for name in gate.answers if hasattr(record, name) and _applies(name, case)]
    empty = [name for name in known if _empty(record, name)]
    if gate.leads_to is Leads.GIVEN:
        return [name for name in known if name not in empty]
    return empty or ([] if gate.leads_to is Leads.EMPTY else known)


def _applies(name: str, case: gates.Case) -> bool:
    """Some answers are asked only beside another one."""
    asked = _BESIDE.get(name)
    return asked is None or asked(case)


def _empty(record: models.Model, name: str) -> bool:
    answer = getattr(record, name)
    return answer in (None, "", []) or (isinstance(answer, str) and not answer.strip())

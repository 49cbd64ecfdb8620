"""What is still missing before an Item can be submitted: each rule that fails, and where it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from pressqueue import gates, records
from pressqueue.gates.records import REQUIRED
from pressqueue.models import Item, Subject
from pressqueue.proceedings import ENDED, Proceedings
from publisher.desk import fit
from publisher.desk.access import office
from publisher.desk.questions import QUESTIONS
from publisher.publishing import readiness
from publisher.scheduling import schedule_text

Open = Callable[[Subject], bool]


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


# Where each rule's answers lie, by the rule's class. Of a record's, those that are empty are linked, else all.
_IN_RECORD: dict[str, tuple[str, ...]] = {
    "RecordComplete": (*REQUIRED, "link_to_offence", "clock_offset", "restrictions_checked_on",
                       "restrictions_checked_by", "contact"),
    "DatesPossible": ("incident_at", "incident_until", "victim_consulted_on", "restrictions_checked_on",
                      "image_taken_on", "review_at"),
    "DatesNear": ("review_at",),
    "NoRestriction": ("restrictions",),
    "ChildJustified": ("less_intrusive", "child_welfare"),
    "AnonymityAnswered": ("anonymity",),
    "VictimConsulted": ("victim_consulted",),
    "OthersCovered": ("others_in_frame", "others_reason"),
    "ApproachAnswered": ("do_not_approach",),
    "WantedJustified": ("attempts_to_locate", "image_taken_on", "image_age_reason", "custody_reason"),
    "NamedWhileAtLarge": ("legal_check",),
    "FeatureRecordComplete": ("basis", "consent_detail", "rights", "source", "facet", "checklist"),
    "ConsentStands": ("consent_until", "rights_until"),
    "FeatureIsNoAppeal": ("source",),
}  # fmt: skip
# What is asked of each person, and of whom it is open.
_OF_PEOPLE: dict[str, Open] = {
    "AgeAnswered": lambda each: (
        not (each.appears_under_18 and each.age_basis.strip())
        or (each.may_be_a_child and each.appears_under_10 is None)
    ),
    "NeverUnderTen": lambda each: bool(each.appears_under_10),
    "NoVictim": lambda each: each.category == Subject.Category.VICTIM,
    "CategoryFits": lambda each: True,
    "VulnerabilityAnswered": lambda each: each.vulnerable is None or not each.vulnerability.strip(),
    "WantedJustified": lambda each: not each.name.strip(),
    "UnidentifiedOnly": lambda each: each.proceedings != Proceedings.NONE,
    "NotAfterArrest": lambda each: each.proceedings in ENDED,
    "NoCourtResult": lambda each: each.proceedings == Proceedings.CONCLUDED_GUILTY,
    "CheckedLately": lambda each: True,
}
_LOOKED_UP = ("CheckedLately", "UnidentifiedOnly", "NotAfterArrest", "NoCourtResult")
_IN_WORDS: dict[str, tuple[str, str]] = {  # of the page that changes the Item
    "SaysWhatIsSought": ("id_purpose", "What is sought"),
    "HasWords": ("id_title", "Title and caption"),
    "ReferenceShown": ("id_caption", "Caption"),
    "AltText": ("id_alt_text", "Alternative text"),
    "AppealTerms": ("id_comments", "Comments"),
    "PersonNumbered": ("id_people", "People shown"),
    "WithinWindow": ("id_publish_from", "Schedule"),
    "NotExpired": ("id_expires_at", "Taken down on"),
    "DatesPossible": ("id_expires_at", "Taken down on"),
    "DatesNear": ("id_expires_at", "Taken down on"),
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
    kind, page = type(gate).__name__, reverse("record", args=[case.item.reference])
    for name in _named(kind, case, record):
        yield Link(f"{page}#id_{name}", QUESTIONS[name].label)
    if kind == "RecordComplete" and case.item.expires_at is None:
        yield Link(f"{reverse('edit', args=[case.item.reference])}#id_expires_at", "Taken down on")
    if kind in _IN_WORDS:
        field, words = _IN_WORDS[kind]
        yield Link(f"{reverse('edit', args=[case.item.reference])}#{field}", words)
    is_open = _OF_PEOPLE.get(kind)
    for each in case.people if is_open else ():
        if is_open is not None and is_open(each):
            part = "check" if kind in _LOOKED_UP else "answers"
            yield Link(f"{reverse('person', args=[each.number])}#{part}", each.number)


def _named(kind: str, case: gates.Case, record: records.Record) -> list[str]:
    known = [name for name in _IN_RECORD.get(kind, ()) if hasattr(record, name) and _applies(name, case)]
    if kind in ("DatesPossible", "DatesNear", "ConsentStands"):  # about what is answered, not about what is not
        return [name for name in known if not _empty(record, name)]
    return [name for name in known if _empty(record, name)] or ([] if kind == "RecordComplete" else known)


def _applies(name: str, case: gates.Case) -> bool:
    """Some answers are asked only beside another one."""
    asked = _BESIDE.get(name)
    return asked is None or asked(case)


def _empty(record: models.Model, name: str) -> bool:
    answer = getattr(record, name)
    return answer in (None, "", []) or (isinstance(answer, str) and not answer.strip())

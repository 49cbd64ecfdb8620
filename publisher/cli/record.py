"""`record` and `person`: what was answered for an Item and of the people it shows, what is missing, and changing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli import answers, templates
from publisher.cli.answers import KINDS, Given
from publisher.cli.items import describe_subject, find, find_subject
from publisher.cli.moments import iso, shown
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.desk import questions
from publisher.output import Declined, show, table, tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import Model

    from pressqueue.actors import Actor
    from pressqueue.models import Item, Subject

UNANSWERED = "not answered"
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Answer one question; may be given again. An empty answer removes it."
    ),
]


def register(app: typer.Typer) -> None:
    app.command("record")(record)
    app.command("person")(person)


def record(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A reference, such as WTN-0001.")] = "",
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Answer from this TOML file; see --template.")
    ] = None,
    set_: Set = None,
    template: Annotated[
        str, typer.Option(metavar="KIND", help="Print a file to fill in, for a feature, an appeal, or wanted.")
    ] = "",
    deferred: Annotated[
        bool, typer.Option("--deferred", help="These answers were deferred by a threat to life (see break-glass).")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Why an Item may be published: every answer, and what is missing still. With --from or --set, change it."""
    if bool(reference) == bool(template):
        raise Declined("Name one Item, or a kind with --template.")
    if template and (from_ or set_):
        raise Declined("--template prints a file and changes nothing: leave out --from and --set.")
    if template and template not in KINDS:
        raise Declined(f"“{template}” has no record: --template takes {', '.join(KINDS)}.")
    session = enter(context)
    if template:
        return tell({"template": templates.text(template)}, as_json, lambda: templates.text(template).rstrip("\n"))
    item = find(reference)
    if from_ is not None or set_:
        change = _answer_deferred if deferred else _change
        item = change(session, act(session, user), item, _given(session, item, from_, set_ or []))
    found = _recorded(item)
    zone = session.office.identity.zone
    tell(
        found, as_json, lambda: table("answer", "name", "", rows=_rows(_record_of(item), found["missing_names"], zone))
    )
    if not as_json:
        _print_the_rest(item, found, zone)
    return None


def _given(session: Session, item: Item, file: Path | None, pairs: list[str]) -> Given:
    """What the command answers; what is typed goes before what the file says."""
    zone = session.office.identity.zone
    given = answers.from_file(file, item.kind, zone) if file else Given()
    return Given(given.record | answers.record_typed(pairs, item.kind, zone), given.person, given.source)


def _change(session: Session, actor: Actor, item: Item, given: Given) -> Item:
    """Both the record and the person shown, or neither."""
    from django.db import transaction

    from pressqueue.moves import items

    with transaction.atomic():
        people = list(item.subjects.order_by("number"))
        describe(session, actor, people, given)
        differing = answers.changed(_record_of(item), given.record)
        if differing:
            items.edit(actor, item, now=session.now, record=differing)
    return find(item.reference)


def _answer_deferred(session: Session, actor: Actor, item: Item, given: Given) -> Item:
    """The same while it is public: nothing that is shown changes by it."""
    from pressqueue.moves import emergencies

    if given.person:
        raise Declined("--deferred answers the record; a person is described by `publisher person NUMBER --set`.")
    emergencies.answer_deferred(actor, item, answers.changed(_record_of(item), given.record), now=session.now)
    return find(item.reference)


def describe(session: Session, actor: Actor, people: list[Subject], given: Given) -> None:
    """What a file answers about everybody who is shown. The caller holds a transaction. Raises Declined."""
    from pressqueue.moves import subjects

    if not given.person:
        return
    if not people:
        raise Declined(
            f"{given.source}: [person] answers about somebody, and nobody is named: add --new-subject or --subject "
            "NUMBER, or take it out."
        )
    if len(people) > 1 and given.person.get("name"):
        raise Declined(
            f"{given.source}: [person] gives one name, and {len(people)} people are shown: take it out, and name each "
            f"with `publisher person NUMBER --set name=...`."
        )
    for each in people:
        subjects.describe(actor, each, given.person, now=session.now)


def _record_of(item: Item) -> Any:
    from pressqueue import records

    return records.of(item)


def _recorded(item: Item) -> dict[str, Any]:
    """An Item's record for machines. `missing`: what the rules ask for before it can be submitted, each by number."""
    from pressqueue import records

    names = records.names(item.kind)
    return {
        "reference": item.reference,
        "kind": item.kind,
        "state": str(item.state),
        "answers": _answered(_record_of(item), names),
        "people": [
            {"number": subject.number, "answers": _answered(subject, records.ANSWERS)}
            for subject in item.subjects.order_by("number")
        ],
        "missing_names": _missing_names(item),
        "missing": [{"rule": number, "words": words} for number, words in _missing(item)],
    }


def _answered(row: Model, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """Every answer by its name, None where there is none; an account by its user name."""
    from pressqueue import records

    found = {name: None if value in ("", []) else value for name, value in records.answers_of(row, names).items()}
    if found.get(answers.INVESTIGATOR) is not None:
        found[answers.INVESTIGATOR] = row.investigator.username  # type: ignore[attr-defined]  # an AppealRecord's
    return found


def _missing_names(item: Item) -> list[str]:
    """The answers R1 asks of every appeal that nobody gave."""
    from pressqueue.gates.records import unanswered
    from pressqueue.models import AppealRecord

    row = _record_of(item)
    return unanswered(row) if isinstance(row, AppealRecord) else []


def _missing(item: Item) -> list[tuple[str, str]]:
    """What every rule says at the step of submitting; of what has ended, nothing."""
    from pressqueue import gates
    from pressqueue.moves import leases
    from pressqueue.states import ItemState

    if item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED):
        return []
    return gates.faults(gates.Case(gates.Step.SUBMIT, item, leases.database_now()))


def _rows(row: Model, missing: list[str], zone: str) -> list[tuple[str, str, str]]:
    """Label, name and answer of everything that is answered, and of what is asked and is not."""
    from pressqueue.models import FeatureRecord, Subject

    groups = questions.FEATURE_GROUPS if isinstance(row, FeatureRecord) else questions.APPEAL_GROUPS
    if isinstance(row, Subject):
        groups = questions.PERSON_GROUPS
    rows = []
    for name, asked in ((name, asked) for group in groups.values() for name, asked in group.items()):
        said = UNANSWERED if name in missing else _said(name, getattr(row, name), zone)
        if said:
            rows.append((asked.label, name, said))
    return rows


def _said(name: str, value: Any, zone: str) -> str:
    if name == answers.MEANS:
        return "; ".join(f"{each['on']}: {each['means']}" for each in value)
    if name == answers.CHECKLIST:
        return ", ".join(value)
    return shown(value, zone) if hasattr(value, "hour") else questions.said(name, value)


def _print_the_rest(item: Item, found: Mapping[str, Any], zone: str) -> None:
    for subject in item.subjects.order_by("number"):
        show(f"\n{subject.number}")
        show(table("answer", "name", "", rows=_rows(subject, open_questions(subject), zone)))
    missing = [(each["rule"], each["words"]) for each in found["missing"]]
    if missing:
        show("")
        show(table("rule", "missing before it can be submitted", rows=missing))


def person(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A person's number, or a reference that shows one.")],
    set_: Set = None,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """What was answered of a person who is sought, and how proceedings stand. With --set, answer it."""
    session = enter(context)
    subject, zone = find_subject(number), session.office.identity.zone
    before = _states(subject)
    if set_:
        actor = act(session, user)
        typed = answers.person_typed(set_, zone)
        from pressqueue.moves import subjects

        subject = subjects.describe(actor, subject, answers.changed(subject, typed), now=session.now)
    payload = _known_of(subject) | {"changed": _moved(before, _states(subject))}
    tell(payload, as_json, lambda: table("answer", "name", "", rows=_person_rows(subject, zone)))
    if not as_json:
        for each in payload["changed"]:
            show(f"{each['reference']} is {each['state']}{_because(each['state'])}.")


def _because(state: str) -> str:
    return " because of it" if state == "withdrawn" else ": it is prepared and approved again"


def _states(subject: Subject) -> dict[str, str]:
    return {item.reference: str(item.state) for item in subject.items.order_by("reference")}


def _moved(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"reference": reference, "state": state} for reference, state in after.items() if before.get(reference) != state
    ]


def open_questions(subject: Subject) -> list[str]:
    """What is asked of everybody shown and is not answered (R7, R11, R23)."""
    asked = ("category", "appears_under_18", "age_basis", "vulnerable")
    return [name for name in asked if getattr(subject, name) in ("", None)]


def _known_of(subject: Subject) -> dict[str, Any]:
    from pressqueue import records

    return {
        **describe_subject(subject),
        "answers": _answered(subject, records.ANSWERS),
        "missing_names": open_questions(subject),
        "proceedings": subject.proceedings or None,
        "proceedings_at": iso(subject.proceedings_at),
        "checks": [
            {"state": check.state, "at": iso(check.at), "check": check.name, "by": check.by.username,
             "confirmed_by": check.confirmed_by, "recorded": iso(check.recorded_at), "note": check.note}
            for check in subject.checks.select_related("by").order_by("pk")
        ],
    }  # fmt: skip


def _person_rows(subject: Subject, zone: str) -> list[tuple[str, str, str]]:
    rows = [("Number", "", subject.number), *_rows(subject, open_questions(subject), zone)]
    rows += [("Shown in", "", ", ".join(subject.items.order_by("reference").values_list("reference", flat=True)))]
    rows += [("Proceedings", "", _proceedings(subject.proceedings, subject.proceedings_at, zone))]
    return [row for row in rows if row[2]]


def _proceedings(state: str, at: datetime | None, zone: str) -> str:
    from pressqueue.proceedings import WORDS, Proceedings

    return f"{WORDS[Proceedings(state)]}, looked up {shown(at, zone)}" if state else "nobody has looked them up yet"

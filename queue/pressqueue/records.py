"""An Item's record and its people's answers: filled in, read, and hashed into the Package.

The Package holds a digest and no words of them, so that purging the words leaves what was approved whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from pressqueue.errors import Forbidden
from pressqueue.field_kinds import Kind, column_of, kind_of
from pressqueue.hashing import canonical
from pressqueue.models import AppealRecord, FeatureRecord, Item, Officer, Subject

Record = AppealRecord | FeatureRecord
# What an officer answers of a person; everything else of a Subject follows from moves.
ANSWERS = (
    "category", "name", "appears_under_18", "appears_under_10", "age_basis", "vulnerable", "vulnerability",
)  # fmt: skip
LONGEST = 10_000  # characters of one answer


def model_of(kind: str) -> type[AppealRecord] | type[FeatureRecord]:
    """Returns the model of the record of this kind of Item."""
    return FeatureRecord if kind == Item.Kind.FEATURE else AppealRecord


def names(kind: str) -> list[str]:
    """Returns the names of the answers that a record of this kind of Item holds."""
    return [field.name for field in model_of(kind)._meta.fields if field.name not in ("item", "salt")]


def of(item: Item) -> Record:
    """Returns the Item's record; an empty one where nobody has begun it."""
    model = model_of(item.kind)
    found: Record | None = model.objects.filter(item=item).first()
    return found or model(item=item)


def filled(item: Item, answers: Mapping[str, Any]) -> tuple[Record, list[str]]:
    """Returns the Item's record with these answers, not saved, and the names of the changed ones.

    Other answers stay as they are. Moments must be aware. Raises Forbidden, naming the field, for a value it cannot
    hold.
    """
    record, known = of(item), names(item.kind)
    if strange := sorted(set(answers) - set(known)):
        raise Forbidden(f"The record of {_a(item.kind)} has no “{strange[0]}”. It has: {', '.join(known)}.")
    return record, sorted(name for name, value in answers.items() if _put(record, name, value))


def answer(subject: Subject, answers: Mapping[str, Any]) -> list[str]:
    """Write these answers into a Subject; returns the names of the changed ones.

    The caller holds the Subject locked, and saves it. Raises Forbidden, naming the field, for a value it cannot hold.
    """
    if strange := sorted(set(answers) - set(ANSWERS)):
        raise Forbidden(f"A person has no “{strange[0]}”. There are: {', '.join(ANSWERS)}.")
    return sorted(name for name, value in answers.items() if _put(subject, name, value))


def _put(row: models.Model, name: str, value: Any) -> bool:
    field = column_of(row, name)
    if kind_of(field) is Kind.ACCOUNT:
        if value is not None and not isinstance(value, Officer):
            raise Forbidden(f"“{name}” is an account of this office.")
        name, value = field.attname, value.pk if value is not None else None
    else:
        value = _clean(field, name, value)
    if getattr(row, name) == value:
        return False
    setattr(row, name, value)
    return True


def _clean(field: Any, name: str, value: Any) -> Any:
    if value is None:
        return None if field.null else field.get_default()
    kind = kind_of(field)
    if kind is Kind.MEANS:
        return _means(value)
    if kind is Kind.CHECKLIST:
        return sorted(str(each) for each in value)
    if kind is Kind.MOMENT and not (isinstance(value, datetime) and value.tzinfo):
        raise Forbidden(f"“{name}” needs a date and a time of day.")
    if isinstance(value, str):
        value = value.strip()
        if len(value) > LONGEST:
            raise Forbidden(f"“{name}” has {len(value)} characters; {LONGEST} are enough.")
    try:
        cleaned = field.clean(value, None) if value != "" else field.get_default()
    except ValidationError as error:
        choices = [str(key) for key, _ in field.choices or () if key]
        way_out = f"is one of {', '.join(choices)}" if choices else " ".join(error.messages)
        raise Forbidden(f"“{name}” cannot be {value!r}: it {way_out}") from None
    return cleaned


def _means(value: Any) -> list[dict[str, str]]:
    """What else was tried, each with its day."""
    cleaned = []
    for each in value:
        try:
            means, day = str(each["means"]).strip(), each["on"]
            on = day if isinstance(day, date) else date.fromisoformat(str(day))
        except (TypeError, KeyError, ValueError):
            raise Forbidden(
                "Say of each other means what it was and on which day: means, and on (YYYY-MM-DD)."
            ) from None
        if not means:
            raise Forbidden("Say what the other means was.")
        cleaned.append({"on": on.isoformat()[:10], "means": means})
    return cleaned


def answers_of(row: models.Model, wanted: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """Returns plain values: moments as UTC in ISO 8601, accounts by id."""
    return {name: _plain(getattr(row, column_of(row, name).attname)) for name in wanted}


def digest(item: Item, record: Record) -> str:
    """Returns SHA-256 of the Item's record; empty where nobody has begun it."""
    return "" if record._state.adding else _sha256(record.salt, answers_of(record, names(item.kind)))


def people(shown: Iterable[Subject]) -> dict[str, str]:
    """Returns these people by number, each with the SHA-256 of their answers.

    Proceedings are not part of it.
    """
    return {each.number: _sha256(each.salt, answers_of(each, ANSWERS)) for each in shown}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _sha256(salt: str, answers: dict[str, Any]) -> str:
    return hashlib.sha256(f"publisher-record-1\n{salt}\n{canonical(answers)}".encode()).hexdigest()


def _a(kind: str) -> str:
    return f"an {kind}" if kind == Item.Kind.APPEAL else f"a {kind}"

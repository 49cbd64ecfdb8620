"""Answers of the record as people write them: in a TOML file, or as name=value. What is wrong is one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from publisher.cli.moments import instant
from publisher.configuration import toml_file
from publisher.output import Declined

if TYPE_CHECKING:
    from django.db.models import Field, Model

    from pressqueue.models import Officer

LARGEST = 1024 * 1024  # bytes of a file of answers; all of them in full are half of it
PERSON, MEANS, CHECKLIST, INVESTIGATOR = "person", "means_tried", "checklist", "investigator"
KINDS = {"feature": "a feature", "appeal": "an appeal", "wanted": "an appeal for a wanted person"}


@dataclass(frozen=True, slots=True)
class Given:
    """What a file answers: of the record, and of the person or people shown. `source` names it in sentences."""

    record: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    source: str = ""


def from_file(file: Path, kind: str, zone: str) -> Given:
    """The answers in a TOML file for a record of this kind of Item. Raises Declined naming the file and the key."""
    table = _table(file)
    person = table.pop(PERSON, {})
    if not isinstance(person, dict):
        raise Declined(f"{file}: person must be a section: [person], and the answers about the person below it.")
    if person and kind == "feature":
        raise Declined(f"{file}: a feature shows nobody who is sought, so it has no [person].")
    reader = _Reader(str(file), ZoneInfo(zone))
    return Given(reader.read(_record_fields(kind), table, _a_record(kind)), reader.read(_person_fields(), person,
                 "A person"), str(file))  # fmt: skip


def record_typed(pairs: Iterable[str], kind: str, zone: str) -> dict[str, Any]:
    """The same of `name=value` as it was typed. An empty value takes the answer back."""
    return _typed(pairs, _record_fields(kind), ZoneInfo(zone), _a_record(kind))


def person_typed(pairs: Iterable[str], zone: str) -> dict[str, Any]:
    """The same for a person's answers."""
    return _typed(pairs, _person_fields(), ZoneInfo(zone), "A person")


def changed(row: Model, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of these answers, those that differ from what the row holds."""
    return {name: value for name, value in answers.items() if not _same(row, name, value)}


def _same(row: Model, name: str, value: Any) -> bool:
    there = getattr(row, name)
    return bool(there == value or (_is_empty(there) and _is_empty(value)))


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _record_fields(kind: str) -> dict[str, Field[Any, Any]]:
    from pressqueue import records
    from pressqueue.field_kinds import column_of

    model = records.model_of(kind)
    return {name: column_of(model, name) for name in records.names(kind)}


def _person_fields() -> dict[str, Field[Any, Any]]:
    from pressqueue import records
    from pressqueue.field_kinds import column_of
    from pressqueue.models import Subject

    return {name: column_of(Subject, name) for name in records.ANSWERS}


def _a_record(kind: str) -> str:
    return f"The record of {KINDS[kind]}"


def _table(file: Path) -> dict[str, Any]:
    if file.is_dir():
        raise Declined(f"{file} is a folder: name the file with the answers.")
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Declined(f"{file} is no file of answers: it is larger than {LARGEST // 1024} KB.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Declined(f"{file} is not text in UTF-8. Save it so, and try again.") from None
    return toml_file.parsed(text, file, Declined, way_out=" `publisher record --template` shows how it is.")


def _typed(pairs: Iterable[str], fields: dict[str, Field[Any, Any]], zone: ZoneInfo, whose: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    reader = _Reader("--set", zone)
    for pair in pairs:
        name, equals, words = pair.partition("=")
        name = name.strip()
        if not equals:
            raise Declined(f"--set {pair}: write name=value, such as --set seriousness=volume.")
        reader.demand_known(fields, name, whose)
        value = _of_text(fields[name], words.strip())
        if name == MEANS and table.get(name) and value:
            value = [*table[name], *value]
        elif name in table:
            raise Declined(f"--set {name} is given twice: which one is meant?")
        table[name] = value
    return {name: None if value is None else reader.value(fields[name], name, value) for name, value in table.items()}


class _Reader:
    """Takes answers from one place, named in every sentence."""

    def __init__(self, where: str, zone: ZoneInfo) -> None:
        self._where, self._zone = where, zone

    def read(self, fields: dict[str, Field[Any, Any]], table: dict[str, Any], whose: str) -> dict[str, Any]:
        for name in table:
            self.demand_known(fields, name, whose)
        return {name: self.value(fields[name], name, value) for name, value in table.items()}

    def demand_known(self, fields: dict[str, Field[Any, Any]], name: str, whose: str) -> None:
        if name in fields:
            return
        if name in _person_fields():
            raise Declined(f"{self._where}: “{name}” is an answer about the person: it belongs below [person].")
        near = get_close_matches(name, fields, 1)
        way_out = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(fields)}."
        raise Declined(f"{self._where}: {whose} has no “{name}”. {way_out}")

    def value(self, field: Field[Any, Any], name: str, value: Any) -> Any:
        """The answer as the record takes it. Raises Declined where it is of another type, or cannot be kept."""
        from pressqueue.field_kinds import Kind, kind_of

        kind = kind_of(field)
        self._demand(name, value, kind.holds(value), kind.must_be)
        match kind:
            case Kind.MEANS:
                return [self._one_means(each) for each in value]
            case Kind.CHECKLIST:
                return self._checklist(value)
            case Kind.ACCOUNT:
                return self._officer(value)
            case Kind.MOMENT:
                return instant(value, value.isoformat(), self._zone, f"{self._where}: {name}")
            case Kind.TEXT:
                return self._text(field, name, value)
        return value

    def _text(self, field: Field[Any, Any], name: str, value: str) -> str:
        from pressqueue.records import LONGEST

        text = value.strip()
        choices = [str(key) for key, _ in field.choices or ()]
        if choices:
            self._demand(name, text, text in ("", *choices), f"one of {', '.join(choices)}")
        longest = field.max_length or LONGEST
        if len(text) > longest:
            raise Declined(f"{self._where}: {name} has {len(text)} characters; at most {longest} are kept.")
        if "\0" in text:
            raise Declined(f"{self._where}: {name} holds a character that no text has (U+0000). Take it out.")
        return text

    def _one_means(self, each: dict[str, Any]) -> dict[str, str]:
        if strange := sorted(set(each) - {"on", "means"}):
            raise Declined(
                f"{self._where}: {MEANS} has no “{strange[0]}”, only on and means. Put every other answer above the "
                "first [[means_tried]], or below [person]."
            )
        day, means = each.get("on"), each.get("means")
        try:
            on = day if type(day) is date else date.fromisoformat(str(day))
        except ValueError:
            raise Declined(f"{self._where}: {MEANS}: on must be a day, like 2026-11-30, not {_shown(day)}.") from None
        if not isinstance(means, str) or not means.strip():
            raise Declined(f"{self._where}: {MEANS}: means must say what was tried on {on}.")
        return {"on": on.isoformat(), "means": means.strip()}

    def _checklist(self, value: list[str]) -> list[str]:
        from pressqueue import policy

        known = dict(policy.current().safety_checklist)
        if strange := [each for each in value if each not in known]:
            raise Declined(
                f"{self._where}: {CHECKLIST} has no “{strange[0]}”. This force's are: {', '.join(known)}."
            )  # fmt: skip
        return sorted(set(value))

    def _officer(self, value: str) -> Officer | None:
        from pressqueue.models import Officer

        if not value.strip():
            return None
        found = Officer.objects.filter(username=value.strip()).first()
        if found is None:
            raise Declined(
                f"{self._where}: {INVESTIGATOR}: there is no account {value}. Without one, give investigator_name and "
                "investigator_rank."
            )
        return found

    def _demand(self, name: str, value: Any, holds: bool, what: str) -> None:
        if not holds:
            raise Declined(f"{self._where}: {name} must be {what}, not {_shown(value)}.")


def _of_text(field: Field[Any, Any], text: str) -> Any:
    """What was typed, as a file would have held it; None where it is empty."""
    from pressqueue.field_kinds import kind_of

    if not text:
        return None
    try:
        return kind_of(field).of_text(text)
    except ValueError:
        return text  # refused by its type, with the sentence a file would have had


def _shown(value: Any) -> str:
    words = str(value) if isinstance(value, date | bool | int | float) else repr(value)
    return words if len(words) <= 60 else f"{words[:57]}..."

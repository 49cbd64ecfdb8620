"""Answers of the record as people write them: in a TOML file, or as name=value. What is wrong is one sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from publisher.cli.moments import instant
from publisher.output import Declined

if TYPE_CHECKING:
    from django.db.models import Field, Model

    from pressqueue.models import Officer

LARGEST = 1024 * 1024  # bytes of a file of answers; all of them in full are half of it
FARTHEST = 10**9  # seconds a camera's clock can be wrong; what a database's integer holds
PERSON, MEANS, CHECKLIST, INVESTIGATOR = "person", "means_tried", "checklist", "investigator"
KINDS = {"feature": "a feature", "appeal": "an appeal", "wanted": "an appeal for a wanted person"}
YES, NO = ("yes", "true"), ("no", "false")


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

    model = records.model_of(kind)
    return {name: _field(model, name) for name in records.names(kind)}


def _person_fields() -> dict[str, Field[Any, Any]]:
    from pressqueue import records
    from pressqueue.models import Subject

    return {name: _field(Subject, name) for name in records.ANSWERS}


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    found: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # none of them is a relation back
    return found


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
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise Declined(f"{file} is not text in UTF-8. Save it so, and try again.") from None
    except (ValueError, RecursionError) as error:
        raise Declined(f"{file} is not valid TOML: {error}. `publisher record --template` shows how it is.") from None


def _typed(pairs: Iterable[str], fields: dict[str, Field[Any, Any]], zone: ZoneInfo, whose: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    reader = _Reader("--set", zone)
    for pair in pairs:
        name, equals, words = pair.partition("=")
        name = name.strip()
        if not equals:
            raise Declined(f"--set {pair}: write name=value, such as --set seriousness=volume.")
        reader.demand_known(fields, name, whose)
        value = reader.of_text(fields[name], name, words.strip())
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
        from django.db import models

        if name == MEANS:
            return self._means(value)
        if name == CHECKLIST:
            return self._checklist(value)
        if name == INVESTIGATOR:
            return self._officer(value)
        if isinstance(field, models.BooleanField):
            return self._demand(name, value, isinstance(value, bool), "true or false")
        if isinstance(field, models.IntegerField):
            number = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= FARTHEST
            return self._demand(name, value, number, "a whole number of seconds")
        if isinstance(field, models.DateTimeField):
            self._demand(name, value, isinstance(value, datetime), "a date and a time, like 2026-11-30T08:00:00")
            return instant(value, value.isoformat(), self._zone, f"{self._where}: {name}")
        if isinstance(field, models.DateField):
            day = isinstance(value, date) and not isinstance(value, datetime)
            return self._demand(name, value, day, "a day, like 2026-11-30, without a time")
        return self._text(field, name, value)

    def of_text(self, field: Field[Any, Any], name: str, words: str) -> Any:
        """What was typed, as a file would have held it; None where it is empty."""
        if not words:
            return None
        if name == MEANS:
            day, _, means = words.partition(":")
            return [{"on": day.strip(), "means": means.strip()}]
        if name == CHECKLIST:
            return [each.strip() for each in words.split(",")]
        try:
            return _plain(field, words)
        except ValueError:
            return words  # refused by its type, with the sentence a file would have had

    def _text(self, field: Field[Any, Any], name: str, value: Any) -> str:
        self._demand(name, value, isinstance(value, str), "text in quotation marks")
        from pressqueue.records import LONGEST

        text = str(value).strip()
        choices = [str(key) for key, _ in field.choices or ()]
        if choices:
            self._demand(name, text, text in ("", *choices), f"one of {', '.join(choices)}")
        longest = field.max_length or LONGEST
        if len(text) > longest:
            raise Declined(f"{self._where}: {name} has {len(text)} characters; at most {longest} are kept.")
        if "\0" in text:
            raise Declined(f"{self._where}: {name} holds a character that no text has (U+0000). Take it out.")
        return text

    def _means(self, value: Any) -> list[dict[str, str]]:
        tables = isinstance(value, list) and all(isinstance(each, dict) for each in value)
        self._demand(MEANS, value, tables, "a list: for each [[means_tried]], and below it on and means")
        return [self._one_means(each) for each in value]

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

    def _checklist(self, value: Any) -> list[str]:
        from pressqueue import policy

        known = dict(policy.current().safety_checklist)
        texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
        self._demand(CHECKLIST, value, texts, "a list of the questions' names")
        if strange := [each for each in value if each not in known]:
            raise Declined(
                f"{self._where}: {CHECKLIST} has no “{strange[0]}”. This force's are: {', '.join(known)}."
            )  # fmt: skip
        return sorted(set(value))

    def _officer(self, value: Any) -> Officer | None:
        from pressqueue.models import Officer

        self._demand(INVESTIGATOR, value, isinstance(value, str), "a user name in quotation marks")
        if not value.strip():
            return None
        found = Officer.objects.filter(username=value.strip()).first()
        if found is None:
            raise Declined(
                f"{self._where}: {INVESTIGATOR}: there is no account {value}. Without one, give investigator_name and "
                "investigator_rank."
            )
        return found

    def _demand(self, name: str, value: Any, holds: bool, what: str) -> Any:
        if not holds:
            raise Declined(f"{self._where}: {name} must be {what}, not {_shown(value)}.")
        return value


def _plain(field: Field[Any, Any], words: str) -> Any:
    """The value these words spell in a field of this type; the words where they spell none. May raise ValueError."""
    from django.db import models

    if isinstance(field, models.BooleanField) and words.lower() in (*YES, *NO):
        return words.lower() in YES
    if isinstance(field, models.IntegerField):
        return int(words)
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(words) if len(words) > len("2026-11-30") else words
    return date.fromisoformat(words) if isinstance(field, models.DateField) else words


def _shown(value: Any) -> str:
    words = str(value) if isinstance(value, date | bool | int | float) else repr(value)
    return words if len(words) <= 60 else f"{words[:57]}..."

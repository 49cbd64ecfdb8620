"""The kinds of answers that records and people's rows hold, in one table: what a value is, and how it is typed.

The domain, the command line and the desk all ask it, so that a new kind of field is added in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.db import models

FARTHEST = 10**9  # seconds a camera's clock can be wrong; what a database's integer holds
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= FARTHEST


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _yes_or_no(words: str) -> bool:
    if words.lower() not in _WORDS:
        raise ValueError(words)
    return _WORDS[words.lower()]


def _moment(words: str) -> datetime:
    if len(words) <= len("2026-11-30"):  # Python takes a day for its midnight
        raise ValueError(words)
    return datetime.fromisoformat(words)


def _one_means(words: str) -> list[dict[str, str]]:
    day, _, means = words.partition(":")
    return [{"on": day.strip(), "means": means.strip()}]


def _names(words: str) -> list[str]:
    return [each.strip() for each in words.split(",")]


class Kind(Enum):
    """One kind of answer.

    `must_be` ends the sentence "NAME must be ...", `holds` says whether a value is one, as TOML reads it, `of_text`
    reads one line that was typed (ValueError where it spells no such value), `example` is one as TOML writes it.
    """

    YES_OR_NO = ("true or false", _is(bool), _yes_or_no, "false")
    NUMBER = ("a whole number of seconds", _is_number, int, "0")
    MOMENT = ("a date and a time, like 2026-11-30T08:00:00", _is(datetime), _moment, "2026-11-20T21:40:00")
    DAY = ("a day, like 2026-11-30, without a time", _is_day, date.fromisoformat, "2026-11-20")
    ACCOUNT = ("a user name in quotation marks", _is(str), str, '""')
    MEANS = ("a list: for each [[means_tried]], and below it on and means", _is_list_of(dict), _one_means, "[]")
    CHECKLIST = ("a list of the questions' names", _is_list_of(str), _names, "[]")
    TEXT = ("text in quotation marks", _is(str), str, '""')

    def __init__(self, must_be: str, holds: Callable[[Any], bool], of_text: Callable[[str], Any], example: str) -> None:
        self.must_be, self.holds, self.of_text, self.example = must_be, holds, of_text, example


_BY_NAME = {"means_tried": Kind.MEANS, "checklist": Kind.CHECKLIST}
_BY_COLUMN: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (models.ForeignKey, Kind.ACCOUNT),
    (models.BooleanField, Kind.YES_OR_NO),
    (models.IntegerField, Kind.NUMBER),
    (models.DateTimeField, Kind.MOMENT),  # before DateField, which is its base
    (models.DateField, Kind.DAY),
)


def column_of(model: models.Model | type[models.Model], name: str) -> models.Field[Any, Any]:
    """A model's own field of this name."""
    found: models.Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # no relation back is asked
    return found


def kind_of(column: models.Field[Any, Any]) -> Kind:
    """The kind of this field of a model; text where it is none of the others."""
    fitting = (kind for shape, kind in _BY_COLUMN if isinstance(column, shape))
    return _BY_NAME.get(column.name) or next(fitting, Kind.TEXT)

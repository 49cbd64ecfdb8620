"""Texts as they come in: what is no text is taken out before anything is stored, by whatever door it came.

Control characters make XML unreadable (XML 1.0, 2.2 Characters), NUL cannot be stored by PostgreSQL, half a surrogate
pair cannot be encoded, and the explicit directions of Unicode Bidirectional Algorithm 2.2 and 2.4 show a text in
another order than it is read in. Everything else is left: accents, emoji with their joiners and flags, right-to-left
scripts with their own marks (LRM, RLM, ALM), tabs and line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar

from django.db import models

_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]|\r(?!\n)")
_HALVES = re.compile("[\ud800-\udfff]")
_NO_TEXT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls but tab and line breaks
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates
    "\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]"  # byte order mark, annotations, what is no character
)
_LINES = re.compile(r"[\t\r\n]+")
# Of these a platform, a list or a file name has one line only.
ONE_LINE = frozenset({"title", "album_title", "tags", "filename", "username", "label", "name", "slug", "prefix"})
AS_IT_IS = frozenset({"password"})  # only its hash is kept, and any change would be another password
MARK = "cleans_texts"
P = ParamSpec("P")
R = TypeVar("R")


def clean(text: str) -> str:
    """Returns `text` without characters that are not text.

    Every kind of line break becomes a usual one; half a surrogate pair becomes U+FFFD.
    """
    return _NO_TEXT.sub("", _HALVES.sub("\ufffd", _BREAKS.sub("\n", text)))


def clean_value(value: Any, name: str = "") -> Any:
    """Returns `value` with every text in it cleaned, by the name it is stored under.

    A value that needs no cleaning is returned as the same object.
    """
    if name in AS_IT_IS:
        return value
    if isinstance(value, str):
        return _of_text(value, name)
    if isinstance(value, dict):
        cleaned = {clean_value(key): clean_value(each, str(key)) for key, each in value.items()}
        return value if cleaned == value else cleaned
    if type(value) in (list, tuple, set, frozenset):
        several = type(value)(clean_value(each, name) for each in value)
        return value if several == value else several
    if isinstance(value, models.Model):
        return _of_row(value)
    return _of_dataclass(value) if is_dataclass(value) and not isinstance(value, type) else value


def _of_text(text: str, name: str) -> str:
    cleaned = clean(text)
    if name in ONE_LINE:
        cleaned = _LINES.sub(" ", cleaned)
    return text if cleaned == text else cleaned


def _of_row(row: models.Model) -> models.Model:
    """A row that is not stored yet; a stored one stays as it was approved."""
    if row._state.adding:
        for field in row._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                setattr(row, field.attname, clean_value(getattr(row, field.attname), field.name))
    return row


def _of_dataclass(value: Any) -> Any:
    before = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    changed = {name: clean_value(each, name) for name, each in before.items()}
    differing = {name: each for name, each in changed.items() if each is not before[name]}
    return replace(value, **differing) if differing else value


def clean_texts(move: Callable[P, R]) -> Callable[P, R]:
    """Decorate a move: every text that any channel passes to it arrives clean.

    A test requires it of every public move that takes arguments.
    """
    named = signature(move)

    @wraps(move)
    def cleaned(*given: P.args, **more: P.kwargs) -> R:
        bound = named.bind(*given, **more)
        for name, value in bound.arguments.items():
            kind = named.parameters[name].kind
            bound.arguments[name] = clean_value(value, "" if kind is Parameter.VAR_KEYWORD else name)
        return move(*bound.args, **bound.kwargs)

    setattr(cleaned, MARK, True)
    return cleaned


def takes_texts(move: object) -> bool:
    """Whether it is a function with arguments: one of them may be a text, or hold one."""
    return callable(move) and not isinstance(move, type) and bool(signature(move).parameters)

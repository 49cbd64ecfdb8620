"""Which of several questions has an answer: one statement, whose SQL is composed once for each process.

Django composes the SQL of a QuerySet anew each time, which takes longer than a database needs to answer that there is
nothing to do: most of the time of an idle office was spent so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from pressqueue.policy import Policy


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question may depend on beside rows: the time, the accounts that are served, by name, and the policy."""

    now: datetime
    accounts: tuple[str, ...]
    force: Policy


Question = Callable[[Scope], QuerySet[Any]]

# Two moments that no row names: where a statement's parameters differ between them, the time goes.
_ONE = datetime(1971, 2, 3, 4, 5, 6, 700_800, tzinfo=UTC)
_OTHER = _ONE + timedelta(days=400)


def which(questions: tuple[Question, ...], scope: Scope) -> list[bool]:
    """Returns for each question whether it has at least one row.

    A question may depend on nothing but its `scope`, and on rows: whatever else it reads would be that of the
    first time for ever. Raises RuntimeError where it asks the database while it is composed.
    """
    sql, parameters = _composed(connection.vendor, questions, scope.accounts, scope.force)
    with connection.cursor() as cursor:
        cursor.execute(sql, [_given(each, scope.now) for each in parameters])
        return [bool(each) for each in cursor.fetchone()]


def _given(parameter: Any, now: datetime) -> Any:
    """The parameter as it is, or, where it is a distance from now, that moment."""
    if isinstance(parameter, _FromNow):
        return connection.ops.adapt_datetimefield_value(now + parameter.by)
    return parameter


@dataclass(frozen=True, slots=True)
class _FromNow:
    by: timedelta


@lru_cache(maxsize=256)
def _composed(
    _vendor: str, questions: tuple[Question, ...], accounts: tuple[str, ...], force: Policy
) -> tuple[str, tuple[Any, ...]]:
    scope = Scope(_ONE, accounts, force)
    parts, parameters = [], []
    for question in questions:
        sql, given = _exists(question, scope)
        same, other = _exists(question, replace(scope, now=_OTHER))
        if sql != same or len(given) != len(other):
            raise RuntimeError(f"{question.__qualname__} asks differently at another time.")
        parts.append(f"EXISTS({sql})")
        parameters += [_parameter(*pair) for pair in zip(given, other, strict=True)]
    return f"SELECT {', '.join(parts)}", tuple(parameters)


def _exists(question: Question, scope: Scope) -> tuple[str, tuple[Any, ...]]:
    with connection.execute_wrapper(_refuse):
        query = question(scope).query.exists()
        try:
            sql, parameters = query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            return "SELECT 1 WHERE 1 = 0", ()
    return sql, tuple(parameters)


def _refuse(*_: Any) -> Any:
    raise RuntimeError("A question asks the database while it is composed: its answer would be kept for ever.")


def _parameter(one: Any, other: Any) -> Any:
    if one == other or repr(one) == repr(other):  # what psycopg makes of JSON equals only itself
        return one
    by, again = _moment(one) - _ONE, _moment(other) - _OTHER
    if by != again:
        raise RuntimeError(f"A question depends on the time otherwise than by a distance: {one!r}, {other!r}.")
    return _FromNow(by)


def _moment(parameter: Any) -> datetime:
    """SQLite is given text without a zone, in UTC. A date is none: it goes on at midnight, wherever that is."""
    text = isinstance(parameter, str) and ":" in parameter
    moment = datetime.fromisoformat(parameter) if text else parameter
    if not isinstance(moment, datetime):
        raise RuntimeError(f"A question depends on the time by more than moments: {parameter!r}.")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

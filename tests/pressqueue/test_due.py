"""What is due: each question finds its row from its moment on, and one statement answers all of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from pressqueue import policy
from pressqueue.due import base, office, publishing, takedown, timetable
from pressqueue.due.base import Question, Scope, which
from pressqueue.models import Item, Notice, Office, Post, Slot

from support import factories
from support.due_rows import ACCOUNT, ROWS, SECOND, Row, notice
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
QUESTIONS = tuple(row.question for row in ROWS)


def scope(ago: timedelta = timedelta(0)) -> Scope:
    return Scope(NOW - ago, (ACCOUNT,), policy.current())


def named(row: Row) -> str:
    return row.question.__name__


def questions() -> Iterator[str]:
    """Every public function of the modules of questions."""
    for module in (office, publishing, takedown, timetable):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module.__name__}.{name}"


def test_every_question_has_its_row() -> None:
    assert sorted(f"{each.__module__}.{each.__name__}" for each in QUESTIONS) == sorted(questions())


def test_of_an_empty_office_nothing_is_due() -> None:
    assert not any(which(QUESTIONS, scope()))


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_is_due_from_its_moment_on(row: Row) -> None:
    row.make()
    assert which((row.question,), scope()) == [True]
    assert row.question(scope()).exists()
    if row.before is not None:
        assert which((row.question,), scope(row.before)) == [False]
        assert not row.question(scope(row.before)).exists()


def test_one_statement_answers_them_all_and_is_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notice()
    first = which(QUESTIONS, scope())
    monkeypatch.setattr(base, "_exists", None)  # nothing is composed any more
    with CaptureQueriesContext(connection) as asked:
        again = which(QUESTIONS, scope(SECOND))
    assert len(asked) == 1
    assert again == first
    assert [each for each, answer in zip(QUESTIONS, again, strict=True) if answer] == [
        office.notices_open, office.notices_unsent,
    ]  # fmt: skip


def test_control_another_time_is_asked_for_each_time() -> None:
    factories.posted(factories.approved(factories.feature()))
    Post.objects.update(destination=ACCOUNT, not_before=NOW)
    answers = [which((publishing.posts,), scope(timedelta(seconds=ago)))[0] for ago in (1, 0, 1, 0)]
    assert answers == [False, True, False, True]


def _asks(_: Scope) -> QuerySet[Office]:
    return Office.objects.filter(pk__in=list(Notice.objects.values_list("pk", flat=True)))


def _by_date(scope: Scope) -> QuerySet[Slot]:
    return Slot.objects.filter(starts_on__lte=scope.now.date())


def _by_year(scope: Scope) -> QuerySet[Item]:
    return Item.objects.filter(edition=scope.now.year)


def _otherwise(scope: Scope) -> QuerySet[Item]:
    found = Item.objects.filter(held=True)
    return found.filter(audio_authorised=True) if scope.now.year % 2 else found


@pytest.mark.parametrize("question", [_asks, _by_date, _by_year, _otherwise])
def test_a_question_whose_statement_could_not_be_kept_is_refused(question: Question) -> None:
    with pytest.raises(RuntimeError, match=r"while it is composed|moments|at another time"):
        which((question,), scope())

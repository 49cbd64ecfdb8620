"""What a round asks costs as much as is due, not as much as there is: it is answered from indexes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from pressqueue import policy
from pressqueue.due import timetable
from pressqueue.due.base import Question, Scope, which
from pressqueue.models import (
    Album,
    Amendment,
    Approval,
    Attempt,
    Item,
    MediaAddress,
    Notice,
    Post,
    Purge,
    RecallNotice,
    RegisterLine,
    Step,
    UnmanagedMedia,
)

from support import due_rows
from support.due_rows import ACCOUNT, HOUR, ROWS, YEAR
from support.factories import NOW

pytestmark = [pytest.mark.usefixtures("office")]
_numbers = count(1)
INSIDE_ITS_WINDOW = {
    "publish_from": NOW - HOUR, "publish_until": NOW + YEAR, "expires_at": NOW + YEAR, "posts_made_at": NOW,
}  # fmt: skip


def scope() -> Scope:
    return Scope(NOW, (ACCOUNT,), policy.current())


def copied(row: Model, **changes: Any) -> Any:
    """Another row like this one, written past the moves."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    made = type(row)(**{**values, **changes})
    QuerySet(type(row)).bulk_create([made])
    return made


def another(shown: Post) -> Post:
    """The Item of a Post once more, with its Package, its Approval and its Post."""
    number = next(_numbers)
    item = copied(shown.item, uuid=uuid.uuid4(), reference=f"COPY-{number:05}", package_id=None)
    package = copied(shown.package, item_id=item.pk)
    Item.objects.filter(pk=item.pk).update(package=package)
    for approval in Approval.objects.filter(package=shown.package):
        copied(approval, package_id=package.pk)
    post: Post = copied(
        shown, item_id=item.pk, package_id=package.pk, mark=f"{number:032x}", remote_id=f"copy-{number}"
    )  # fmt: skip
    return post


class History:
    """One of each kind of row at which nothing is due any more, or not for long; `grow` adds as many as it is told."""

    def __init__(self) -> None:
        self.live = due_rows.live()
        Item.objects.filter(pk=self.live.item_id).update(watch_at=NOW + YEAR, **INSIDE_ITS_WINDOW)
        self.down = due_rows.removed(remote_id="gone", take_down_asked_at=NOW - YEAR, removed_at=NOW - YEAR)
        Item.objects.filter(pk=self.down.item_id).update(
            **{**INSIDE_ITS_WINDOW, "state": "withdrawn", "expires_at": NOW - YEAR, "foresee_at": None}
        )
        for each in (self.live, self.down):
            each.refresh_from_db()

    def grow(self, times: int) -> None:
        for _ in range(times):
            self._grow_by_one(f"{next(_numbers)}")

    def _grow_by_one(self, name: str) -> None:
        live, down = another(self.live), another(self.down)
        rows: list[Model] = [
            Step(post=live, kind="album", state="done", not_before=NOW - YEAR),
            Attempt(post=live, fence=1, owner="w", began_at=NOW - YEAR, ended_at=NOW - YEAR),
            MediaAddress(
                post=down, url="https://example.org/1.jpg", noted_at=NOW - YEAR, not_before=NOW - YEAR,
                gone_at=NOW - YEAR,
            ),
            Amendment(
                item=live.item, state=Amendment.State.DROPPED, package=live.package, before=live.package,
                drafted_at=NOW - YEAR, drafted_by_id=live.item.author_id, ended_at=NOW - YEAR,
            ),
            Notice(cause=f"over:{name}", words="It is over.", raised_at=NOW - YEAR, cleared_at=NOW - YEAR),
            Purge(
                item=down.item, authority="Review", asked_at=NOW - YEAR, confirmed_at=NOW - YEAR,
                erased_at=NOW - YEAR, files_gone_at=NOW - YEAR,
            ),
            RecallNotice(
                item=down.item, organisation="A newspaper", email=f"{name}@example.org",
                recall_address="desk@example.org", reason="identified", state="sent", queued_at=NOW - YEAR,
                next_at=NOW - YEAR, acknowledged_at=NOW - YEAR,
            ),
            UnmanagedMedia(
                destination=ACCOUNT, remote_id=f"kept-{name}", visibility="public", found_at=NOW, decision="kept",
            ),
            UnmanagedMedia(
                destination=ACCOUNT, remote_id=f"gone-{name}", visibility="public", found_at=NOW, decision="withdrawn",
                take_down_asked_at=NOW - YEAR, not_before=NOW - YEAR, removed_at=NOW - YEAR,
            ),
            RegisterLine(line="{}", made_at=NOW - YEAR, written_at=NOW - YEAR),
            Album(
                account=ACCOUNT, key=f"over-{name}", mark=f"{next(_numbers):032x}", remote_id=f"a{name}", written="w",
                words_version=3, words_checked=3,
            ),
        ]  # fmt: skip
        for row in rows:
            QuerySet(type(row)).bulk_create([row])


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many instructions SQLite's virtual machine carries out meanwhile: the same each time, on any machine."""
    steps = [0]

    def tick() -> int:
        steps[0] += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(tick, 1)
    try:
        yield steps
    finally:
        connection.connection.set_progress_handler(None, 1)


def cost(question: Question) -> int:
    which((question,), scope())  # composed, and what SQLite reads of the schema read
    with counted() as steps:
        assert which((question,), scope()) == [False]
    return steps[0]


def every_approved_item(_: Scope) -> QuerySet[Item]:
    return Item.objects.filter(state="approved", title="there is none")


@pytest.fixture
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("counts the instructions of SQLite's virtual machine")


@pytest.mark.usefixtures("on_sqlite")
def test_what_is_asked_costs_the_same_whatever_is_public_or_over() -> None:
    history, asked = History(), [row.question for row in ROWS if row.question is not timetable.slots]
    history.grow(4)
    before = {each.__name__: cost(each) for each in asked}
    history.grow(40)
    after = {each.__name__: cost(each) for each in asked}
    assert {name: (before[name], after[name]) for name in before if after[name] != before[name]} == {}
    assert Post.objects.filter(state="live").count() == 45  # a question must not find its rows by their state alone


@pytest.mark.usefixtures("on_sqlite")
def test_control_a_question_that_reads_every_approved_item_costs_more() -> None:
    history = History()
    history.grow(4)
    before = cost(every_approved_item)
    history.grow(40)
    assert cost(every_approved_item) > 2 * before


def test_the_windows_of_what_is_public_are_asked_no_more(django_assert_max_num_queries: Any) -> None:
    history = History()
    history.grow(3)
    with django_assert_max_num_queries(1):
        assert list(timetable.windows_open(scope())) == []
    assert Item.objects.filter(publish_from__lt=NOW, publish_until__gt=NOW + timedelta(days=1)).count() >= 4

"""Which rows a transaction wrote: told by the models themselves, so that no move can forget to say it.

`moving` asks for them when it ends. What is written outside a move is sealed in the same transaction: whoever reads
beside it, or kills it, finds either both or neither.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction

Row = TypeVar("Row", bound=models.Model)
Key = tuple[type[models.Model], Any]  # model and primary key


@dataclass(slots=True)
class Written:
    """The rows one transaction wrote, each with the fields it wrote; None: all of them."""

    rows: dict[Key, set[str] | None] = field(default_factory=dict)

    def add(self, model: type[models.Model], pks: Iterable[Any], fields: Collection[str] | None) -> None:
        """Remember these rows of one model. `fields` are names of columns, such as `officer_id`; None: all of them."""
        for pk in pks:
            before = self.rows.get((model, pk), set())
            self.rows[model, pk] = None if fields is None or before is None else before | set(fields)


@dataclass(slots=True)
class Port:
    """What is done with rows that are written outside a move; set when the models are ready."""

    outside: Callable[[Written], None] | None = None


port = Port()
_open = threading.local()


@contextmanager
def transaction_of_a_move() -> Iterator[Written]:
    """Collect the rows of sealed models that are written within the block."""
    stack = _stack()
    written = Written()
    stack.append(written)
    try:
        yield written
    finally:
        stack.pop()


def note(model: type[models.Model], pks: Collection[Any], fields: Collection[str] | None) -> None:
    """Record that rows of a sealed model were written; outside a move they are sealed at once."""
    stack = _stack()
    if not pks:
        return
    if stack:
        stack[-1].add(model, pks, fields)
    elif port.outside is not None:
        written = Written()
        written.add(model, pks, fields)
        port.outside(written)


def columns(model: type[models.Model], names: Iterable[str]) -> set[str]:
    """Returns field names as names of columns: `package` is `package_id`."""
    found = (model._meta.get_field(name) for name in names if name != "pk")
    return {each.attname for each in found if isinstance(each, models.Field)}


def _stack() -> list[Written]:
    if not hasattr(_open, "stack"):
        _open.stack = []
    found: list[Written] = _open.stack
    return found


class SealedRows(models.QuerySet[Row]):
    """Rows that a publication rests on: an UPDATE of many, or many made at once, is noted like a save.

    `sealed_fields` of the model says which columns count; others may be written as often as anybody likes.
    """

    def update(self, **changes: Any) -> int:
        """Update these rows, and note each one whose sealed columns were written; returns how many."""
        fields = columns(self.model, changes) & set(sealed_fields(self.model))
        if not fields:
            return super().update(**changes)
        with transaction.atomic(using=self.db, savepoint=False):
            # Locked before they are written: exactly the rows that are written are noted.
            pks = list(self.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
            done = super(SealedRows, self.filter(pk__in=pks)).update(**changes) if pks else 0
            note(self.model, pks, fields)
        return done

    def bulk_create(self, objs: Iterable[Row], *args: Any, **options: Any) -> list[Row]:
        """Insert these rows in one statement and note each of them."""
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **options)
            note(self.model, [each.pk for each in made], None)
        return made


class SealedRow(models.Model):
    """A row that a publication rests on. `SEALED` names the columns that its Seal covers."""

    SEALED: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Save the row and, outside a move, its Seal, which the signal after the save makes."""
        with transaction.atomic(savepoint=False):
            super().save(*args, **options)


def sealed_fields(model: type[models.Model]) -> tuple[str, ...]:
    """Returns the columns of this model that a seal covers."""
    found: tuple[str, ...] = getattr(model, "SEALED", ())
    return found

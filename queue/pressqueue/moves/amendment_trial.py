"""What an amendment would make of an Item that is public: read, tried out, and never written from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from pressqueue import packages, records, texts
from pressqueue.field_kinds import Kind, column_of, kind_of
from pressqueue.models import Amendment, AppealRecord, Item, Officer, Package
from pressqueue.moves import recording
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

# What the public reads. The file itself is never changed in place: that is another Item.
WORDS = ("title", "caption", "alt_text", "tags")
ENDS = "expires_at"  # moved by a review only
REVIEW = "review_at"  # of the record; the same


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer or text as it stands and as it would be, as plain values; moments in ISO 8601."""

    name: str
    is_record: bool
    before: Any
    after: Any


def drafted(item: Item) -> Amendment | None:
    """Returns the amendment of this Item that waits for a decision, or None."""
    found = Amendment.objects.filter(item=item, state=Amendment.State.DRAFTED)
    return found.select_related("package", "before", "drafted_by").first()


def to_decide(item: Item) -> Package | None:
    """Returns the Package that waits for a decision now, or None.

    It is that of the Item in review, or of the amendment of what is public.
    """
    if item.state == ItemState.IN_REVIEW:
        return item.package
    amendment = drafted(item) if item.state == ItemState.APPROVED else None
    return amendment.package if amendment is not None else None


def may_be_amended(item: Item) -> bool:
    """Whether the Item is approved and a copy of it is public and not being removed."""
    shown = COUNTS_AS_PUBLIC - {PostState.REMOVING}
    return item.state == ItemState.APPROVED and item.posts.filter(state__in=shown).exists()


@contextmanager
def proposed(item: Item, amendment: Amendment | None) -> Iterator[None]:
    """Show the Item as the amendment would make it while the block lasts; None: as it is.

    Every read of any row within the block sees the proposal; afterwards the rows are as before. The caller holds the
    Item locked and writes nothing within the block.
    """
    if amendment is None:
        yield
        return
    with tried(item, *restored(item, amendment.changes)):
        yield


@contextmanager
def tried(item: Item, item_texts: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[list[str]]:
    """Show the Item with changes that nobody has saved yet; yields the names of the answers that differ.

    As in `proposed`, the rows are as before afterwards.
    """
    before = {name: getattr(item, name) for name in item_texts}
    with transaction.atomic():
        point = transaction.savepoint()
        try:
            yield write(item, item_texts, answers)
        finally:
            transaction.savepoint_rollback(point)
            for name, value in before.items():
                setattr(item, name, value)


def write(item: Item, item_texts: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    """Write these texts and answers into the rows; returns the names of the changed answers. Raises Forbidden."""
    for name, value in item_texts.items():
        setattr(item, name, value)
    if item_texts:
        item.save(update_fields=list(item_texts))
    return recording.fill(item, answers)


def kept(item: Item, item_texts: Mapping[str, Any], changed: list[str]) -> dict[str, dict[str, Any]]:
    """Returns the changes as plain values, while they are tried; `restored` reads them again."""
    return {
        "item": {name: _plain(value) for name, value in item_texts.items()},
        "record": records.answers_of(records.of(item), changed),
    }


def restored(item: Item, changes: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns (texts, answers) as the rows take them."""
    item_texts = {name: _read(Item, name, value) for name, value in changes.get("item", {}).items()}
    model = records.model_of(item.kind)
    return item_texts, {name: _read(model, name, value) for name, value in changes.get("record", {}).items()}


def differences(amendment: Amendment) -> list[Difference]:
    """Returns what the amendment changes, each as it is now and as it would be."""
    item = amendment.item
    item_texts, answers = amendment.changes.get("item", {}), amendment.changes.get("record", {})
    record = records.of(item)
    said = records.answers_of(record, [*answers])
    return [
        *(Difference(name, False, _plain(getattr(item, name)), after) for name, after in item_texts.items()),
        *(Difference(name, True, said[name], after) for name, after in answers.items()),
    ]


def answer_of(item: Item, name: str, value: Any) -> Any:
    """Returns a record's answer as the rows hold it, from its plain value."""
    return _read(records.model_of(item.kind), name, value)


def changes_words(amendment: Amendment) -> bool:
    """Whether the amendment changes any text that a platform shows."""
    return bool(set(amendment.changes.get("item", {})) & set(WORDS))


def review_due(item: Item) -> datetime | None:
    """Returns the review date of an appeal; None for a feature."""
    return AppealRecord.objects.filter(item=item).values_list("review_at", flat=True).first()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _read(model: type[models.Model], name: str, value: Any) -> Any:
    field = column_of(model, name)
    kind = kind_of(field)
    if value is not None and kind is Kind.ACCOUNT:
        return Officer.objects.get(pk=value)
    if isinstance(value, str) and kind is Kind.MOMENT:
        return datetime.fromisoformat(value)
    return field.to_python(value) if kind in (Kind.MOMENT, Kind.DAY) else value


def filled_day(package: Package, day: int | None) -> bool:
    """Whether the Package's texts need no day number, or there is one."""
    content = packages.content_of(package)
    return day is not None or not texts.wants_day(content["title"], content["caption"])

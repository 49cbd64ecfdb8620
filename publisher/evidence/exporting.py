"""The audit export: the log, or a stretch of it, as lines of canonical JSON that anybody can hash again.

| line | holds |
| --- | --- |
| first | `format` "publisher-audit", `version`, `office`, `made_at`, `first`, `last`, `before` (the hash the first entry builds on), `until` (null where it goes to the end) |
| an entry | `number`, `previous`, `hash`, `salt`, `at`, `act`, `actor`, `door`, `about`, `text_digest`; with its text also `text`, `text_salt` |
| a sealed entry | `number`, `previous`, `hash`, `content`: the digest of what is not shown |
| last | `format` "publisher-audit-end", `last`, `hash` |

`content` is SHA-256 of the canonical list [salt, at, act, actor, door, about, text_digest]; `hash` of [previous, number,
content]; `text_digest` of salt, a line feed and the text.
"""  # noqa: E501  # a table

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import Max, Min

from pressqueue.actors import Actor
from pressqueue.hashing import canonical, content_digest
from pressqueue.models import Entry, EntryText
from pressqueue.models import Office as Row
from pressqueue.moves import evidence
from publisher import verifier
from publisher.evidence.keys import EvidenceRefused
from publisher.register.append_only import flush_folder

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries `first` to `last`, both included. `until`: where it was asked to end; empty for the log's end."""

    first: int
    last: int
    until: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: from when (included) until when (not), with texts or without, why and for whom."""

    file: Path
    since: datetime | None = None
    until: datetime | None = None
    texts: bool = False
    why: str = ""
    recipient: str = ""


def export(order: Order, actor: Actor, now: datetime) -> Stretch:
    """Write the export and the Entry that says so, which is its last one where it goes to the log's end.

    Raises Forbidden, EvidenceRefused (nothing lies between, or the file exists), OSError.
    """
    if order.file.exists():
        raise EvidenceRefused(f"{order.file} exists already. Name a new file; nothing was exported.")
    found = _stretch(order)
    number = evidence.audit_exported(
        actor, since=_iso(order.since), until=_iso(order.until), texts=order.texts, why=order.why,
        recipient=order.recipient, now=now,
    )  # fmt: skip
    stretch = found if order.until is not None else Stretch(found.first, number)
    with_text = (lambda _: True) if order.texts else (lambda _: False)
    write_whole(order.file, lambda file: write(file, stretch, now, shown=lambda _: True, with_text=with_text))
    return stretch


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


def _stretch(order: Order) -> Stretch:
    """What lies between the dates before the export's own Entry is written."""
    entries = Entry.objects.all()
    # Times are written one way (ISO 8601, UTC, microseconds), so they compare as texts do.
    since = entries.filter(at__gte=_iso(order.since)).aggregate(found=Min("number"))["found"]
    until = entries.filter(at__lt=_iso(order.until)) if order.until is not None else entries
    first, last = since or 0, until.aggregate(found=Max("number"))["found"] or 0
    if not first or first > last:
        raise EvidenceRefused("The log has no entry between these dates. Choose others; nothing was exported.")
    return Stretch(first, last, _iso(order.until))


def write(
    file: BinaryIO,
    stretch: Stretch,
    made_at: datetime | str,
    *,
    shown: Callable[[Entry], bool],
    with_text: Callable[[Entry], bool],
) -> None:
    """The lines of a stretch; entries that are not `shown` stand there sealed."""
    for line in _lines(stretch, made_at if isinstance(made_at, str) else _iso(made_at), shown, with_text):
        file.write((canonical(line) + "\n").encode())


def _lines(
    stretch: Stretch, made_at: str, shown: Callable[[Entry], bool], with_text: Callable[[Entry], bool]
) -> Iterator[dict[str, Any]]:
    before = Entry.objects.filter(number=stretch.first - 1).values_list("hash", flat=True).first()
    last = before or verifier.BEGINNING
    yield {
        "format": verifier.AUDIT, "version": verifier.VERSION, "office": str(Row.objects.get().uuid),
        "made_at": made_at, "first": stretch.first, "last": stretch.last, "before": last,
        "until": stretch.until or None,
    }  # fmt: skip
    entries = Entry.objects.filter(number__gte=stretch.first, number__lte=stretch.last).order_by("number")
    for entry in entries.iterator(chunk_size=AT_ONCE):
        last = entry.hash
        yield _open(entry, with_text(entry)) if shown(entry) else _sealed(entry)
    yield {"format": verifier.AUDIT_END, "last": stretch.last, "hash": last}


def _sealed(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number, "previous": entry.previous, "hash": entry.hash, "content": content_digest(entry)
    }  # fmt: skip


def _open(entry: Entry, with_text: bool) -> dict[str, Any]:
    names = ("number", "previous", "hash", "salt", "at", "act", "actor", "door", "about", "text_digest")
    line = {name: getattr(entry, name) for name in names}
    kept = EntryText.objects.filter(number=entry.number).first() if with_text and entry.text_digest else None
    return line | ({"text": kept.text, "text_salt": kept.salt} if kept else {})


def write_whole(
    file: Path, write_to: Callable[[BinaryIO], None], before_it_counts: Callable[[Path], None] | None = None
) -> None:
    """A file that is there whole or not at all, for its owner alone (0600). OSError.

    `before_it_counts` is shown the whole file under another name: what it raises, the file is not handed over.
    """
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as target:
            write_to(target)
            target.flush()
            os.fsync(target.fileno())
        if before_it_counts is not None:
            before_it_counts(temporary)
        temporary.replace(file)
        flush_folder(file.parent)
    finally:
        temporary.unlink(missing_ok=True)

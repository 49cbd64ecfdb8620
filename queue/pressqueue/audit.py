"""The audit log: one transaction, its changes, and its Entries as the last statement before the commit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction

from pressqueue import mentions, sealing, seals, tracking
from pressqueue.actors import Actor
from pressqueue.errors import Tampered
from pressqueue.hashing import BEGINNING, canonical, entry_hash, text_digest
from pressqueue.models import ChainHead, Entry, EntryLink, EntryText

Codes = dict[str, "str | int | list[str] | list[int] | None"]


@dataclass(slots=True)
class Line:
    """One thing to be logged: `about` is kept for ever, `text` may be purged when its time has come."""

    act: str
    about: Codes
    text: str = ""
    number: int = 0  # of its Entry, once the transaction has ended


@dataclass(slots=True)
class Log:
    """What one transaction has done so far."""

    lines: list[Line] = field(default_factory=list)
    seals_all: bool = False  # every row is sealed as it is now, not only what was written: see `moves.alarms`
    next_key: bytes | None = None  # the key in force when the transaction ends: see `moves.key_rotation`

    def note(self, act: str, text: str = "", **about: str | int | list[str] | list[int] | None) -> None:
        """Remember a line; it is written when the transaction ends."""
        self.lines.append(Line(act, about, text))


@contextmanager
def moving(actor: Actor, now: datetime) -> Iterator[Log]:
    """Run one move: everything inside is one transaction, and its Entries are its last statements.

    The chain head is locked last of all rows (after Subject, Campaign, Item, Booking, Post), so that two moves can
    never wait for each other in a ring.
    """
    with transaction.atomic(), tracking.transaction_of_a_move() as written:
        log = Log()
        yield log
        _append(log, written, actor, now)


def _append(log: Log, written: tracking.Written, actor: Actor, now: datetime) -> None:
    if not (log.lines or written.rows):
        return
    head = ChainHead.objects.select_for_update(no_key=True).get()
    vouched = seals.is_vouched(head)
    entries = _entries(head, log.lines, actor, now)
    links = [link for entry in entries for link in mentions.links_of(entry)]
    EntryLink.objects.bulk_create(links, ignore_conflicts=True)  # one that somebody put there stops no withdrawal
    if log.seals_all:
        head.base, head.base_seals = head.number, head.seals
        seals.seal_all(head, entries[-1])
    elif log.next_key is not None:
        head.base_seals = head.seals
        seals.reseal(head, log.next_key)
        sealing.port.key = log.next_key
    else:
        seals.append(head, written, _told_by(log.lines, entries))
    seals.sign(head, vouched=vouched or log.seals_all)
    head.save()


def _told_by(lines: list[Line], entries: list[Entry]) -> Callable[[seals.Kind, str, seals.Values], Entry | None]:
    """Which Entry of a transaction tells of a row: the one that names it, else its Item, else the first."""
    pairs = list(zip(lines, entries, strict=True))

    def entry_of(kind: seals.Kind, row: str, values: seals.Values) -> Entry | None:
        naming = (entry for line, entry in pairs if _names(line, kind.name, row))
        of_item = (entry for line, entry in pairs if line.about.get("item") == values.get("item_id", ...))
        return next(naming, None) or next(of_item, None) or next(iter(entries), None)

    return entry_of


def _names(line: Line, kind: str, row: str) -> bool:
    several = line.about.get(f"{kind}s")
    return str(line.about.get(kind)) == row or (isinstance(several, list) and row in map(str, several))


def _entries(head: ChainHead, lines: list[Line], actor: Actor, now: datetime) -> list[Entry]:
    made = []
    for line in lines:
        text = json.dumps({"text": line.text, "shell": actor.shell}) if line.text or actor.shell else ""
        salt = secrets.token_hex(16) if text else ""
        entry = Entry(
            number=head.number + 1,
            previous=head.hash,
            at=now.astimezone(UTC).isoformat(timespec="microseconds"),
            act=line.act,
            actor=actor.code,
            door=actor.door,
            about=canonical(line.about),
            text_digest=text_digest(salt, text) if text else "",
            salt=secrets.token_hex(16),
        )
        entry.hash = entry_hash(entry)
        entry.save(force_insert=True)
        if text:
            EntryText.objects.create(number=entry.number, salt=salt, text=text)
        head.number, head.hash = entry.number, entry.hash
        line.number = entry.number
        made.append(entry)
    return made


def verify() -> int:
    """Check the whole chain and its index; returns how many Entries hold. Raises Tampered, naming the first that fails.

    The head is read first and the check ends there, so that Entries written meanwhile do not look like tampering.
    """
    head = ChainHead.objects.get()
    texts = {entry_text.number: entry_text for entry_text in EntryText.objects.filter(number__lte=head.number)}
    entries = Entry.objects.filter(number__lte=head.number).order_by("number").iterator(chunk_size=2000)
    number = verify_chain(head, mentions.compared(entries, 1, head.number), texts)
    # Read in this order: what is appended meanwhile moves the head in the same transaction.
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if last > ChainHead.objects.get().number:
        raise Tampered(f"There are entries up to {last}, its head says {head.number}: somebody moved the head back.")
    if (beyond := mentions.stray()) is not None:
        raise Tampered(f"There is an index of entry {beyond}, which was never written.")
    return number


def verify_chain(head: ChainHead, entries: Iterable[Entry], texts: dict[int, EntryText]) -> int:
    """Check Entries from any source, in order, against `head`; returns how many hold. Raises Tampered.

    `texts`, by number, is used up.
    """
    number, previous = verify_stretch(entries, texts, BEGINNING, 1)
    if texts:
        raise Tampered(f"There is a text for entry {min(texts)}, which does not exist.")
    if (head.number, head.hash) != (number, previous):
        raise Tampered(f"The log ends at entry {number}, its head says {head.number}: entries are missing.")
    return number


def verify_stretch(
    entries: Iterable[Entry], texts: dict[int, EntryText], previous: str, first: int
) -> tuple[int, str]:  # fmt: skip
    """Check Entries in order from number `first` on; `previous` is the hash before them.

    Returns the last number and hash. `texts`, by number, is used up. Raises Tampered naming the first Entry that does
    not hold.
    """
    number = first - 1
    for entry in entries:
        number += 1
        if entry.number != number:
            raise Tampered(f"The audit log has no entry {number}: somebody removed it.")
        if entry.previous != previous:
            raise Tampered(f"Entry {number} does not follow the entry before it.")
        if entry_hash(entry) != entry.hash:
            raise Tampered(f"Entry {number} was changed after it was written.")
        kept = texts.pop(number, None)
        if kept is not None and text_digest(kept.salt, kept.text) != entry.text_digest:
            raise Tampered(f"The text of entry {number} was changed after it was written.")
        previous = entry.hash
    return number, previous

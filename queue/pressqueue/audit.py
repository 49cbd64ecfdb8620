"""The audit log: one transaction, its changes, and its Entries as the last statement before the commit."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from pressqueue.actors import Actor
from pressqueue.errors import Tampered
from pressqueue.models import ChainHead, Entry, EntryText

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

    def note(self, act: str, text: str = "", **about: str | int | list[str] | list[int] | None) -> None:
        """Remember a line; it is written when the transaction ends."""
        self.lines.append(Line(act, about, text))


@contextmanager
def moving(actor: Actor, now: datetime) -> Iterator[Log]:
    """One move: everything inside is one transaction, and its Entries are its last statements.

    The chain head is locked last of all rows (after Subject, Campaign, Item, Booking, Post), so that two moves
    can never wait for each other in a ring.
    """
    with transaction.atomic():
        log = Log()
        yield log
        _append(log.lines, actor, now)


def _append(lines: list[Line], actor: Actor, now: datetime) -> None:
    if not lines:
        return
    head = ChainHead.objects.select_for_update().get()
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
    head.save(update_fields=["number", "hash"])


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_digest(salt: str, text: str) -> str:
    """SHA-256 over salt and text; without the salt a purged text cannot be guessed from it."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def content_digest(entry: Entry) -> str:
    """SHA-256 over the Entry's own salt and every kept field of it, as one canonical JSON list.

    An excerpt shows other people's Entries by this alone: the chain can be followed through them and, because of the
    salt, nobody can guess what they say.
    """
    parts = [entry.salt, entry.at, entry.act, entry.actor, entry.door, entry.about, entry.text_digest]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def entry_hash(entry: Entry) -> str:
    """SHA-256 over previous hash, number and content digest, as one canonical JSON list."""
    parts = [entry.previous, entry.number, content_digest(entry)]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def verify() -> int:
    """Walk the whole chain; answers how many Entries hold. Raises Tampered naming the first that does not.

    The head is read first and the walk ends there, so that what is written meanwhile does not look like tampering.
    """
    head = ChainHead.objects.get()
    texts = {each.number: each for each in EntryText.objects.filter(number__lte=head.number)}
    entries = Entry.objects.filter(number__lte=head.number).order_by("number").iterator(chunk_size=2000)
    number = verify_chain(head, entries, texts)
    # Read in this order: what is appended meanwhile moves the head in the same transaction.
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if last > ChainHead.objects.get().number:
        raise Tampered(f"There are entries up to {last}, its head says {head.number}: somebody moved the head back.")
    return number


def verify_chain(head: ChainHead, entries: Iterable[Entry], texts: dict[int, EntryText]) -> int:
    """The same for Entries from anywhere, in order; `texts`, by number, is used up. Raises Tampered."""
    previous, number = "0" * 64, 0
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
    if texts:
        raise Tampered(f"There is a text for entry {min(texts)}, which does not exist.")
    if (head.number, head.hash) != (number, previous):
        raise Tampered(f"The log ends at entry {number}, its head says {head.number}: entries are missing.")
    return number


# Django knows no triggers, and an AlterField on SQLite rebuilds a table and silently drops them: so they are put
# up after every migration, and the service does not start without them.
_REFUSAL = "the audit log is append-only"
_SQLITE = {
    f"{table}_{verb.lower()}": f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON pressqueue_{table} "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table, verb in (("entry", "UPDATE"), ("entry", "DELETE"), ("entrytext", "UPDATE"), ("chainhead", "DELETE"))
}
_POSTGRES = {
    f"{table}_{verb.lower()}": f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON pressqueue_{table} "
    f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION pressqueue_refuse()"
    for table, verb in (
        ("entry", "UPDATE"),
        ("entry", "DELETE"),
        ("entry", "TRUNCATE"),
        ("entrytext", "UPDATE"),
        ("entrytext", "TRUNCATE"),
        ("chainhead", "DELETE"),
        ("chainhead", "TRUNCATE"),
    )
}
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION pressqueue_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)


def put_up_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers that refuse changes to the log; those that stand are made afresh."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(_FUNCTION)
        for name, sql in (_POSTGRES if postgres else _SQLITE).items():
            table = name.rsplit("_", 1)[0]
            cursor.execute(
                f"DROP TRIGGER IF EXISTS {name} ON pressqueue_{table}" if postgres else f"DROP TRIGGER IF EXISTS {name}"
            )
            cursor.execute(sql)


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that should stand and do not."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
            wanted = _POSTGRES
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = _SQLITE
        standing = {row[0] for row in cursor.fetchall()}
    return sorted(set(wanted) - standing)


def guards(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers this database should have."""
    return sorted(_POSTGRES if connection.vendor == "postgresql" else _SQLITE)


def demand_guards(using: str = "default") -> None:
    """Refuse to go on where a guard is missing."""
    missing = missing_guards(connections[using])
    if missing:
        raise Tampered(
            f"The audit log is unguarded ({', '.join(missing)}). Run `publisher migrate`, then"
            " `publisher audit verify`."
        )


def put_up_guards_after_migration(using: str = "default", **_: object) -> None:
    """Signal receiver of post_migrate."""
    connection = connections[using]
    if Entry._meta.db_table in connection.introspection.table_names():
        put_up_guards(connection)

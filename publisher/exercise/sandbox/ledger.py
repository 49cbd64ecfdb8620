"""Everything the stand-in was given, in a folder: a SQLite file and the bytes beside it.

Records live in memory and are written through at every change, so that a stand-in that was killed and
started again on the same folder knows all it knew.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from publisher.exercise.sandbox.records import Album, Caption, Spent, Thing, Ticket, Token, UploadSession

Record = Thing | Album | UploadSession | Ticket | Caption | Token | Spent
R = TypeVar("R", Thing, Album, UploadSession, Ticket, Caption, Token, Spent)

_KINDS: dict[str, type[Record]] = {
    one.__name__: one for one in (Thing, Album, UploadSession, Ticket, Caption, Token, Spent)
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS request (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Ledger:
    """The stand-in's memory. Hold `lock` while reading and changing records together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # whatever umask: it holds pictures
        (folder / "held").mkdir(exist_ok=True)
        (folder / "arriving").mkdir(exist_ok=True)
        self._db = sqlite3.connect(
            folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None, timeout=10
        )
        # Losing power is not what this is for; surviving kill -9 needs no fsync.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)
        self._records: dict[str, dict[str, Record]] = {kind: {} for kind in _KINDS}
        for kind, key, body in self._db.execute("SELECT kind, id, body FROM record ORDER BY rowid"):
            self._records[kind][key] = _KINDS[kind](**json.loads(body))

    def close(self) -> None:
        with self.lock:
            self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Many records written as one: nine thousand planted things in one transaction, not nine thousand."""
        with self.lock:
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("COMMIT")

    def put(self, record: Record) -> None:
        """Keep `record`, new or changed, before returning."""
        kind = type(record).__name__
        key = _key(record)
        with self.lock:
            self._records[kind][key] = record
            self._db.execute(
                "INSERT INTO record (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(asdict(record))),
            )

    def drop(self, record: Record) -> None:
        """Forget `record`. Things and albums are never dropped, only marked deleted."""
        kind = type(record).__name__
        with self.lock:
            self._records[kind].pop(_key(record), None)
            self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, _key(record)))

    def every(self, kind: type[R]) -> list[R]:
        """All records of one kind, oldest first."""
        with self.lock:
            return list(self._records[kind.__name__].values())  # type: ignore[arg-type]

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that kind and id; a Thing's or Album's key is "platform/id"."""
        return self._records[kind.__name__].get(key)  # type: ignore[return-value]

    def thing(self, platform: str, key: str) -> Thing | None:
        """The photo or video, also a deleted one."""
        return self.get(Thing, f"{platform}/{key}")

    def things(self, platform: str) -> Iterator[Thing]:
        """What stands at the platform now: not the deleted ones."""
        return (one for one in self.every(Thing) if one.platform == platform and one.deleted is None)

    def albums(self, platform: str) -> Iterator[Album]:
        return (one for one in self.every(Album) if one.platform == platform and one.deleted is None)

    def noted(self, entry: dict[str, Any]) -> None:
        """Write one line of the request log. Never hand it a secret, a signature or a body."""
        with self.lock:
            self._db.execute("INSERT INTO request (body) VALUES (?)", (json.dumps(entry),))

    def requests(self) -> list[dict[str, Any]]:
        with self.lock:
            rows = self._db.execute("SELECT body FROM request ORDER BY number").fetchall()
        return [json.loads(body) for (body,) in rows]

    def fact(self, name: str, default: str) -> str:
        """A single remembered value, such as how far the clock was moved."""
        with self.lock:
            row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set_fact(self, name: str, value: str) -> None:
        with self.lock:
            self._db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))

    def arriving(self, name: str | None = None) -> Path:
        """A file for bytes still on their way; `name` for one that must be found again."""
        return self.folder / "arriving" / (name or secrets.token_hex(8))

    def hold(self, arrived: Path, name: str) -> tuple[str, int]:
        """Take `arrived` in as the bytes called `name`; returns (SHA-256, size)."""
        held = arrived.rename(self.held(name))
        with held.open("rb") as body:
            return hashlib.file_digest(body, "sha256").hexdigest(), held.stat().st_size

    def held(self, name: str) -> Path:
        return self.folder / "held" / name


def _key(record: Record) -> str:
    if isinstance(record, Thing | Album):
        return f"{record.platform}/{record.id}"
    return record.id

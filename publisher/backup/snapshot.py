"""The database as it stands at one moment, read beside the workers: as files, and out of those files again.

SQLite: `VACUUM INTO` reads in one transaction and keeps no writer waiting. PostgreSQL: every table by COPY in one
REPEATABLE READ transaction, so no program of the server's own version is needed. Each goes back into its own kind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from pressqueue import audit
from pressqueue.models import ChainHead, Entry, EntryText, Item, Original, Rendition
from publisher.backup.manifest import Manifest
from publisher.backup.sealed import BackupRefused

SQLITE = "publisher.sqlite3"
_PIECE = 1024 * 1024
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


@dataclass(slots=True)
class Snapshot:
    """Files in a folder, and what had to be read at the same moment."""

    files: list[Path]
    head: tuple[int, str]
    migrations: list[list[str]]
    originals: list[str]
    renditions: list[str]
    columns: dict[str, list[str]] = field(default_factory=dict)


def take(folder: Path) -> Snapshot:
    """A snapshot of the open office's database into `folder`. OSError where there is no room."""
    return _take_sqlite(folder) if connection.vendor == "sqlite" else _take_postgres(folder)


_HEAD = f"SELECT number, hash FROM {ChainHead._meta.db_table}"  # noqa: S608  # our own table's name
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY id"
_ORIGINALS = f"SELECT sha256 FROM {Original._meta.db_table} WHERE purged_at IS NULL ORDER BY sha256"  # noqa: S608
_RENDITIONS = (
    f"SELECT DISTINCT made.sha256 FROM {Rendition._meta.db_table} made JOIN {Item._meta.db_table} item"  # noqa: S608
    " ON item.id = made.item_id WHERE item.purged_at IS NULL ORDER BY made.sha256"
)


def _take_sqlite(folder: Path) -> Snapshot:
    file = folder / SQLITE
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as frozen:
        return _described([file], frozen, {})


def _described(files: list[Path], frozen: Any, columns: dict[str, list[str]]) -> Snapshot:
    (head,) = frozen.execute(_HEAD).fetchall()
    return Snapshot(
        files=files,
        head=(head[0], head[1]),
        migrations=[list(row) for row in frozen.execute(_MIGRATIONS).fetchall()],
        originals=[row[0] for row in frozen.execute(_ORIGINALS).fetchall()],
        renditions=[row[0] for row in frozen.execute(_RENDITIONS).fetchall()],
        columns=columns,
    )


def _take_postgres(folder: Path) -> Snapshot:
    # A connection of its own: nobody else's statements may fall into this transaction.
    with closing(connection.get_new_connection(connection.get_connection_params())) as beside:
        beside.autocommit = True
        beside.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        columns = _columns(beside)
        files = [_copy_out(beside, table, columns[table], folder / f"{table}.copy") for table in columns]
        return _described(files, beside, columns)


def _columns(beside: Any) -> dict[str, list[str]]:
    rows = beside.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        " ORDER BY c.table_name, c.ordinal_position"
    ).fetchall()
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _copy_out(beside: Any, table: str, columns: Sequence[str], file: Path) -> Path:
    with file.open("wb") as target, beside.cursor() as cursor, cursor.copy(_copy(table, columns, "TO STDOUT")) as rows:
        for piece in rows:
            target.write(piece)
    return file


def _copy(table: str, columns: Sequence[str], where: str) -> str:
    return f"COPY {_quoted(table)} ({', '.join(map(_quoted, columns))}) {where}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def load_postgres(folder: Path, manifest: Manifest) -> None:
    """Fill the tables, made by the backup's own migrations, from its files. Inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # migrations leave them IMMEDIATE, and tables come by name
        cursor.execute(f"TRUNCATE {', '.join(_quoted(table) for table in manifest.columns)} CASCADE")
        for table, columns in manifest.columns.items():
            _copy_in(cursor, table, columns, folder / f"{table}.copy")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # every foreign key is checked now
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _set_sequences(cursor)


def _copy_in(cursor: Any, table: str, columns: Sequence[str], file: Path) -> None:
    with file.open("rb") as source, cursor.copy(_copy(table, columns, "FROM STDIN")) as rows:
        while piece := source.read(_PIECE):
            rows.write(piece)


def _set_sequences(cursor: Any) -> None:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_identity = 'YES'"
    )
    for table, column in cursor.fetchall():
        name, of = _quoted(column), _quoted(table)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), COALESCE(MAX({name}), 1), MAX({name}) IS NOT NULL)"  # noqa: S608
            f" FROM {of}",
            [of, column],
        )


def verify(folder: Path, manifest: Manifest) -> int:
    """The audit chain in a snapshot's files, as far as the list says it goes. Raises Tampered, BackupRefused."""
    rows = _sqlite_rows if manifest.database == "sqlite" else _copied_rows
    heads = [ChainHead(**row) for row in rows(folder, manifest, ChainHead._meta.db_table, ("id", "number", "hash"))]
    if [(head.number, head.hash) for head in heads] != [(manifest.head_number, manifest.head_hash)]:
        raise BackupRefused("The database in the backup does not end where its list says. Nothing was restored.")
    kept = rows(folder, manifest, EntryText._meta.db_table, ("number", "salt", "text"))
    texts = {row["number"]: EntryText(**row) for row in kept}
    names = ("number", "previous", "hash", "at", "act", "actor", "door", "about", "text_digest", "salt")
    entries = (Entry(**row) for row in rows(folder, manifest, Entry._meta.db_table, names))
    return audit.verify_chain(heads[0], entries, texts)


def _sqlite_rows(folder: Path, _: Manifest, table: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{folder / SQLITE}?mode=ro", uri=True)) as frozen:
        key = names[0]
        for row in frozen.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {key}"):  # noqa: S608
            yield dict(zip(names, row, strict=True))


def _copied_rows(folder: Path, manifest: Manifest, table: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of one table as COPY wrote them, by their number. They are few enough to be sorted in memory."""
    places = [manifest.columns[table].index(name) for name in names]
    with (folder / f"{table}.copy").open(encoding="utf-8", newline="\n") as file:
        rows = [[_plain(cells[place]) for place in places] for line in file if (cells := line[:-1].split("\t"))]
    numbers = {"id", "number"}
    made = [
        {name: int(cell) if name in numbers else cell for name, cell in zip(names, row, strict=True)} for row in rows
    ]
    return iter(sorted(made, key=lambda row: int(row[names[0]])))


def _plain(cell: str) -> str:
    """One value of COPY's text format without its backslashes (PostgreSQL manual, COPY, "Text Format")."""
    if "\\" not in cell:
        return cell
    made, signs = [], iter(cell)
    for sign in signs:
        made.append(_ESCAPES.get(after := next(signs, ""), after) if sign == "\\" else sign)
    return "".join(made)

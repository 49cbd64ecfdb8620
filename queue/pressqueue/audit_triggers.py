"""The triggers by which the database itself refuses changes of the log: put up, and compared by their text.

A trigger of the right name that does nothing guards nothing.
"""

from __future__ import annotations

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pressqueue.errors import Tampered
from pressqueue.models import Entry

# Django knows no triggers, and an AlterField on SQLite rebuilds a table and silently drops them: so they are put
# up after every migration, and the service does not start without them.
_REFUSAL = "the audit log is append-only"
_REFUSED = (
    ("entry", "UPDATE"),
    ("entry", "DELETE"),
    ("entry", "TRUNCATE"),
    ("entrylink", "UPDATE"),
    ("entrylink", "DELETE"),
    ("entrylink", "TRUNCATE"),
    ("entrytext", "UPDATE"),
    ("entrytext", "TRUNCATE"),
    ("chainhead", "DELETE"),
    ("chainhead", "TRUNCATE"),
    ("seal", "UPDATE"),
    ("seal", "DELETE"),
    ("seal", "TRUNCATE"),
)
_SQLITE = {
    f"{table}_{verb.lower()}": f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON pressqueue_{table} "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table, verb in _REFUSED
    if verb != "TRUNCATE"  # SQLite knows none
}
_POSTGRES = {
    f"{table}_{verb.lower()}": f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON pressqueue_{table} "
    f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION pressqueue_refuse()"
    for table, verb in _REFUSED
}
_BODY = f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END "
_FUNCTION = f"CREATE OR REPLACE FUNCTION pressqueue_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"


def create_triggers(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers that refuse changes to the log; existing ones are created afresh."""
    postgres, tables = connection.vendor == "postgresql", set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(_FUNCTION)
        for name, sql in (_POSTGRES if postgres else _SQLITE).items():
            table = name.rsplit("_", 1)[0]
            if f"pressqueue_{table}" not in tables:  # an older database, on its way to this program's
                continue
            cursor.execute(
                f"DROP TRIGGER IF EXISTS {name} ON pressqueue_{table}" if postgres else f"DROP TRIGGER IF EXISTS {name}"
            )
            cursor.execute(sql)


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Returns the triggers that are missing, or that do anything else than refuse."""
    postgres = connection.vendor == "postgresql"
    present = _present_postgres(connection) if postgres else _present_sqlite(connection)
    return sorted(name for name, sql in (_POSTGRES if postgres else _SQLITE).items() if present.get(name) != sql)


def _present_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {str(name): str(sql) for name, sql in cursor.fetchall()}


def _present_postgres(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """By their text, where they are enabled; and none stands where the function they call does something else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regproc('pressqueue_refuse')")
        if cursor.fetchall() != [(_BODY,)]:
            return {}
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid, true) FROM pg_trigger WHERE NOT tgisinternal AND tgqual IS NULL"
            " AND tgenabled IN ('O', 'A')"
        )
        return {str(name): str(sql) for name, sql in cursor.fetchall()}


def trigger_names(connection: BaseDatabaseWrapper) -> list[str]:
    """Returns the names of the triggers this database should have."""
    return sorted(_POSTGRES if connection.vendor == "postgresql" else _SQLITE)


def require_triggers(using: str = "default") -> None:
    """Raise Tampered where a trigger is missing."""
    missing = missing_triggers(connections[using])
    if missing:
        raise Tampered(
            f"The audit log is unguarded ({', '.join(missing)}). Run `publisher migrate`, then"
            " `publisher audit verify`."
        )


def create_triggers_after_migration(using: str = "default", **_: object) -> None:
    """Create the triggers after a migration. Receives the signal post_migrate."""
    connection = connections[using]
    if Entry._meta.db_table in connection.introspection.table_names():
        create_triggers(connection)

"""The database the environment names. What cannot be one is said by the setting's name, and never shows a password."""

from __future__ import annotations

from typing import Any

import dj_database_url
from django.db import connections

from publisher.configuration.office_file import Misconfigured

TAKES = (
    "DATABASE_URL takes postgres://USER:PASSWORD@HOST:PORT/NAME, or sqlite:////absolute/path; leave it unset for the "
    "office's own publisher.sqlite3."
)
KEPT = 600  # seconds that a worker's connection to PostgreSQL is used again
SCHEMES = ("postgres", "postgresql", "pgsql", "sqlite")


def of_url(url: str) -> dict[str, Any]:
    """Django's settings of it. Raises Misconfigured."""
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise Misconfigured(f"DATABASE_URL is no address of a database. {TAKES}")
    if scheme not in SCHEMES:
        raise Misconfigured(f"DATABASE_URL begins with {scheme}://, which Publisher does not work on. {TAKES}")
    try:
        return dict(dj_database_url.parse(url))
    except ValueError as error:  # a port that is no number, brackets that do not close
        raise Misconfigured(f"DATABASE_URL cannot be read. {TAKES}") from error


def keep_connections() -> None:
    """For a process whose threads ask all day: PostgreSQL starts a process for every connection that is opened.

    Not with SQLite, where a file that was put in the place of ours must be seen at the next opening.
    """
    settings = connections.settings["default"]
    if settings["ENGINE"].endswith("postgresql"):
        settings |= {"CONN_MAX_AGE": KEPT, "CONN_HEALTH_CHECKS": True}

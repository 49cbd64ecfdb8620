"""Which databases the environment may name, and what is said of the others."""

from __future__ import annotations

import pytest

from publisher.configuration.database import of_url
from publisher.configuration.office_file import Misconfigured


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "DATABASE_URL is no address of a database."),
        ("mysql://user:secret@host/name", "DATABASE_URL begins with mysql://, which Publisher does not work on."),
        ("postgres://user:secret@host:port/name", "DATABASE_URL cannot be read."),
        ("postgres://user:secret@[host/name", "DATABASE_URL cannot be read."),
    ],
)
def test_what_is_no_database_is_named_by_its_setting(url: str, words: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        of_url(url)
    assert words in str(refused.value)
    assert "DATABASE_URL takes postgres://USER:PASSWORD@HOST:PORT/NAME" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres://127.0.0.1:5432/press", "postgresql"),
        ("postgresql://ada:pw@db/press", "postgresql"),
        ("sqlite:////srv/press/publisher.sqlite3", "sqlite3"),
        ("sqlite://:memory:", "sqlite3"),
    ],
)
def test_these_are_taken(url: str, engine: str) -> None:
    assert of_url(url)["ENGINE"].endswith(engine)

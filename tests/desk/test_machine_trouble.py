"""A full disk and a busy database reach an officer as a sentence, never as a stack trace or a server's path."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from pressqueue.moves import items

from support import factories


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OperationalError("database or disk is full"), "There is no room left for the database"),
        (OperationalError("database is locked"), "The database was busy for too long"),
        (OSError(28, "No space left on device", "/var/lib/publisher/secret/path.jpg"), "cannot write: No space left"),
    ],
)
def test_what_the_machine_refuses_is_said_in_a_sentence(
    error: Exception, says: str, author: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    item = factories.feature()
    monkeypatch.setattr(items, "submit", fails)
    author.raise_request_exception = False
    answer = author.post(f"/items/{item.reference}/submit/")
    page = answer.content.decode()
    assert (answer.status_code, says in page) == (503, True)
    assert "/var/lib" not in page
    assert "Nothing was changed" in page


def test_a_fault_of_ours_is_still_called_one(author: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("words nobody should read")

    item = factories.feature()
    monkeypatch.setattr(items, "submit", fails)
    author.raise_request_exception = False
    answer = author.post(f"/items/{item.reference}/submit/")
    assert (answer.status_code, "It is our mistake" in answer.content.decode()) == (500, True)

"""How many statements a round makes for one Post from waiting to live, and which of them commit.

Lower a bound when it can be; raising one is a decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from pressqueue.models import Campaign, Post
from publisher.scheduling import posts_due
from publisher.workers.quota import Ledger
from publisher.workers.worker import Worker

MOST = 83  # statements, without those that begin and end a transaction
MOST_WRITES = 25
WRITES = ("INSERT", "UPDATE", "DELETE")
TRANSACTIONS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
Queued = Callable[..., Post]


class Statements:
    """A wrapper that keeps each statement."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith(TRANSACTIONS):
            self.all.append(sql)
        return execute(sql, *rest)

    @property
    def writes(self) -> int:
        return sum(sql.startswith(WRITES) for sql in self.all)


def delivered(queued: Queued, worker: Worker) -> Statements:
    """The statements of the second of two Posts: the first finds out what is kept afterwards."""
    worker.boot = lambda: 0.0  # on a busy machine a lease is renewed in between
    queued("flickr")
    Campaign.objects.update(album_title="")
    posts_due.advance(worker)
    post = queued("flickr")
    with connection.execute_wrapper(counted := Statements()):
        posts_due.advance(worker)
    post.refresh_from_db()
    assert post.state == "live"
    return counted


def test_a_post_costs_so_many_statements_and_no_more(
    queued: Queued, worker: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = delivered(queued, worker)
    with capsys.disabled():
        print(f"\na Post: {len(counted.all)} of {MOST} statements, {counted.writes} of {MOST_WRITES} of them write")
    assert len(counted.all) <= MOST
    assert counted.writes <= MOST_WRITES


def test_control_an_allowance_that_is_booked_for_each_request_is_over_the_bound(
    queued: Queued, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Ledger.spend

    def forgetting(ledger: Ledger, *given: Any) -> None:
        ledger._booked.clear()
        real(ledger, *given)

    monkeypatch.setattr(Ledger, "spend", forgetting)
    assert delivered(queued, worker).writes > MOST_WRITES

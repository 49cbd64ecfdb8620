"""A round asks once what is due and does only that: what it costs where nothing is, and that nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pressqueue.due import office as office_due
from pressqueue.due import takedown
from pressqueue.due.base import which
from pressqueue.models import Heartbeat, Notice, Office
from pressqueue.moves import notices
from publisher.evidence import integrity
from publisher.scheduling import rounds
from publisher.scheduling.tasks import Task, run_all
from publisher.workers.worker import Worker

from support import office_folder
from support.due_rows import ROWS, Row
from support.factories import NOW, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
# Part: how many statements a round costs that finds nothing to do. Lower a bound when it can be.
IDLE = {"withdraw": 1, "media": 1, "clock": 15, "render": 1, "reckon": 4, "recall": 1, "publish": 1}
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return office_folder.worker(tmp_path / "office", Clock(NOW))


def asking() -> Iterator[tuple[str, Task]]:
    for part, tasks in rounds.PARTS.items():
        yield from ((part, task) for task in tasks if task.due)


@pytest.mark.parametrize("part", rounds.PARTS)
def test_a_round_that_finds_nothing_costs_so_many_statements(part: str, worker: Worker) -> None:
    for _ in range(2):  # the first makes its heartbeat, composes, and checks what is checked once an hour
        rounds.run_part(worker, part)
    with CaptureQueriesContext(connection) as asked:
        assert not any(rounds.run_part(worker, part).values())
    assert len(asked) == IDLE[part]


@pytest.mark.parametrize(
    ("later", "written"),
    [(timedelta(seconds=4), False), (timedelta(seconds=5), True), (-timedelta(hours=1), True)],
    ids=["soon", "after five seconds", "a clock that was moved back"],
)
def test_that_a_part_runs_is_recorded_every_five_seconds(later: timedelta, written: bool, worker: Worker) -> None:
    rounds.run_part(worker, "withdraw")
    cast(Clock, worker.clock).now += later
    rounds.run_part(worker, "withdraw")
    assert Heartbeat.objects.get(name="withdraw").rung_at == NOW + (later if written else timedelta(0))


def test_each_process_records_its_own_rounds(worker: Worker) -> None:
    rounds.run_part(worker, "withdraw")
    Heartbeat.objects.all().delete()
    rounds.run_part(replace(worker, name="another"), "withdraw")
    assert Heartbeat.objects.filter(name="withdraw").exists()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.question.__name__)
def test_what_is_not_due_would_do_nothing(row: Row, worker: Worker) -> None:
    """The control of every question: a task that is left out because it has no rows would have written nothing."""
    row.make()
    left_out = 0
    for part, task in asking():
        if not task.is_for(worker) or any(which(task.due, worker.scope())):
            continue
        left_out += 1
        with CaptureQueriesContext(connection) as asked:
            assert not task.run(worker)
        wrote = [each["sql"] for each in asked if each["sql"].startswith(WRITES)]
        assert not wrote, f"{part}: {task.run} has something to do that its questions do not find"
    assert left_out


def test_what_one_task_makes_due_is_done_by_a_later_one_in_the_same_round(worker: Worker) -> None:
    def tell(_: Worker) -> int:
        return int(notices.notify("test", "Something is to be known.", NOW))

    def mark(_: Worker) -> int:
        return Notice.objects.filter(sent_at__isnull=True).update(sent_at=NOW)

    never = Task("never", tell, (takedown.items_expired,))
    told = Task("told", tell)
    sent = Task("sent", mark, (office_due.notices_unsent,))
    assert run_all(worker, (never, told, sent)) == {"never": 0, "told": 1, "sent": 1}
    assert run_all(worker, (sent,)) == {"sent": 0}


def test_a_check_that_fails_holds_up_no_reconciliation(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise AttributeError("a row that somebody spoiled")

    with monkeypatch.context() as patched:
        patched.setattr(integrity, "run_round", fail)
        assert rounds.run_part(worker, "reckon") == {"alarms": 0, "reckoned": 0}
    notice = Notice.objects.get(cause=integrity.FAULT, cleared_at__isnull=True)
    assert "hourly check of the records fails" in notice.words
    rounds.run_part(worker, "reckon")
    assert not Notice.objects.filter(cause=integrity.FAULT, cleared_at__isnull=True).exists()


def test_a_task_of_the_office_is_not_done_by_a_thread_that_serves_an_account(worker: Worker) -> None:
    tasks = (Task("office", lambda _: 1, belongs="office"), Task("accounts", lambda _: 1, belongs="accounts"))
    worker.serves_office = False
    assert run_all(worker, tasks) == {"accounts": 1}
    worker.serves_office, worker.destinations = True, {}
    assert run_all(worker, tasks) == {"office": 1}


def test_a_restored_office_does_only_what_may_be_done_before_it_is_reconciled(worker: Worker) -> None:
    notices.notify("test", "Something is to be known.", NOW)
    tasks = (
        Task("before", lambda _: 1, (office_due.notices_open,)),
        Task("after", lambda _: 1, (office_due.notices_open,), recovering=False),
    )
    assert run_all(worker, tasks) == {"before": 1, "after": 1}
    Office.objects.update(recovering_since=NOW)
    assert run_all(worker, tasks) == {"before": 1, "after": 0}

"""The scheduler: APScheduler starts each round, the database remembers.

Tasks due lies in rows; a round that is lost, late or doubled changes nothing. `misfire_grace_time=None` because
the default of one second drops late jobs, `coalesce` and `max_instances=1` because one round does all that is due
(measured with APScheduler 3.11).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from django.db import DatabaseError, close_old_connections, connections

from pressqueue.models import Heartbeat
from pressqueue.moves import clocks, notices, preparing
from publisher.configuration import database
from publisher.configuration.office_file import Office as Configured
from publisher.publishing import rendering
from publisher.scheduling import rounds
from publisher.scheduling.posts_due import DATABASE_AWAY
from publisher.scheduling.rounds import AT
from publisher.workers.shutdown import hand_back
from publisher.workers.sqlite_in_turn.base import stand_behind_people
from publisher.workers.worker import JUMP, Worker

log = logging.getLogger(__name__)

# What must come down comes down first, also in a round that does everything.
LANES = ("withdraw", "clock", "publish")
# The parts of a lane share its process and not its thread: a clip that is rendered for an hour, or an account
# that is read from end to end, delays no slot.
PARTS = {"withdraw": ("withdraw", "media"), "clock": ("clock", "render", "reckon", "recall"), "publish": ("publish",)}
BY_ACCOUNT = ("publish", "withdraw")
PATIENT = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
BREAKING_OFF = 3.0  # seconds: an upload that was broken off records it, whatever hangs is then left
LAST_WORDS = 3.0  # seconds to hand back what hangs, then the process leaves


def round(worker: Worker, only: str | None = None) -> dict[str, int]:
    """One round of one lane, or of all; returns what was done. Safe to repeat and to interrupt anywhere."""
    done: dict[str, int] = {}
    for lane in (only,) if only else LANES:
        for part in PARTS.get(lane, (lane,)):
            for name, count in rounds.run_part(worker, part).items():
                done[name] = done.get(name, 0) + count
    return done


def run(worker: Worker, only: str | None = None) -> None:
    """Ring until SIGTERM or SIGINT. Then what is in hand is finished or, `stop_within` later, handed back."""
    stand_behind_people()
    database.keep_connections()
    twins = [
        worker.twin(name, accounts) for part in parts_of(only) for name, accounts in threads_of(worker.office, part)
    ]
    executors = {"default": ThreadPoolExecutor(len(twins))}
    scheduler = BlockingScheduler(timezone=UTC, executors=executors, job_defaults=PATIENT)
    for twin in twins:
        part = twin.name.rpartition(":")[2]
        quick = part.partition(AT)[0] in PARTS["withdraw"]
        seconds = min(1.0, worker.office.pace.tick) if quick else worker.office.pace.tick
        scheduler.add_job(
            _run_part, "interval", seconds=seconds, args=(twin, part), id=part, next_run_time=datetime.now(UTC)
        )
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _end(scheduler, worker, twins))
    scheduler.start()


def parts_of(only: str | None) -> tuple[str, ...]:
    """The parts a process runs: every one keeps a lane for withdrawals, whatever else it is for."""
    lanes = LANES if only is None else dict.fromkeys(("withdraw", only))
    return tuple(part for lane in lanes for part in PARTS[lane])


def threads_of(office: Configured, part: str) -> list[tuple[str, Collection[str] | None]]:
    """The threads in which a part is done, each with the accounts it serves (None: all).

    One for each account, so that a slow one delays no other, and one for what belongs to no account; as many as the
    office wants for rendering.
    """
    if part == "render":
        more = [(f"{part}{AT}{number}", None) for number in range(2, office.rendering.threads + 1)]
        return [(part, None), *more]
    if part not in BY_ACCOUNT:
        return [(part, None)]
    return [(part, ()), *((f"{part}{AT}{name}", (name,)) for name in office.destinations)]


def _end(scheduler: BlockingScheduler, worker: Worker, twins: list[Worker]) -> None:
    """Take nothing new; what is under way finishes, and its lease with it. What hangs is left behind in time."""
    if worker.shutdown.requested:
        return
    worker.shutdown.request(worker.boot())
    log.info("told to end: nothing new is taken")
    threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}).start()
    last = threading.Timer(worker.office.pace.stop_within + BREAKING_OFF, _leave, (twins,))
    last.daemon = True
    last.start()


def _leave(twins: list[Worker]) -> None:
    """A thread still waits for a platform, or for a child that renders: hand back for it, and go.

    Going at once ends its connections; what it would have recorded is refused, because its Post is no longer so.
    """
    handing = threading.Thread(target=_hand_all_back, args=(twins,), daemon=True)
    handing.start()
    handing.join(LAST_WORDS)  # a database that does not answer must not keep us
    os._exit(0)


def _hand_all_back(twins: list[Worker]) -> None:
    try:
        hand_back([twin.name for twin in twins], twins[0].clock())
        for twin in twins:
            if (item := twin.preparing) is not None:
                preparing.hand_back(item, twin.clock())
    finally:
        connections.close_all()


def _run_part(worker: Worker, part: str) -> None:
    """Rounds of one lane until there is nothing left to do; one bad round does not end the scheduler."""
    try:
        close_old_connections()
        worker.refresh()
        _mind_the_clock(worker, part)
        while not worker.shutdown.requested and any(rounds.run_part(worker, part).values()):
            pass
    except DATABASE_AWAY as error:
        log.warning("The %s round stopped at the database: %s. It is run again.", part, type(error).__name__)
    except Exception as error:  # noqa: BLE001  # whatever it is, the scheduler goes on, and nothing of it is printed
        log.error("The %s round met a fault: %s", part, type(error).__name__)
        _notify_of_round(worker, part)
    finally:
        close_old_connections()


def _mind_the_clock(worker: Worker, part: str) -> None:
    """Whether the clock was moved since the last round, or, at the first, since any process ran this part."""
    by, now = worker.jump(), worker.clock()
    if worker.gap is None:
        last = Heartbeat.objects.filter(name=part).values_list("rung_at", flat=True).first()
        if last is not None and (last - now).total_seconds() >= JUMP:
            by = (now - last).total_seconds()
    if by:
        clocks.clock_jumped(by, now, lease=worker.lease, claim=rendering.CLAIM)
    worker.compare_clocks()


def _notify_of_round(worker: Worker, part: str) -> None:
    message = f"Part of the service ({part}) fails in every round: an error in Publisher. See `publisher check`."
    with suppress(DatabaseError):  # the fault may be the database's own
        notices.notify(f"fault:round:{part}", message, worker.clock())

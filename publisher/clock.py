"""The bell: APScheduler rings, the database remembers.

What is owed lies in rows; a ring that is lost, late or doubled changes nothing. `misfire_grace_time=None` because
the default of one second drops late jobs, `coalesce` and `max_instances=1` because one round does all that is due
(measured with APScheduler 3.11).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from smtplib import SMTPException

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, close_old_connections

from pressqueue import leases, notices
from pressqueue.models import Bell, Notice, Post, Step
from pressqueue.states import PostState
from publisher import delivery, recovery, rendering, timetable, withdrawal
from publisher.worker import Worker

log = logging.getLogger(__name__)

LANES = ("clock", "publish", "withdraw")
AT_ONCE = 50  # Posts looked up per round; the next round takes the rest


def round(worker: Worker, only: str | None = None) -> dict[str, int]:
    """One round of one lane, or of all; answers what was done. Safe to repeat and to interrupt anywhere."""
    done: dict[str, int] = {}
    for lane in (only,) if only else LANES:
        for name, count in _ROUNDS[lane](worker).items():
            done[name] = done.get(name, 0) + count
        Bell.objects.update_or_create(name=lane, defaults={"rung_at": worker.clock()})
    return done


def run(worker: Worker, only: str | None = None, stop: threading.Event | None = None) -> None:
    """Ring until SIGTERM or SIGINT (or until `stop` is set); the round under way is finished first."""
    ending = stop or threading.Event()
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(LANES))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for lane in (only,) if only else LANES:
        mine = worker if only else worker.twin(lane)
        seconds = worker.office.pace.tick if lane != "withdraw" else min(1.0, worker.office.pace.tick)
        scheduler.add_job(
            _ring, "interval", seconds=seconds, args=(mine, lane, ending), id=lane, next_run_time=datetime.now(UTC)
        )
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _end(scheduler, ending))
    scheduler.start()


def _end(scheduler: BlockingScheduler, ending: threading.Event) -> None:
    """Take nothing new; what is under way finishes, and its lease with it."""
    ending.set()
    threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}).start()


def _ring(worker: Worker, lane: str, ending: threading.Event) -> None:
    """Rounds of one lane until there is nothing left to do; one bad round does not end the bell."""
    try:
        close_old_connections()
        worker.refresh()
        while not ending.is_set() and any(round(worker, lane).values()):
            pass
    except OperationalError as error:
        log.warning("The %s round stopped at the database: %s. It is rung again.", lane, type(error).__name__)
    finally:
        close_old_connections()


def _clock_round(worker: Worker) -> dict[str, int]:
    done = timetable.keep(worker)
    rendering.prepare_submitted(worker)
    try:
        done["mailed"] = notices.send_unsent(lambda notice: _mail(worker, notice), worker.clock())
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be mailed (%s); they stay unsent and are tried again.", type(error).__name__)
    return done


def _publish_round(worker: Worker) -> dict[str, int]:
    swept = recovery.sweep(worker)
    moved = _each(worker, leases.due(worker.clock(), destinations=worker.destinations)[:AT_ONCE], _ADVANCE)
    now = worker.clock()
    steps = list(Step.objects.filter(state="waiting", not_before__lte=now).order_by("pk")[:AT_ONCE])
    for step in steps:
        delivery.file_one(worker, step)
    stopped = Post.objects.filter(state__in=[PostState.BLOCKED, PostState.MISSING], not_before__lte=now)
    for post in stopped.filter(destination__in=list(worker.destinations))[:AT_ONCE]:
        recovery.look_again(worker, post)
    return {"swept": swept, "moved": moved, "filed": len(steps)}


def _withdraw_round(worker: Worker) -> dict[str, int]:
    # What was being sent by a process that died must be found before it can come down: nobody else may be awake.
    swept = recovery.sweep(worker)
    due = leases.due(worker.clock(), destinations=worker.destinations, withdrawing=True)
    return {"swept": swept, "withdrawn": _each(worker, due[:AT_ONCE], _TAKE_AWAY)}


def _each(worker: Worker, posts: object, by_state: dict[str, Callable[[Worker, Post], bool]]) -> int:
    """Work through the Posts that are due. One that fails is left to its lease and does not stop the others."""
    moved = 0
    for post in list(posts):  # type: ignore[call-overload]  # a sliced QuerySet
        try:
            moved += by_state[post.state](worker, post)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  # one poisoned Post must not stop the rest: its lease runs out
            log.error("Post %s in state %s: %s", post.pk, post.state, type(error).__name__)
            notices.tell(f"fault:{post.pk}", f"{post.item.reference} meets a fault of ours.", worker.clock())
    return moved


_ADVANCE: dict[str, Callable[[Worker, Post], bool]] = {
    PostState.WAITING: delivery.deliver,
    PostState.CONCEALED: delivery.deliver,
    PostState.REVEALING: delivery.deliver,
    PostState.UNSURE: recovery.look_for,
}
_TAKE_AWAY: dict[str, Callable[[Worker, Post], bool]] = {
    PostState.REMOVING: withdrawal.take_away,
    PostState.UNSURE: recovery.look_for,
}
_ROUNDS: dict[str, Callable[[Worker], dict[str, int]]] = {
    "clock": _clock_round,
    "publish": _publish_round,
    "withdraw": _withdraw_round,
}


def _mail(worker: Worker, notice: Notice) -> None:
    """A Notice by e-mail, where anybody is named to receive it. It names a reference, never a face."""
    if worker.office.mail.attention:
        EmailMessage(
            subject=f"Publisher: {notice.reference or 'attention'}",
            body=f"{notice.words}\n\nSee `publisher list --attention` or the desk.",
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=worker.office.mail.attention,
        ).send()

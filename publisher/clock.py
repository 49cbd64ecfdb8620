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
from functools import partial
from smtplib import SMTPException

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, close_old_connections
from django.db.models import QuerySet

from pressqueue import accounts, leases, notices
from pressqueue.models import Bell, Notice, Post, Step
from pressqueue.states import PostState
from publisher import delivery, recovery, rendering, timetable, withdrawal
from publisher.worker import Worker

log = logging.getLogger(__name__)

# What must come down comes down first, also in a round that does everything.
LANES = ("withdraw", "clock", "publish")
# The parts of a lane share its process and not its thread: a clip that is rendered for an hour delays no slot.
PARTS = {"withdraw": ("withdraw",), "clock": ("clock", "render"), "publish": ("publish",)}
AT_ONCE = 50  # Posts looked up per round; the next round takes the rest


def round(worker: Worker, only: str | None = None) -> dict[str, int]:
    """One round of one lane, or of all; answers what was done. Safe to repeat and to interrupt anywhere."""
    done: dict[str, int] = {}
    for lane in (only,) if only else LANES:
        for part in PARTS.get(lane, (lane,)):
            for name, count in _ring_once(worker, part).items():
                done[name] = done.get(name, 0) + count
    return done


def run(worker: Worker, only: str | None = None, stop: threading.Event | None = None) -> None:
    """Ring until SIGTERM or SIGINT (or until `stop` is set); the round under way is finished first."""
    ending = stop or threading.Event()
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(_ROUNDS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for part in [part for lane in ((only,) if only else LANES) for part in PARTS[lane]]:
        seconds = worker.office.pace.tick if part != "withdraw" else min(1.0, worker.office.pace.tick)
        given = (worker.twin(part), part, ending)
        scheduler.add_job(_ring, "interval", seconds=seconds, args=given, id=part, next_run_time=datetime.now(UTC))
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _end(scheduler, ending))
    scheduler.start()


def _end(scheduler: BlockingScheduler, ending: threading.Event) -> None:
    """Take nothing new; what is under way finishes, and its lease with it."""
    ending.set()
    threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}).start()


def _ring(worker: Worker, part: str, ending: threading.Event) -> None:
    """Rounds of one lane until there is nothing left to do; one bad round does not end the bell."""
    try:
        close_old_connections()
        worker.refresh()
        while not ending.is_set() and any(_ring_once(worker, part).values()):
            pass
    except OperationalError as error:
        log.warning("The %s round stopped at the database: %s. It is rung again.", part, type(error).__name__)
    finally:
        close_old_connections()


def _ring_once(worker: Worker, part: str) -> dict[str, int]:
    done = _ROUNDS[part](worker)
    Bell.objects.update_or_create(name=part, defaults={"rung_at": worker.clock()})
    return done


def _clock_round(worker: Worker) -> dict[str, int]:
    done = timetable.keep(worker)
    accounts.resume_those_whose_limit_has_ended(worker.clock())
    try:
        done["mailed"] = notices.send_unsent(lambda notice: _mail(worker, notice), worker.clock())
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be mailed (%s); they stay unsent and are tried again.", type(error).__name__)
    return done


def _render_round(worker: Worker) -> dict[str, int]:
    return {"prepared": int(rendering.prepare_next(worker))}


def _publish_round(worker: Worker) -> dict[str, int]:
    swept = recovery.sweep(worker)
    moved = _each(worker, leases.due(worker.clock(), destinations=worker.destinations)[:AT_ONCE], _ADVANCE)
    now = worker.clock()
    quiet = accounts.stopped(now).values("destination")
    steps = Step.objects.select_related("post__item").filter(state="waiting", not_before__lte=now).order_by("pk")
    steps = steps.exclude(post__destination__in=quiet)
    filed = sum(_guarded(worker, step.post, partial(delivery.file_one, worker, step)) for step in steps[:AT_ONCE])
    stopped = Post.objects.filter(state__in=[PostState.BLOCKED, PostState.MISSING], not_before__lte=now)
    stopped = stopped.filter(destination__in=list(worker.destinations)).exclude(destination__in=quiet)
    _each(worker, stopped[:AT_ONCE], _LOOK_AGAIN)
    return {"swept": swept, "moved": moved, "filed": filed}


def _withdraw_round(worker: Worker) -> dict[str, int]:
    # What was being sent by a process that died must be found before it can come down: nobody else may be awake.
    swept = recovery.sweep(worker)
    expired = timetable.expire(worker)
    withdrawal.tell_overdue(worker)
    due = leases.due(worker.clock(), destinations=worker.destinations, withdrawing=True)
    return {"swept": swept, "expired": expired, "withdrawn": _each(worker, due[:AT_ONCE], _TAKE_AWAY)}


def _each(worker: Worker, posts: QuerySet[Post], by_state: dict[str, Callable[[Worker, Post], bool]]) -> int:
    """Work through the Posts that are due; answers how many were moved."""
    due = list(posts.select_related("item"))
    return sum(_guarded(worker, post, partial(by_state[post.state], worker, post)) for post in due)


def _guarded(worker: Worker, post: Post, work: Callable[[], bool]) -> bool:
    """One poisoned Post must not stop the rest: its lease runs out, and it is looked for; a person is told.

    A Post whose account stopped or began to rest since the round was read is left as it is, still due.
    """
    if accounts.closed_to(post, worker.clock()):
        return False
    try:
        return work()
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        log.error("Post %s in state %s: %s", post.pk, post.state, type(error).__name__)
        notices.tell(f"fault:{post.pk}", f"{post.item.reference} meets a fault of ours.", worker.clock())
        return False


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
_LOOK_AGAIN: dict[str, Callable[[Worker, Post], bool]] = {
    PostState.BLOCKED: recovery.look_again,
    PostState.MISSING: recovery.look_again,
}
_ROUNDS: dict[str, Callable[[Worker], dict[str, int]]] = {
    "clock": _clock_round,
    "render": _render_round,
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

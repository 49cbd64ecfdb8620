"""The bell: APScheduler rings, the database remembers.

What is owed lies in rows; a ring that is lost, late or doubled changes nothing. `misfire_grace_time=None` because
the default of one second drops late jobs, `coalesce` and `max_instances=1` because one round does all that is due
(measured with APScheduler 3.11).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from smtplib import SMTPException

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections
from django.db.models import QuerySet

from pressqueue import accounts, leases, moves, notices
from pressqueue.models import Bell, Notice, Office, Officer, Post, Step
from pressqueue.states import PostState
from publisher import (
    albums,
    delivery,
    inherited,
    leasehold,
    lingering,
    nightly,
    purging,
    recalls,
    recovery,
    register,
    rendering,
    rewording,
    timetable,
    withdrawal,
)
from publisher.ending import hand_back, hand_back_preparing
from publisher.evidence import anchors
from publisher.setting_aside import set_aside, set_step_aside
from publisher.sqlite_in_turn.base import stand_behind_people
from publisher.worker import JUMP, Worker

log = logging.getLogger(__name__)

# What must come down comes down first, also in a round that does everything.
LANES = ("withdraw", "clock", "publish")
# The parts of a lane share its process and not its thread: a clip that is rendered for an hour, or an account
# that is read from end to end, delays no slot.
PARTS = {"withdraw": ("withdraw", "media"), "clock": ("clock", "render", "reckon", "recall"), "publish": ("publish",)}
BREAKING_OFF = 3.0  # seconds: an upload that was broken off records it, whatever hangs is then left
LAST_WORDS = 3.0  # seconds to hand back what hangs, then the process leaves
DATABASE_AWAY = (OperationalError, InterfaceError)  # full, busy, restarted: nobody's fault but the database's
AT_ONCE = 50  # Posts looked up per round; the next round takes the rest


def round(worker: Worker, only: str | None = None) -> dict[str, int]:
    """One round of one lane, or of all; answers what was done. Safe to repeat and to interrupt anywhere."""
    done: dict[str, int] = {}
    for lane in (only,) if only else LANES:
        for part in PARTS.get(lane, (lane,)):
            for name, count in _ring_once(worker, part).items():
                done[name] = done.get(name, 0) + count
    return done


def run(worker: Worker, only: str | None = None) -> None:
    """Ring until SIGTERM or SIGINT. Then what is in hand is finished or, `stop_within` later, handed back."""
    stand_behind_people()
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(_ROUNDS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    twins = [worker.twin(part) for part in parts_of(only)]
    for twin in twins:
        part = twin.name.rpartition(":")[2]
        seconds = worker.office.pace.tick if part not in PARTS["withdraw"] else min(1.0, worker.office.pace.tick)
        scheduler.add_job(
            _ring, "interval", seconds=seconds, args=(twin, part), id=part, next_run_time=datetime.now(UTC)
        )
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _end(scheduler, worker, twins))
    scheduler.start()


def parts_of(only: str | None) -> tuple[str, ...]:
    """What a process rings for: every one keeps a lane for withdrawals, whatever else it is for."""
    lanes = LANES if only is None else dict.fromkeys(("withdraw", only))
    return tuple(part for lane in lanes for part in PARTS[lane])


def _end(scheduler: BlockingScheduler, worker: Worker, twins: list[Worker]) -> None:
    """Take nothing new; what is under way finishes, and its lease with it. What hangs is left behind in time."""
    if worker.ending.asked:
        return
    worker.ending.ask(worker.boot())
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
                hand_back_preparing(item, twin.clock())
    finally:
        connections.close_all()


def _ring(worker: Worker, part: str) -> None:
    """Rounds of one lane until there is nothing left to do; one bad round does not end the bell."""
    try:
        close_old_connections()
        worker.refresh()
        _mind_the_clock(worker, part)
        while not worker.ending.asked and any(_ring_once(worker, part).values()):
            pass
    except DATABASE_AWAY as error:
        log.warning("The %s round stopped at the database: %s. It is rung again.", part, type(error).__name__)
    except Exception as error:  # noqa: BLE001  # whatever it is, the bell rings again, and nothing of it is printed
        log.error("The %s round met a fault: %s", part, type(error).__name__)
        _tell_of_round(worker, part)
    finally:
        close_old_connections()


def _mind_the_clock(worker: Worker, part: str) -> None:
    """Whether the clock was moved since the last round, or, at the first, since anybody rang this bell."""
    by, now = worker.jump(), worker.clock()
    last = Bell.objects.filter(name=part).values_list("rung_at", flat=True).first()
    if worker.gap is None and last is not None and (last - now).total_seconds() >= JUMP:
        by = (now - last).total_seconds()
    if by:
        moves.clock_jumped(by, now, lease=worker.lease, claim=rendering.CLAIM)
    worker.compare_clocks()


def _tell_of_round(worker: Worker, part: str) -> None:
    words = f"Part of the service ({part}) meets a fault of ours in every round. `publisher check` may say more."
    with suppress(DatabaseError):  # the fault may be the database's own
        notices.tell(f"fault:round:{part}", words, worker.clock())


def _ring_once(worker: Worker, part: str) -> dict[str, int]:
    done = _ROUNDS[part](worker)
    Bell.objects.update_or_create(name=part, defaults={"rung_at": worker.clock()})
    return done


def _clock_round(worker: Worker) -> dict[str, int]:
    register.keep(worker.office, worker.clock())
    done = timetable.keep(worker)
    accounts.resume_those_whose_limit_has_ended(worker.clock())
    moves.tell_overdue_duties(worker.clock())
    done["purged"] = purging.keep(worker.office, worker.clock())
    try:
        done["mailed"] = notices.send_unsent(lambda notice: _mail(worker, notice), worker.clock())
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be mailed (%s); they stay unsent and are tried again.", type(error).__name__)
    return done


def _render_round(worker: Worker) -> dict[str, int]:
    return {"prepared": int(rendering.prepare_next(worker))}


def _reckon_round(worker: Worker) -> dict[str, int]:
    anchors.keep(worker.office, worker.clock())  # here, where a disk that hangs delays no slot
    return {"reckoned": nightly.keep(worker)}


def _recall_round(worker: Worker) -> dict[str, int]:
    return {"recalled": recalls.keep(worker)}


def _publish_round(worker: Worker) -> dict[str, int]:
    swept = recovery.sweep(worker)
    if Office.objects.filter(recovering_since__isnull=False).exists():
        return {"swept": swept}  # what a platform holds already is for the reconciliation, not to be hidden or dressed
    moved = _each(worker, leases.due(worker.clock(), destinations=worker.destinations)[:AT_ONCE], _ADVANCE)
    now = worker.clock()
    quiet = accounts.stopped(now).values("destination")
    steps = Step.objects.select_related("post__item").filter(state="waiting", not_before__lte=now).order_by("pk")
    steps = steps.exclude(leases.making_way("post__destination")).exclude(post__destination__in=quiet)
    filed = sum(
        _guarded(worker, step.post, partial(delivery.file_one, worker, step), partial(set_step_aside, worker, step))
        for step in steps[:AT_ONCE]
    )
    stopped = Post.objects.filter(state__in=[PostState.BLOCKED, PostState.MISSING], not_before__lte=now)
    stopped = stopped.filter(destination__in=list(worker.destinations)).exclude(destination__in=quiet)
    _each(worker, stopped[:AT_ONCE], _LOOK_AGAIN)
    described = albums.keep(worker)
    return {"swept": swept, "moved": moved, "filed": filed, "described": described}


def _withdraw_round(worker: Worker) -> dict[str, int]:
    # What was being sent by a process that died must be found before it can come down: nobody else may be awake.
    swept = recovery.sweep(worker)
    expired = timetable.expire(worker)
    ruled_out = timetable.watch(worker)
    withdrawal.tell_overdue(worker)
    inherited_moved = inherited.take_away_due(worker)
    due = leases.due(worker.clock(), destinations=worker.destinations, withdrawing=True)
    withdrawn = _each(worker, due[:AT_ONCE], _TAKE_AWAY)
    return {
        "swept": swept,
        "expired": expired,
        "ruled_out": ruled_out,
        "withdrawn": withdrawn,
        "inherited": inherited_moved,
    }


def _media_round(worker: Worker) -> dict[str, int]:
    gone = lingering.ask_all(worker)
    lingering.tell_overdue(worker)
    return {"media_gone": gone}


def _each(worker: Worker, posts: QuerySet[Post], by_state: dict[str, Callable[[Worker, Post], bool]]) -> int:
    """Work through the Posts that are due; answers how many were moved."""
    due = list(posts.select_related("item"))
    return sum(_guarded(worker, post, partial(by_state[post.state], worker, post)) for post in due)


def _guarded(
    worker: Worker, post: Post, work: Callable[[], bool], aside: Callable[[Exception], None] | None = None
) -> bool:
    """One poisoned Post must not stop the rest. A process that was told to end takes none of them any more.

    A Post whose account stopped or began to rest since the round was read is left as it is, still due.
    """
    if worker.ending.asked or accounts.closed_to(post, worker.clock()):
        return False
    pace = worker.office.pace
    try:
        with leasehold.until(worker.boot() + pace.lease - pace.margin, worker.boot):
            return work()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        (aside or partial(set_aside, worker, post))(error)
        return False


def _bring_on(worker: Worker, post: Post) -> bool:
    """What is hidden still: its words first, where they were amended since they were sent."""
    return rewording.rewrite(worker, post) if post.amending_id is not None else delivery.deliver(worker, post)


_ADVANCE: dict[str, Callable[[Worker, Post], bool]] = {
    PostState.WAITING: delivery.deliver,
    PostState.CONCEALED: _bring_on,
    PostState.LIVE: rewording.rewrite,
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
    "reckon": _reckon_round,
    "recall": _recall_round,
    "publish": _publish_round,
    "withdraw": _withdraw_round,
    "media": _media_round,
}


def _mail(worker: Worker, notice: Notice) -> None:
    """A Notice by e-mail, where anybody is named to receive it. It names a reference, never a face."""
    named = Officer.objects.filter(pk__in=notice.people, is_active=True).exclude(email="")
    to = list(dict.fromkeys([*worker.office.mail.attention, *named.order_by("pk").values_list("email", flat=True)]))
    if to:
        EmailMessage(
            subject=f"Publisher: {notice.reference or 'attention'}",
            body=f"{notice.words}\n\nSee `publisher list --attention` or the desk.",
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=to,
        ).send()

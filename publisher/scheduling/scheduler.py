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
from collections.abc import Callable, Collection
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

from pressqueue.models import Heartbeat, Notice, Office, Officer, Post, Step
from pressqueue.moves import accounts, clocks, duties, heartbeats, leases, notice_endings, notices, preparing
from pressqueue.states import PostState
from publisher.configuration import database
from publisher.configuration.office_file import Office as Configured
from publisher.destinations.errors import Later, Refused
from publisher.disclosure import purging, recalls
from publisher.evidence import anchors, integrity
from publisher.publishing import albums, amendments, delivery, recovery, rendering
from publisher.reconciliation import nightly
from publisher.register import sync
from publisher.scheduling import early_warning, timetable
from publisher.takedown import media_urls, unmanaged, withdrawal
from publisher.workers import lease_deadline
from publisher.workers.internal_failures import record_internal_failure, record_step_internal_failure
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
AT = "@"  # between a part and the account its thread serves
PATIENT = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
BREAKING_OFF = 3.0  # seconds: an upload that was broken off records it, whatever hangs is then left
LAST_WORDS = 3.0  # seconds to hand back what hangs, then the process leaves
DATABASE_AWAY = (OperationalError, InterfaceError)  # full, busy, restarted: nobody's fault but the database's
AT_ONCE = 50  # Posts of one account looked up per round; the next round takes the rest


def round(worker: Worker, only: str | None = None) -> dict[str, int]:
    """One round of one lane, or of all; returns what was done. Safe to repeat and to interrupt anywhere."""
    done: dict[str, int] = {}
    for lane in (only,) if only else LANES:
        for part in PARTS.get(lane, (lane,)):
            for name, count in _run_part_once(worker, part).items():
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

    One for each account, so that a slow one delays no other, and one for what belongs to no account.
    """
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
        while not worker.shutdown.requested and any(_run_part_once(worker, part).values()):
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
    last = Heartbeat.objects.filter(name=part).values_list("rung_at", flat=True).first()
    if worker.gap is None and last is not None and (last - now).total_seconds() >= JUMP:
        by = (now - last).total_seconds()
    if by:
        clocks.clock_jumped(by, now, lease=worker.lease, claim=rendering.CLAIM)
    worker.compare_clocks()


def _notify_of_round(worker: Worker, part: str) -> None:
    message = f"Part of the service ({part}) fails in every round: an error in Publisher. See `publisher check`."
    with suppress(DatabaseError):  # the fault may be the database's own
        notices.notify(f"fault:round:{part}", message, worker.clock())


def _run_part_once(worker: Worker, part: str) -> dict[str, int]:
    done = _ROUNDS[part.partition(AT)[0]](worker)
    heartbeats.ran(part, worker.clock())
    return done


def _clock_round(worker: Worker) -> dict[str, int]:
    sync.run_round(worker.office, worker.clock())
    done = timetable.run_round(worker)
    done["foreseen"] = early_warning.run_round(worker)
    accounts.resume_those_whose_limit_has_ended(worker.clock())
    notice_endings.end_those_that_are_over(worker.clock())
    duties.notify_overdue_duties(worker.clock())
    done["purged"] = purging.run_round(worker.office, worker.clock())
    try:
        done["mailed"] = notices.send_unsent(lambda notice: _mail(worker, notice), worker.clock())
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be mailed (%s); they stay unsent and are tried again.", type(error).__name__)
    return done


def _render_round(worker: Worker) -> dict[str, int]:
    return {"prepared": int(rendering.prepare_next(worker))}


def _reckon_round(worker: Worker) -> dict[str, int]:
    anchors.run_round(worker.office, worker.clock())  # here, where a disk that hangs delays no slot
    return {"alarms": integrity.run_round(worker.office, worker.clock()), "reckoned": nightly.run_round(worker)}


def _recall_round(worker: Worker) -> dict[str, int]:
    return {"recalled": recalls.run_round(worker)}


def _publish_round(worker: Worker) -> dict[str, int]:
    swept = recovery.sweep(worker) if worker.serves_office else 0
    if not worker.destinations:
        return {"swept": swept}
    if Office.objects.filter(recovering_since__isnull=False).exists():
        return {"swept": swept}  # what a platform holds already is for the reconciliation, not to be hidden or dressed
    asked = sum(_ask_after_a_stop(worker, name) for name in accounts.claim_to_ask(worker.destinations, worker.clock()))
    moved = sum(_of_account(worker, name, _ADVANCE) for name in worker.destinations)
    now = worker.clock()
    quiet = accounts.stopped(now).values("destination")
    steps = Step.objects.select_related("post__item").filter(state="waiting", not_before__lte=now).order_by("pk")
    steps = steps.filter(post__destination__in=list(worker.destinations))
    steps = steps.exclude(leases.pending_takedown("post__destination", now)).exclude(post__destination__in=quiet)
    filed = sum(
        _guarded(
            worker,
            step.post,
            partial(delivery.file_one, worker, step),
            partial(record_step_internal_failure, worker, step),
        )
        for step in steps[:AT_ONCE]
    )
    stopped = Post.objects.filter(state__in=[PostState.BLOCKED, PostState.MISSING], not_before__lte=now)
    stopped = stopped.filter(destination__in=list(worker.destinations)).exclude(destination__in=quiet)
    _each(worker, stopped[:AT_ONCE], _LOOK_AGAIN)
    described = albums.run_round(worker)
    return {"swept": swept, "asked": asked, "moved": moved, "filed": filed, "described": described}


def _ask_after_a_stop(worker: Worker, name: str) -> bool:
    """Whether an account that stopped without a known end goes on: asked with a call that changes nothing."""
    try:
        worker.destinations[name].whoami()
    except (Later, Refused) as error:
        log.info("%s still does not let us publish: %s", name, error.words)
        return False
    accounts.answers_again(name, worker.clock())
    return True


def _of_account(
    worker: Worker, name: str, by_state: dict[str, Callable[[Worker, Post], bool]], *, withdrawing: bool = False
) -> int:
    """What is due at one account: none of them waits behind another's."""
    due = leases.due(worker.clock(), destinations=[name], withdrawing=withdrawing)
    return _each(worker, due[:AT_ONCE], by_state)


def _withdraw_round(worker: Worker) -> dict[str, int]:
    done = _of_no_account(worker) if worker.serves_office else {}
    if worker.destinations:
        done["inherited"] = unmanaged.take_away_due(worker)
        done["withdrawn"] = sum(_of_account(worker, name, _TAKE_AWAY, withdrawing=True) for name in worker.destinations)
    return done


def _of_no_account(worker: Worker) -> dict[str, int]:
    # What was being sent by a process that died must be found before it can come down: nobody else may be awake.
    swept = recovery.sweep(worker)
    expired = timetable.expire(worker)
    ruled_out = timetable.watch(worker)
    withdrawal.notify_overdue(worker)
    unmanaged.notify_overdue(worker)
    return {"swept": swept, "expired": expired, "ruled_out": ruled_out}


def _media_round(worker: Worker) -> dict[str, int]:
    gone = media_urls.ask_all(worker)
    media_urls.notify_overdue(worker)
    return {"media_gone": gone}


def _each(worker: Worker, posts: QuerySet[Post], by_state: dict[str, Callable[[Worker, Post], bool]]) -> int:
    """Work through the Posts that are due; returns how many were moved."""
    due = list(posts.select_related("item"))
    return sum(_guarded(worker, post, partial(by_state[post.state], worker, post)) for post in due)


def _guarded(
    worker: Worker, post: Post, work: Callable[[], bool], aside: Callable[[Exception], None] | None = None
) -> bool:
    """One poisoned Post must not stop the rest. A process that was told to end takes none of them any more.

    A Post whose account stopped or began to rest since the round was read is left as it is, still due.
    """
    if worker.shutdown.requested or accounts.closed_to(post, worker.clock()):
        return False
    try:
        with lease_deadline.until(_lease_of(worker, post)):
            return work()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        (aside or partial(record_internal_failure, worker, post))(error)
        return False


def _lease_of(worker: Worker, post: Post) -> lease_deadline.Hold:
    """How long requests may be made for this Post: renewed while its work advances."""
    pace, began = worker.office.pace, worker.boot()

    def renew() -> bool:
        return leases.renew_held(post.pk, worker.name, worker.lease, now=worker.clock())

    length = pace.lease - pace.margin
    return lease_deadline.Hold(worker.boot, began + length, length, renew, pace.renew, began + pace.withdraw_most)


def _bring_on(worker: Worker, post: Post) -> bool:
    """What is hidden still: its words first, where they were amended since they were sent."""
    return amendments.rewrite(worker, post) if post.amending_id is not None else delivery.deliver(worker, post)


_ADVANCE: dict[str, Callable[[Worker, Post], bool]] = {
    PostState.WAITING: delivery.deliver,
    PostState.CONCEALED: _bring_on,
    PostState.LIVE: amendments.rewrite,
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

"""The rounds of a worker: for each part of it, its tasks in their order."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from pressqueue.due import office as office_due
from pressqueue.due import publishing, takedown
from pressqueue.due import timetable as timetable_due
from pressqueue.models import Notice, Officer
from pressqueue.moves import accounts, duties, heartbeats, notice_endings, notices
from pressqueue.moves import unmanaged as unmanaged_moves
from publisher.disclosure import purging, recalls
from publisher.evidence import anchors, integrity
from publisher.publishing import albums, leftover_files, recovery, rendering
from publisher.reconciliation import nightly
from publisher.register import sync
from publisher.scheduling import early_warning, posts_due, timetable
from publisher.scheduling.posts_due import DATABASE_AWAY
from publisher.scheduling.tasks import Task, run_all
from publisher.takedown import media_urls, unmanaged, withdrawal
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two records that a part of the service runs
AT = "@"  # between a part and what sets its thread apart: the account it serves, or a number


def run_part(worker: Worker, part: str) -> dict[str, int]:
    """One round of one part; returns what was done. `part` may name the account that its thread serves, or a number."""
    done = run_all(worker, PARTS[part.partition(AT)[0]])
    _beat(worker, part)
    return done


def _beat(worker: Worker, part: str) -> None:
    """Record now and then that this part runs: a record each second would be most of what an idle office writes.

    By the clock that is written, so that a clock which was moved is written at once.
    """
    now, last = worker.clock(), worker.beats.get(part)
    if last is None or abs((now - last).total_seconds()) >= min(BEAT, worker.office.pace.silent_after / 4):
        heartbeats.ran(part, now)
        worker.beats[part] = now


def _write_register(worker: Worker) -> None:
    sync.run_round(worker.office, worker.clock())


def _sweep_files(worker: Worker) -> None:
    leftover_files.sweep(worker.office)


def _resume_accounts(worker: Worker) -> None:
    accounts.resume_those_whose_limit_has_ended(worker.clock())


def _end_notices(worker: Worker) -> None:
    notice_endings.end_those_that_are_over(worker.clock())


def _notify_overdue_duties(worker: Worker) -> None:
    duties.notify_overdue_duties(worker.clock())


def _notify_reviews(worker: Worker) -> None:
    unmanaged_moves.notify_overdue_reviews(worker.clock())


def _purge(worker: Worker) -> int:
    return purging.run_round(worker.office, worker.clock())


def _mail_notices(worker: Worker) -> int:
    try:
        return notices.send_unsent(lambda notice: _mail(worker, notice), worker.clock())
    except (OSError, SMTPException) as error:
        log.warning("Notices could not be mailed (%s); they stay unsent and are tried again.", type(error).__name__)
        return 0


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


def _prepare(worker: Worker) -> int:
    return int(rendering.prepare_next(worker))


def _anchor(worker: Worker) -> None:
    anchors.run_round(worker.office, worker.clock())  # here, where a disk that hangs delays no slot


def _check_integrity(worker: Worker) -> int:
    """What makes the check itself fail, such as a row that somebody spoiled, must not hold up the reconciliation."""
    try:
        return integrity.run_round(worker.office, worker.clock())
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, an officer is told and the rest goes on
        log.error("The hourly check met a fault: %s", type(error).__name__)
        message = (
            "The hourly check of the records fails: look at `publisher audit verify`. It is tried again each round."
        )
        notices.notify(integrity.FAULT, message, worker.clock())
        return 0


# What must come down comes down first, also in a round that does everything.
PARTS: dict[str, tuple[Task, ...]] = {
    "withdraw": (
        # What was being sent by a process that died is found before it can come down: nobody else may be awake.
        Task("swept", recovery.sweep, (publishing.leases_run_out,), "office"),
        Task("expired", timetable.expire, (takedown.items_expired, takedown.items_expired_in_review), "office"),
        Task("ruled_out", timetable.watch, (takedown.items_to_watch,), "office"),
        Task("", withdrawal.notify_overdue, (takedown.posts_overdue,), "office"),
        Task("", unmanaged.notify_overdue, (takedown.unmanaged_overdue,), "office"),
        Task("inherited", unmanaged.take_away_due, (takedown.unmanaged_coming_down,), "accounts"),
        Task("withdrawn", posts_due.take_away, (takedown.posts_coming_down,), "accounts"),
    ),
    "media": (
        Task("media_gone", media_urls.ask_all, (takedown.addresses_to_ask,)),
        Task("", media_urls.notify_overdue, (takedown.addresses_overdue,)),
    ),
    "clock": (
        Task("", _write_register),
        *timetable.TASKS,
        Task(
            "foreseen", early_warning.run_round,
            (timetable_due.items_to_foresee, timetable_due.items_foreseen_no_more),
        ),
        Task("", _resume_accounts, (office_due.accounts_resuming,)),
        Task("", _end_notices, (office_due.notices_open,)),
        Task("", _notify_overdue_duties, (office_due.duties_overdue,)),
        Task("purged", _purge, (office_due.purges_to_carry_out, office_due.purges_with_files)),
        Task("mailed", _mail_notices, (office_due.notices_unsent,)),
        Task("", _sweep_files),
    ),
    "render": (Task("prepared", _prepare, (office_due.items_to_render,)),),
    "reckon": (
        Task("", _anchor),
        Task("alarms", _check_integrity),
        Task("", _notify_reviews, (office_due.reviews_over,)),
        Task("reckoned", nightly.run_round),
    ),
    "recall": (
        Task("recalled", recalls.run_round, (office_due.recalls_to_mail, office_due.recalls_unacknowledged)),
    ),
    "publish": (
        Task("swept", recovery.sweep, (publishing.leases_run_out,), "office"),
        # Before the reconciliation nothing that a platform holds already is concealed or changed.
        Task("asked", posts_due.ask_after_stops, (publishing.accounts_to_ask,), "accounts", recovering=False),
        Task("moved", posts_due.advance, (publishing.posts,), "accounts", recovering=False),
        Task("filed", posts_due.file_steps, (publishing.steps,), "accounts", recovering=False),
        Task("", posts_due.look_again, (publishing.posts_stopped,), "accounts", recovering=False),
        Task(
            "described", albums.run_round, (publishing.totals_to_count, publishing.albums), "accounts",
            recovering=False,
        ),
    ),
}  # fmt: skip

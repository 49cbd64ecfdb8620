"""Slots and Bookings: what is due, what missed its hour, and the Posts that come of it.

Instants are computed here from date and wall time, never by a scheduler: its cron rings 01:30 twice on the autumn
night and its default grace drops late jobs after one second (measured with APScheduler 3.11).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError

from pressqueue.actors import MACHINE
from pressqueue.destination_names import name_of
from pressqueue.due import takedown as takedown_due
from pressqueue.due import timetable as due
from pressqueue.hours import is_late
from pressqueue.localtime import first_instant
from pressqueue.models import Booking, Item, Slot
from pressqueue.moves import amendments, campaigns, live_checks, notices, posting, takedown
from pressqueue.moves import items as item_moves
from pressqueue.states import ENDED
from publisher.scheduling import tasks
from publisher.scheduling.tasks import Task
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 50  # Items of one round


def run_round(worker: Worker) -> dict[str, int]:
    """One round of the timetable. Every part of it may be repeated, or die, at any point."""
    return tasks.run_all(worker, TASKS)


def expire(worker: Worker) -> int:
    """What has run out comes down. Rung with the withdrawals, apart from the rest of the timetable."""
    scope = worker.scope()
    now = scope.now
    return _each(takedown_due.items_expired(scope), lambda item: item_moves.expire(item, now=now), now) + _each(
        takedown_due.items_expired_in_review(scope), lambda item: takedown.expire_public(item, now=now), now
    )


def watch(worker: Worker) -> int:
    """What is up is held against the rules every hour. Run with the withdrawals. Returns how many came down."""
    scope = worker.scope()
    now = scope.now
    return _each(takedown_due.items_to_watch(scope)[:AT_ONCE], lambda item: live_checks.watch(item, now=now), now)


def _reopen_stale(worker: Worker) -> int:
    """Back to review: an appeal past its window, an Approval that lapsed before anything was revealed."""
    scope = worker.scope()
    now = scope.now
    missed = "missed the time it was to be published and is back for review."
    unused = "was not published before its approval lapsed; it must be approved again."
    return _each(due.late_items(scope), lambda item: _reopen(item, "window_past", missed, now), now) + _each(
        due.lapsed_items(scope), lambda item: _reopen(item, "approval_lapsed", unused, now), now
    )


def _end_missed_elsewhere(worker: Worker) -> int:
    """Posts not yet public of an Item that is public elsewhere, once they may no longer go out themselves."""
    ended, scope = 0, worker.scope()
    now, force = scope.now, scope.force
    for post in due.posts_left_behind(scope):
        item, booking = post.item, post.booking
        life = force.feature_life if item.kind == Item.Kind.FEATURE else force.appeal_life
        if (
            (item.publish_until is not None and now >= item.publish_until)
            or (booking is not None and is_late(booking, now))
            or (item.approved_at is not None and now - item.approved_at > life)
        ):
            message = (
                f"{item.reference} was published, but not at {name_of(post.destination)}: its time there has passed."
            )
            notices.notify(f"left_behind:{post.pk}", message, now, item.reference)
            takedown.take_down_post(MACHINE, post, "skipped", now=now)
            ended += 1
    return ended


def _reopen(item: Item, reason: str, message: str, now: datetime) -> bool:
    reopened = item_moves.reopen(MACHINE, item, reason, now=now)
    if reopened:
        notices.notify(f"{reason}:{item.pk}:{now:%Y%m%d}", f"{item.reference} {message}", now, item.reference)
    return reopened


def _each(items: Iterable[Item], move: Callable[[Item], object], now: datetime) -> int:
    """Make one move for each Item. One that fails is told to a person and does not stop the others."""
    made = 0
    for item in list(items):
        with apart(f"{item.pk}", item.reference, item.reference, now):
            made += bool(move(item))
    return made


@contextmanager
def apart(cause: str, what: str, reference: str, now: datetime) -> Iterator[None]:
    """One Item, Slot or Booking that cannot be moved on, whatever the reason, is told and does not stop the others."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # a poisoned row is one row
        log.error("The timetable: %s: %s", cause, type(error).__name__)
        message = f"{what} could not be moved on by the timetable. Look at it at the desk."
        notices.notify(f"timetable:{cause}", message, now, reference)


def _bring_back(worker: Worker) -> int:
    return campaigns.bring_back(worker.clock())


def _book_due_slots(worker: Worker) -> int:
    """A Booking for every Slot and date whose hour has come since the last one, however long we were away."""
    made, scope = 0, worker.scope()
    since = (scope.now - due.LOOK_BACK).date()
    booked = set(Booking.objects.filter(date__gte=since).values_list("campaign", "date"))
    for slot in due.slots(scope):
        with apart(f"slot:{slot.pk}", f"An hour of {slot.campaign.slug}", "", scope.now):
            made += _book_slot(slot, since, booked, scope.now)
    return made


def _book_slot(slot: Slot, since: date, booked: set[tuple[int, date]], now: datetime) -> int:
    made, today = 0, now.astimezone(ZoneInfo(slot.campaign.zone)).date()
    on = max(slot.starts_on, since)
    while on <= min(today, slot.ends_on or today):
        if on.weekday() in slot.weekdays and (slot.campaign_id, on) not in booked:
            due_at = first_instant(on, slot.wall_time, slot.campaign.zone)
            if due_at <= now:
                campaigns.book(slot, on, due_at)
                booked.add((slot.campaign_id, on))
                made += 1
        on += timedelta(days=1)
    return made


def _fill(worker: Worker) -> int:
    """Give each open Booking within its lateness the next Item of its campaign's queue, and make its Posts.

    A Booking filled by a process that died before making the Posts is met here again.
    """
    filled, scope = 0, worker.scope()
    now = scope.now
    for booking in due.bookings_failed(scope):
        with apart(*_hour(booking), "", now):
            campaigns.pass_over(booking, now=now)
    for booking in due.bookings_open(scope):
        if not is_late(booking, now):
            with apart(*_hour(booking), "", now):
                filled += campaigns.fill(booking, now=now) is not None
    for booking in due.bookings_running(scope).prefetch_related("item__posts"):
        if booking.item is not None and not is_late(booking, now):
            due_at = booking.due_at
            _each([booking.item], lambda item, due_at=due_at: _open(worker, item, due_at, now), now)  # type: ignore[misc]
    return filled


def _open_windows(worker: Worker) -> int:
    """Appeals, and anything else with an hour of its own."""
    scope = worker.scope()
    windows = due.windows_open(scope).prefetch_related("posts")
    return _each(windows, lambda item: _open(worker, item, item.publish_from or scope.now, scope.now), scope.now)


def _open(worker: Worker, item: Item, due_at: datetime, now: datetime) -> int:
    """Its Posts, at every destination this office is configured for; a missing one is told, not passed over."""
    for name in set(item.destinations) - set(worker.destinations):
        _is_not_configured(item, name, now)
    standing = [post for post in item.posts.all() if post.state not in ENDED]
    missing = set(item.destinations) - {post.destination for post in standing}
    coming_down = any(post.take_down_asked_at is not None for post in standing)
    if not missing & set(worker.destinations) and (missing or coming_down):
        return 0  # asked again every round, so that a destination connected later is not forgotten
    return len(posting.open_posts(item, key=worker.key, conceals=worker.conceals(), due_at=due_at, now=now))


def _tell_of_nowhere(worker: Worker) -> None:
    """Posts that were made while their destination was configured."""
    scope = worker.scope()
    for post in due.posts_nowhere(scope):
        _is_not_configured(post.item, post.destination, scope.now)


def _is_not_configured(item: Item, name: str, now: datetime) -> None:
    message = f"{item.reference} is to go to {name_of(name)}, which is not configured here or not connected."
    notices.notify(f"unconfigured:{item.pk}:{name}", message, now, item.reference)


def _skip_late(worker: Worker) -> int:
    """What is late is not posted for its hour any more: no number is kept, and a person is told."""
    skipped, scope = 0, worker.scope()
    now = scope.now
    for booking in due.bookings_unfilled(scope).order_by("due_at", "pk"):
        if not is_late(booking, now):
            continue
        notices.notify(
            f"skipped:{booking.pk}",
            f"{booking.campaign.slug}: nothing was published for {booking.date:%d %B %Y}; its hour passed by more than "
            f"{booking.campaign.lateness}, or the next one came. No day number was used for it.",
            now,
        )
        with apart(*_hour(booking), "", now):
            if campaigns.skip(booking, now=now):
                skipped += 1
            else:
                notices.clear(f"skipped:{booking.pk}", now)
    return skipped


def _hour(booking: Booking) -> tuple[str, str]:
    """How a Booking is named where it cannot be moved on."""
    return f"booking:{booking.pk}", f"The hour of {booking.campaign.slug} on {booking.date:%d %B %Y}"


def _finish_amendments(worker: Worker) -> int:
    return amendments.finish_written(now=worker.clock())


# What seems to wait, or to be late, in a restored office may be live since: the reconciliation comes first.
TASKS = (
    Task("reopened", _reopen_stale, (due.late_items, due.lapsed_items), recovering=False),
    Task("left_behind", _end_missed_elsewhere, (due.posts_left_behind,), recovering=False),
    Task("brought_back", _bring_back, (due.bookings_skipped_early,), recovering=False),
    Task("booked", _book_due_slots, (due.slots,), recovering=False),
    Task("skipped", _skip_late, (due.bookings_unfilled,), recovering=False),
    Task("filled", _fill, (due.bookings_failed, due.bookings_open, due.bookings_running), recovering=False),
    Task("opened", _open_windows, (due.windows_open,), recovering=False),
    Task("", _tell_of_nowhere, (due.posts_nowhere,), recovering=False),
    Task("amended", _finish_amendments, (due.amendments_written,), recovering=False),
)

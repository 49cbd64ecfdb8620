"""Slots and Bookings: what is due, what missed its hour, and the Posts that come of it.

Instants are computed here from date and wall time, never by a scheduler: its cron rings 01:30 twice on the autumn
night and its default grace drops late jobs after one second (measured with APScheduler 3.11).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q

from pressqueue import holds, packages, policy
from pressqueue.actors import MACHINE
from pressqueue.destination_names import name_of
from pressqueue.hours import is_late
from pressqueue.localtime import first_instant
from pressqueue.models import Approval, Booking, Item, Office, Post, Slot
from pressqueue.moves import amendments, campaigns, live_checks, notices, posting, takedown
from pressqueue.moves import items as item_moves
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

LONGEST_LATENESS = timedelta(days=60)
WATCH_EVERY = timedelta(hours=1)
AT_ONCE = 50  # Items of one round
LOOK_BACK = timedelta(days=60)  # Bookings missed longer ago than this are not made up, only counted as skipped


def run_round(worker: Worker) -> dict[str, int]:
    """One round of the timetable. Every part of it may be repeated, or die, at any point."""
    now = worker.clock()
    if Office.objects.filter(recovering_since__isnull=False).exists():
        return {}  # what seems to wait, or to be late, may be live since: the reconciliation comes first
    return {
        "reopened": _reopen_stale(now),
        "left_behind": _end_missed_elsewhere(worker, now),
        "brought_back": campaigns.bring_back(now),
        "booked": _book_due_slots(now),
        "skipped": _skip_late(now),
        "filled": _fill(worker, now),
        "opened": _open_windows(worker, now),
        "amended": amendments.finish_written(now=now),
    }


def expire(worker: Worker) -> int:
    """What has run out comes down. Rung with the withdrawals, apart from the rest of the timetable."""
    now = worker.clock()
    over = Item.objects.filter(expires_at__lte=now).order_by("pk")
    shown = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC).exclude(state=PostState.REMOVING)
    # A restored office may find public what it sends through review again.
    reviewed = over.filter(Exists(shown), state__in=[ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW])
    return _each(over.filter(state=ItemState.APPROVED), lambda item: item_moves.expire(item, now=now), now) + _each(
        reviewed, lambda item: takedown.expire_public(item, now=now), now
    )


def watch(worker: Worker) -> int:
    """What is up is held against the rules every hour. Run with the withdrawals. Returns how many came down."""
    now = worker.clock()
    shown = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC).exclude(state=PostState.REMOVING)
    due = Item.objects.filter(Exists(shown)).filter(Q(watched_at__isnull=True) | Q(watched_at__lt=now - WATCH_EVERY))
    return _each(due.order_by("watched_at", "pk")[:AT_ONCE], lambda item: live_checks.watch(item, now=now), now)


def _reopen_stale(now: datetime) -> int:
    """Back to review: an appeal past its window, an Approval that lapsed before anything was revealed."""
    public = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC)
    private = Item.objects.filter(~Exists(public))
    late = private.filter(state=ItemState.APPROVED, publish_until__lte=now)
    force, seeking = policy.current(), [Item.Kind.APPEAL, Item.Kind.WANTED]
    stale = Approval.objects.filter(void_at__isnull=True)
    appeals = stale.filter(at__lt=now - force.appeal_life, package__item__kind__in=seeking)
    features = stale.filter(at__lt=now - force.feature_life, package__item__kind=Item.Kind.FEATURE)
    lapsed = private.filter(state=ItemState.APPROVED).filter(
        Q(pk__in=appeals.values("package__item")) | Q(pk__in=features.values("package__item"))
    )
    missed = "missed the time it was to be published and is back for review."
    unused = "was not published before its approval lapsed; it must be approved again."
    return _each(late, lambda item: _reopen(item, "window_past", missed, now), now) + _each(
        lapsed, lambda item: _reopen(item, "approval_lapsed", unused, now), now
    )


def _end_missed_elsewhere(worker: Worker, now: datetime) -> int:
    """Posts not yet public of an Item that is public elsewhere, once they may no longer go out themselves."""
    public = Post.objects.filter(item=OuterRef("item"), state__in=COUNTS_AS_PUBLIC).exclude(state=PostState.REMOVING)
    behind = Post.objects.filter(
        Exists(public), state__in=[PostState.WAITING, PostState.FAILED, PostState.CONCEALED], item__state="approved"
    ).select_related("item", "item__campaign", "booking__campaign")
    ended, force = 0, policy.current()
    for post in behind:
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


def _book_due_slots(now: datetime) -> int:
    """A Booking for every Slot and date whose hour has come since the last one, however long we were away."""
    made = 0
    for slot in Slot.objects.select_related("campaign").order_by("pk"):
        with apart(f"slot:{slot.pk}", f"An hour of {slot.campaign.slug}", "", now):
            made += _book_slot(slot, now)
    return made


def _book_slot(slot: Slot, now: datetime) -> int:
    made, today = 0, now.astimezone(ZoneInfo(slot.campaign.zone)).date()
    on = max(slot.starts_on, (now - LOOK_BACK).date())
    booked = set(slot.campaign.bookings.filter(date__gte=on).values_list("date", flat=True))
    while on <= min(today, slot.ends_on or today):
        due_at = first_instant(on, slot.wall_time, slot.campaign.zone)
        if on.weekday() in slot.weekdays and on not in booked and due_at <= now:
            campaigns.book(slot, on, due_at)
            made += 1
        on += timedelta(days=1)
    return made


def _fill(worker: Worker, now: datetime) -> int:
    """Give each open Booking within its lateness the next Item of its campaign's queue, and make its Posts.

    A Booking filled by a process that died before making the Posts is met here again.
    """
    filled = 0
    for booking in Booking.objects.filter(state=Booking.State.FILLED, posts__state=PostState.FAILED).distinct():
        with apart(*_hour(booking), "", now):
            campaigns.pass_over(booking, now=now)
    bookings = Booking.objects.select_related("campaign", "item").filter(due_at__lte=now).order_by("due_at", "pk")
    for booking in bookings.filter(state=Booking.State.OPEN):
        if not is_late(booking, now):
            with apart(*_hour(booking), "", now):
                filled += campaigns.fill(booking, now=now) is not None
    running = bookings.prefetch_related("item__posts").filter(
        state__in=[Booking.State.FILLED, Booking.State.KEPT], due_at__gt=now - LONGEST_LATENESS
    )
    for booking in running:
        if booking.item is not None and not is_late(booking, now):
            due_at = booking.due_at
            _each([booking.item], lambda item, due_at=due_at: _open(worker, item, due_at, now), now)  # type: ignore[misc]
    return filled


def _open_windows(worker: Worker, now: datetime) -> int:
    """Appeals, and anything else with an hour of its own."""
    due = Item.objects.filter(
        state=ItemState.APPROVED, publish_from__lte=now, publish_until__gt=now, held=False, campaign__held=False
    )
    office = Office.objects.get()
    due = due.select_related("campaign").prefetch_related("posts")
    free = [item for item in due if not holds.held_because(office, item.campaign, item)]
    return _each(free, lambda item: _open(worker, item, item.publish_from or now, now), now)


def _open(worker: Worker, item: Item, due_at: datetime, now: datetime) -> int:
    """Its Posts, at every destination this office is configured for; a missing one is told, not passed over."""
    for name in set(item.destinations) - set(worker.destinations):
        message = f"{item.reference} is to go to {name_of(name)}, which is not configured here or not connected."
        notices.notify(f"unconfigured:{item.pk}:{name}", message, now, item.reference)
    if all(name in _posted(item) for name in item.destinations if name in worker.destinations):
        return 0  # asked again every round, so that a destination connected later is not forgotten
    return len(posting.open_posts(item, key=worker.key, conceals=worker.conceals(), due_at=due_at, now=now))


def _posted(item: Item) -> set[str]:
    """Where this version of the Item, or one it amended, has a Post that stands, or had one that was public."""
    line = packages.lineage(item)
    return {
        post.destination
        for post in item.posts.all()
        if post.state not in ENDED or (post.revealing_at and post.package_id in line)
    }


def _skip_late(now: datetime) -> int:
    """What is late is not posted for its hour any more: no number is kept, and a person is told."""
    skipped = 0
    waiting = Booking.objects.select_related("campaign").filter(
        state__in=[Booking.State.OPEN, Booking.State.FILLED], due_at__lt=now
    )
    for booking in waiting.order_by("due_at", "pk"):
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

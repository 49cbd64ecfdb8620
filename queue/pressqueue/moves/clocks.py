"""The clock that leases are compared by was moved: what was written by the wrong time is set right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from pressqueue import locks
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Account, Album, Item, MediaAddress, Post, Spend, Step, Totals, UnmanagedMedia
from pressqueue.moves import notices
from pressqueue.states import PostState


@clean_texts
def clock_jumped(by: float, now: datetime, *, lease: timedelta, claim: timedelta) -> None:
    """Record that the clock was moved by so many seconds, forward or back. Repeatable.

    Findings that two clocks timed are made anew: an hour that never passed must not make absence count, and nothing may
    wait for an hour that has passed already. No lease becomes shorter than the longest that can be taken now.
    """
    with moving(MACHINE, now) as log:
        locks.office()
        log.note("clock_jumped", seconds=round(by))
        _items(now, claim, by)
        _look_anew(now)
        _bound_leases(now, lease)
        if by < 0:
            _wait_no_longer(now)
    way = "forward" if by > 0 else "back"
    message = f"The clock of this office was moved {way} by about {abs(round(by))} seconds. Let NTP keep it."
    notices.notify("clock", message, now)


def _items(now: datetime, claim: timedelta, by: float) -> None:
    """Before the Posts: everybody locks them in that order."""
    Item.objects.filter(rendering_until__gt=now + claim).update(rendering_until=now + claim)
    if by < 0:
        Item.objects.filter(watch_at__gt=now).update(watch_at=now)
        Item.objects.filter(foresee_at__gt=now).update(foresee_at=now)


def _look_anew(now: datetime) -> None:
    """A higher fence, so that a look that began by the other clock is not written down."""
    free: dict[str, Any] = {"owner": "", "until": None, "fence": F("fence") + 1, "looks": [], "not_before": now}
    Post.objects.filter(state=PostState.UNSURE).update(sight_lost_at=now, **free)
    Post.objects.filter(state=PostState.REMOVING).update(**free)
    Post.objects.filter(state=PostState.REVEALING, asked_public_at__isnull=False).update(asked_public_at=now)
    Post.objects.filter(take_down_asked_at__gt=now).update(take_down_asked_at=now)


def _bound_leases(now: datetime, lease: timedelta) -> None:
    for model in (Post, Album, MediaAddress, UnmanagedMedia):
        model.objects.filter(until__gt=now + lease).update(until=now + lease)


def _wait_no_longer(now: datetime) -> None:
    """Waits were counted from a time that is yet to come: ask at once, a platform's own limit is told again."""
    waiting = Post.objects.filter(state=PostState.WAITING, not_before__gt=now)
    waiting.filter(due_at__gt=now).update(not_before=F("due_at"))
    waiting.filter(due_at__lte=now).update(not_before=now)
    Post.objects.filter(not_before__gt=now).exclude(state=PostState.WAITING).update(not_before=now)
    for model in (Album, Step, MediaAddress, UnmanagedMedia):
        model.objects.filter(not_before__gt=now).update(not_before=now)
    Totals.objects.filter(published_at__gt=now).update(published_at=now)
    Totals.objects.filter(counted_at__gt=now).update(counted_at=now)
    Account.objects.filter(until__gt=now).update(until=now)
    Account.objects.filter(broken_until__gt=now).update(broken_until=now)
    Spend.objects.filter(exhausted_until__gt=now).update(exhausted_until=None)

"""Sittings: whether an officer said why they look, in this signed-in session, lately enough (R37)."""

from __future__ import annotations

from datetime import datetime, timedelta

from pressqueue import policy
from pressqueue.models import Item, Sitting

TO_THE_MINUTE = timedelta(minutes=1)  # a film is read in hundreds of parts: none of them writes the last look again


def asks_why(item: Item) -> bool:
    """A picture of an appeal or of somebody wanted is not looked at without a reason; a feature is."""
    return item.kind in (Item.Kind.APPEAL, Item.Kind.WANTED)


def is_over(sitting: Sitting, now: datetime) -> bool:
    """Ended, idle for too long, or as old as a working day."""
    rules = policy.current()
    idle, age = now - sitting.used_at, now - sitting.began_at
    return sitting.ended_at is not None or idle >= rules.sitting_idle or age >= rules.sitting_longest


def current(officer_id: int, session: str, now: datetime) -> Sitting | None:
    """The sitting that goes on in this session; None where the officer must say why (again)."""
    found = Sitting.objects.filter(officer=officer_id, session=session, ended_at__isnull=True).first()
    return found if found is not None and not is_over(found, now) else None


def decided_in(officer_id: int, session: str, item: Item) -> int | None:
    """The sitting in which this session looked at the Item last: that of a decision, though idle meanwhile."""
    looked = Sitting.objects.filter(officer=officer_id, session=session, consultations__item=item)
    return looked.order_by("-began_at").values_list("pk", flat=True).first()

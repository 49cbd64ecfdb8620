"""Sittings: whether an officer said why they look, in this signed-in session, lately enough (R37).

And what is decided in them one after another: what waits for this officer, and what they decided after how long (R50).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from pressqueue import policy
from pressqueue.models import Approval, BreakGlass, Edit, Item, Officer, ReviewSession, SentBack, Verification
from pressqueue.states import ItemState

TO_THE_MINUTE = timedelta(minutes=1)  # a film is read in hundreds of parts: none of them writes the last look again


def asks_why(item: Item) -> bool:
    """Whether a reason is needed to view the Item's picture: for an appeal or a wanted person, not for a feature."""
    return item.kind in (Item.Kind.APPEAL, Item.Kind.WANTED)


def is_over(sitting: ReviewSession, now: datetime) -> bool:
    """Whether it has ended, been idle for too long, or lasted longer than the policy allows."""
    rules = policy.current()
    idle, age = now - sitting.used_at, now - sitting.began_at
    return sitting.ended_at is not None or idle >= rules.sitting_idle or age >= rules.sitting_longest


def current(officer_id: int, session: str, now: datetime) -> ReviewSession | None:
    """Returns the sitting that goes on in this session; None where the officer must give a reason (again)."""
    found = ReviewSession.objects.filter(officer=officer_id, session=session, ended_at__isnull=True).first()
    return found if found is not None and not is_over(found, now) else None


def decided_in(officer_id: int, session: str, item: Item) -> int | None:
    """Returns the id of the sitting in which this session viewed the Item last, though it may be idle by now."""
    looked = ReviewSession.objects.filter(officer=officer_id, session=session, consultations__item=item)
    return looked.order_by("-began_at").values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a row: which way, on what, when, and seconds after its first byte was shown."""

    item: Item
    approved: bool
    at: datetime
    seconds: float | None


def to_decide(officer: Officer) -> QuerySet[Item]:
    """Returns the stills in review that this officer may decide on and has not yet, in the list's order.

    Only Items in which they had no hand. A video takes time to view in parts: it is decided on its own page.
    """
    if not officer.may_approve:
        return Item.objects.none()
    of_item = {"item": OuterRef("pk")}
    decided = Approval.objects.filter(package=OuterRef("package"), approver=officer, void_at__isnull=True)
    verified = Verification.objects.filter(package=OuterRef("package"), investigator=officer, void_at__isnull=True)
    return (
        Item.objects.filter(state=ItemState.IN_REVIEW, original__kind="still", package__isnull=False)
        .exclude(author=officer)
        .exclude(original__received_by=officer)
        .exclude(Exists(Edit.objects.filter(officer=officer, **of_item)))
        .exclude(Exists(BreakGlass.objects.filter(declared_by=officer, **of_item)))
        .exclude(Exists(decided))
        .exclude(Exists(verified))
        .order_by("queue_order", "pk")
    )


def decisions(officer: Officer, session: str) -> list[Decision]:
    """Returns what this officer decided in batches in this signed-in session, the newest first."""
    here = {"sitting__officer": officer, "sitting__session": session, "batch": True}
    approved = Approval.objects.filter(**here).select_related("package__item")
    back = SentBack.objects.filter(**here).select_related("package__item")
    made = [Decision(each.package.item, True, each.at, each.seconds) for each in approved]
    made += [Decision(each.package.item, False, each.at, each.seconds) for each in back]
    return sorted(made, key=lambda each: each.at, reverse=True)

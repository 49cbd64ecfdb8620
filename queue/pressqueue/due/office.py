"""What the office itself has to do: rendering, notices, duties, recalls, purges, reviews."""

from __future__ import annotations

from django.db.models import QuerySet

from pressqueue.due.base import Scope
from pressqueue.models import Account, Duty, Item, Notice, Purge, RecallNotice, UnmanagedMedia
from pressqueue.moves import accounts, duties, notices, preparing, recalls, retention, unmanaged


def items_to_render(scope: Scope) -> QuerySet[Item]:
    """Returns submitted Items that nobody is rendering."""
    return preparing.waiting(scope.now)


def accounts_resuming(scope: Scope) -> QuerySet[Account]:
    """Returns accounts whose platform's limit has ended."""
    return accounts.over_their_limit(scope.now)


def notices_open(_: Scope) -> QuerySet[Notice]:
    """Returns the notices that stand; what ends each is read off the rows."""
    return notices.standing()


def notices_unsent(_: Scope) -> QuerySet[Notice]:
    """Returns the notices that were not mailed yet."""
    return notices.unsent()


def duties_overdue(scope: Scope) -> QuerySet[Duty]:
    """Returns the duties that nobody did in time."""
    return duties.open_duties().filter(due_at__lte=scope.now)


def purges_to_carry_out(_: Scope) -> QuerySet[Purge]:
    """Returns confirmed purges whose texts still exist."""
    return retention.purges_to_carry_out()


def purges_with_files(_: Scope) -> QuerySet[Purge]:
    """Returns purges whose files may still exist."""
    return retention.purges_with_files()


def recalls_to_mail(scope: Scope) -> QuerySet[RecallNotice]:
    """Returns the recall notices to be mailed now."""
    return recalls.recalls_due(scope.now)


def recalls_unacknowledged(scope: Scope) -> QuerySet[RecallNotice]:
    """Returns the recall notices that nobody acknowledged in the policy's time."""
    return recalls.open_recalls().filter(queued_at__lte=scope.now - scope.force.time_for("recall"))


def reviews_over(scope: Scope) -> QuerySet[UnmanagedMedia]:
    """Returns media found at an account whose review is over."""
    return unmanaged.reviews_over(scope.now)

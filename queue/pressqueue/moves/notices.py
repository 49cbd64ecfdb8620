"""Notices: one thing a person must know, once per cause."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from pressqueue.cleaning import clean
from pressqueue.models import Notice


def notify(cause: str, message: str, now: datetime, reference: str = "", *, to: Iterable[int] = ()) -> bool:
    """Raise a Notice; a cause that is already open raises no second one. True where it is new (or was cleared).

    `to`: ids of accounts that get it by mail, besides the office's own address.
    """
    people, message = sorted(to), clean(message)
    if Notice.objects.filter(cause=cause, cleared_at__isnull=True).exists():
        return False
    try:
        with transaction.atomic():
            Notice.objects.create(cause=cause, words=message, reference=reference, raised_at=now, people=people)
            return True
    except IntegrityError:
        again = Notice.objects.filter(cause=cause, cleared_at__isnull=False)
        return bool(again.update(words=message, raised_at=now, cleared_at=None, sent_at=None, people=people))


def clear(cause: str, now: datetime) -> int:
    """Clear the open Notice of this cause and of every cause below it ("account:x" and "account:x:auth").

    Returns how many there were.
    """
    return clear_all([cause], now)


def clear_all(causes: Collection[str], now: datetime) -> int:
    """Clear the open Notices of each of these causes, as `clear` does, all at once; returns how many there were."""
    chosen = Q(pk__in=[])  # no cause names no notice
    for cause in causes:
        chosen |= Q(cause=cause) | Q(cause__startswith=f"{cause}:")
    found = list(standing().filter(chosen).values_list("pk", flat=True))
    # An UPDATE takes SQLite's one write lock even where it changes nothing.
    return standing().filter(pk__in=found).update(cleared_at=now) if found else 0


def send_unsent(send: Callable[[Notice], None], now: datetime) -> int:
    """Mail each open Notice once; returns how many.

    A crash between the mail and its record mails it again: better twice than never.
    """
    mailed = list(unsent()[:50])
    for notice in mailed:
        send(notice)
        Notice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(sent_at=now)
    return len(mailed)


def standing() -> QuerySet[Notice]:
    """Returns the notices that are not cleared."""
    return Notice.objects.filter(cleared_at__isnull=True)


def unsent() -> QuerySet[Notice]:
    """Returns those of them that were not mailed yet, the oldest first."""
    return standing().filter(sent_at__isnull=True).order_by("pk")

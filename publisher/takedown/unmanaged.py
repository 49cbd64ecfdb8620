"""A withdrawn thing that is not a Post of ours: concealed, removed and looked at until the platform says it is gone.

The same rules as a Post's withdrawal (withdrawal.py): leased by a conditional UPDATE with a fence, two looks some
seconds apart, tried for ever, told after fifteen minutes.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import OperationalError

from pressqueue import errors
from pressqueue.models import Inherited
from pressqueue.moves import circuit_breaker, claims, notices, unmanaged
from publisher.destinations.base import Receipt, Visibility
from publisher.destinations.errors import Later, Refused
from publisher.takedown.withdrawal import BOUND, BREACH, TELL_AFTER, unseen
from publisher.workers import repeated_failures
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 50


def take_away_due(worker: Worker) -> int:
    """One round of everything inherited that is to come down; answers how many were worked on."""
    now = worker.clock()
    resting = circuit_breaker.resting(now).values("destination")
    due = unmanaged.coming_down().filter(claims.free(now), not_before__lte=now)
    due = due.filter(destination__in=list(worker.destinations))
    due = due.exclude(destination__in=resting)
    return sum(_guarded(worker, row) for row in due.order_by("not_before", "pk")[:AT_ONCE])


def take_away_inherited(worker: Worker, row: Inherited) -> bool:
    """One round for one of them. False where another worker has it."""
    mine = unmanaged.pick_up(row, worker.name, worker.lease, now=worker.clock())
    if mine is None:
        return False
    try:
        _round(worker, mine)
    except Later as error:
        alone = error.trouble and repeated_failures.stands_alone(mine.destination, mine.tries + 1, worker.clock())
        _again(worker, mine, error.words, error.retry_at, answered=error.answered or alone)
    except Refused as error:
        _again(worker, mine, error.words, None)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)
    return True


def tell_overdue(worker: Worker) -> None:
    """Each that is not confirmed gone after fifteen minutes, whatever stands in its way."""
    now = worker.clock()
    for row in unmanaged.coming_down().filter(take_down_asked_at__lte=now - TELL_AFTER).order_by("pk"):
        words = f"{row.remote_id} is still not confirmed down at {row.destination}. {row.words}".strip()
        where = f" Take it down there by hand: {row.url}" if row.url else " Look there by hand."
        notices.tell(f"takedown:inherited:{row.pk}", words + where, now)
        if row.take_down_asked_at is not None and now - row.take_down_asked_at >= BOUND:
            breach = f"{row.remote_id} at {row.destination}: {BREACH} It is not confirmed down.{where}"
            notices.tell(f"takedown:inherited:{row.pk}:breach", breach, now)


def _guarded(worker: Worker, row: Inherited) -> bool:
    """One that meets a fault of ours does not stop the rest; its lease runs out."""
    try:
        return take_away_inherited(worker, row)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        log.error("Inherited %s: %s", row.pk, type(error).__name__)
        notices.tell(
            f"fault:inherited:{row.pk}",
            f"Publisher met an error of its own while it removed {row.remote_id}.",
            worker.clock(),
        )
        return False


def _round(worker: Worker, mine: Inherited) -> None:
    destination = worker.destinations[mine.destination].as_withdrawal()
    receipt = Receipt(mine.remote_id, mine.url, tuple(mine.media_urls))
    try:
        seen = destination.look(receipt)
    except Later as error:
        if error.trouble and repeated_failures.stands_alone(mine.destination, mine.tries + 1, worker.clock()):
            unseen(destination, receipt)
        raise
    if not seen.exists and mine.looks:
        return _confirm(worker, mine)
    if seen.exists and mine.looks:
        unmanaged.seen_there(mine, mine.fence)
    hindrance = ""
    if seen.exists and seen.visibility is not Visibility.PRIVATE:
        try:
            destination.conceal(receipt)
        except (Later, Refused) as error:  # removing it hides it as well
            hindrance = error.words
    try:
        destination.remove(receipt)  # also what was not seen: already gone is success
    except (Later, Refused):
        if seen.exists:  # else a person may have removed what we are not allowed to: looking decides
            raise
    if destination.look(receipt).exists:
        words = hindrance or f"{mine.destination} was asked to remove it and still shows it."
        return _again(worker, mine, words, None)
    now = worker.clock()
    unmanaged.seen_gone(mine, mine.fence, at=now, not_before=now + _apart(worker))
    return None


def _confirm(worker: Worker, mine: Inherited) -> None:
    """The second look that found nothing, far enough from the first."""
    now = worker.clock()
    first = datetime.fromisoformat(mine.looks[0])
    if now - first < _apart(worker):
        unmanaged.look_later(mine, mine.fence, first + _apart(worker))
        return
    unmanaged.inherited_gone(mine, mine.fence, now=now)
    for cause in (f"takedown:inherited:{mine.pk}", f"left_up:{mine.destination}:{mine.remote_id}"):
        notices.clear(cause, now)


def _again(worker: Worker, mine: Inherited, words: str, retry_at: datetime | None, *, answered: bool = True) -> None:
    """For ever, at least every five minutes. What was refused often is a person's too and holds nothing back."""
    pace, now = worker.office.pace, worker.clock()
    longest = timedelta(seconds=pace.withdraw_most)
    wait = min(worker.backoff(mine.tries, pace.withdraw_first, pace.withdraw_most), longest)
    not_before = now + wait
    if retry_at is not None:
        not_before = max(not_before, min(retry_at, now + longest))
    refused = mine.answered_failures + answered
    handed = now if mine.handed_at is None and refused >= pace.hand_over else mine.handed_at
    if handed is not None and mine.handed_at is None:
        _hand_over(worker, mine, words)
    unmanaged.try_again(mine, mine.fence, words, not_before=not_before, refused=refused, handed_at=handed)


def _hand_over(worker: Worker, mine: Inherited, words: str) -> None:
    steps = worker.destinations[mine.destination].by_hand(Receipt(mine.remote_id, mine.url))
    told = (
        f"{mine.destination} answers and does not take {mine.remote_id} down: {words} Do it by hand. {steps} "
        "It is looked at on, and counts as down once the platform says so."
    )
    notices.tell(f"takedown:inherited:{mine.pk}:byhand", told, worker.clock())


def _apart(worker: Worker) -> timedelta:
    return timedelta(seconds=worker.office.pace.confirm)

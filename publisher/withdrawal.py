"""One Post from wherever it is to seen gone: conceal, remove, look, until the platform says it is not there."""

from __future__ import annotations

import logging
from datetime import timedelta

from pressqueue import errors, leases, moves, notices
from pressqueue.models import Post
from publisher.delivery import receipt_of
from publisher.destinations.base import Later, Refused, Visibility
from publisher.worker import Worker

log = logging.getLogger(__name__)

TELL_AFTER = timedelta(minutes=15)  # R26: a person is told while thirty minutes have not yet passed


def take_away(worker: Worker, post: Post) -> bool:
    """One round: look first, conceal what is public, remove, look again. False where another worker has it."""
    mine = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if mine is None:
        return False
    try:
        words = _round(worker, mine)
        if words is None:
            moves.gone(mine, mine.fence, now=worker.clock())
            notices.clear(f"takedown:{mine.pk}", worker.clock())
        else:
            _again(worker, mine, words, None)
    except Later as error:
        _again(worker, mine, error.words, error)
    except Refused as error:
        _again(worker, mine, error.words, None)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)
    return True


def _round(worker: Worker, mine: Post) -> str | None:
    """None: the platform itself says it is not there. Otherwise what stands in the way, for the officer."""
    destination = worker.destinations[mine.destination].as_withdrawal()
    receipt = receipt_of(mine)
    seen = destination.look(receipt)
    if not seen.exists:
        return None
    hindrance = ""
    if seen.visibility is not Visibility.PRIVATE:
        try:
            destination.conceal(receipt)
        except (Later, Refused) as error:  # removing it hides it as well
            hindrance = error.words
    destination.remove(receipt)
    if destination.look(receipt).exists:
        return hindrance or f"{mine.destination} was asked to remove it and still shows it."
    return None


def _again(worker: Worker, mine: Post, words: str, error: Later | None) -> None:
    """For ever, at least every five minutes: a withdrawal is never given up, only told to a person as well."""
    pace, now = worker.office.pace, worker.clock()
    longest = timedelta(seconds=pace.withdraw_most)
    wait = min(worker.backoff(mine.tries, pace.withdraw_first, pace.withdraw_most), longest)
    not_before = now + wait
    if error is not None and error.retry_at is not None:
        not_before = min(max(error.retry_at, now), now + longest)
    leases.give_back(mine, mine.fence, not_before, words, failed=True)
    asked = mine.take_down_asked_at
    if asked is not None and now - asked > TELL_AFTER:
        reference = mine.item.reference
        notices.tell(
            f"takedown:{mine.pk}",
            f"{reference} is still not confirmed down at {mine.destination}. {words} Take it down there by hand: "
            f"{mine.url}",
            now,
            reference,
        )

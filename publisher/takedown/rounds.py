"""One round of taking down one copy: look, conceal, remove, look again. The same for a Post and for unmanaged media."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pressqueue import errors
from pressqueue.destination_names import name_of
from pressqueue.moves import notices
from publisher.destinations import platform_clock
from publisher.destinations.base import Destination, Receipt, Seen, Visibility
from publisher.destinations.errors import Later, Refused
from publisher.workers import repeated_failures
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

BOUND = timedelta(minutes=30)
BREACH = "This is a breach of the 30-minute bound for take-downs."


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a round did not take its copy down."""

    text: str
    answered: bool  # whether the platform was reached and refused


class Copy(Protocol):
    """What is at a platform and must come down, claimed by this worker.

    What it writes is a move, which raises LeaseLost where the claim was lost meanwhile.
    """

    destination: str

    @property
    def receipt(self) -> Receipt:
        """What the platform gave for it."""

    @property
    def looks(self) -> list[str]:
        """When a look did not find it (ISO 8601), since it was last found."""

    @property
    def tries(self) -> int:
        """Rounds that did not take it down."""

    @property
    def answered_failures(self) -> int:
        """Those of them in which the platform was reached."""

    def why_absence_proves_nothing(self, destination: Destination) -> str:
        """Why not finding it here says nothing about it, as a sentence. Empty where not finding it counts."""

    def before_removal(self, destination: Destination, seen: Seen) -> None:
        """What can be done only while it exists: it is concealed already."""

    def found_again(self) -> None:
        """It is there: earlier looks that did not find it no longer count."""

    def not_found(self, at: datetime, next_look: datetime) -> None:
        """One look did not find it. Another decides, from `next_look` on. Ends the claim."""

    def look_later(self, next_look: datetime) -> None:
        """It is too early for the second look. Ends the claim."""

    def gone(self, platform_at: datetime | None, now: datetime) -> None:
        """Two looks did not find it. `platform_at`: the time by the platform's own clock. Ends the claim."""

    def failed(self, failure: Failure, not_before: datetime, now: datetime) -> None:
        """This round did not take it down. Ends the claim; does nothing where the claim was lost."""

    def notify_repeated(self, text: str) -> None:
        """Notify an officer where it fails again and again while its account answers."""

    def assign_to_officer(self, text: str, steps: str, now: datetime) -> None:
        """Notify an officer to remove it by hand, by these `steps`. Repeatable."""


def run(worker: Worker, copy: Copy) -> None:
    """One round. The copy counts as gone when two looks, `pace.confirm` seconds apart, did not find it.

    A platform may for a moment not know what it holds (tokland/youtube-upload#305).
    """
    try:
        _round(worker, copy)
    except Later as error:
        _try_again(worker, copy, error.message, error)
    except Refused as error:
        _try_again(worker, copy, error.message)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)


def notify_overdue(
    cause: str, text: str, breach: str, asked_at: datetime | None, now: datetime, reference: str = ""
) -> None:
    """Notify an officer of what is not confirmed gone, and of the breach once thirty minutes have passed."""
    notices.notify(cause, text, now, reference)
    if is_breach(asked_at, now):
        notices.notify(f"{cause}:breach", breach, now, reference)


def is_breach(asked_at: datetime | None, now: datetime) -> bool:
    """Whether thirty minutes have passed since a take-down was asked for."""
    return asked_at is not None and now - asked_at >= BOUND


def by_hand_at(url: str) -> str:
    """Where an officer removes by hand what is not confirmed gone; begins with a space."""
    return f" Take it down there by hand: {url}" if url else " Look there by hand."


def _round(worker: Worker, copy: Copy) -> None:
    destination = worker.destinations[copy.destination].as_withdrawal()
    seen, platform_at = _look(worker, copy, destination)
    if not seen.exists and copy.looks:
        return _confirm(worker, copy, platform_at)
    if not seen.exists and (reason := copy.why_absence_proves_nothing(destination)):
        return _try_again(worker, copy, reason)
    if seen.exists and copy.looks:
        copy.found_again()
    hindrance = _conceal(destination, copy.receipt, seen)
    # Once it is out of sight, and only until the platform has refused a round: an album that cannot be changed must
    # not keep a picture up.
    if seen.exists and not hindrance and copy.answered_failures == 0:
        copy.before_removal(destination, seen)
    try:
        destination.remove(copy.receipt)  # also what was not seen: already gone is success
    except (Later, Refused):
        if seen.exists:  # else a person may have removed what we are not allowed to: looking decides
            raise
    if destination.look(copy.receipt).exists:
        text = hindrance or f"{name_of(copy.destination)} was asked to remove it and still shows it."
        return _try_again(worker, copy, text)
    now = worker.clock()
    copy.not_found(now, now + _apart(worker))
    return None


def _look(worker: Worker, copy: Copy, destination: Destination) -> tuple[Seen, datetime | None]:
    """What the platform shows of it, and the platform's time. What cannot be read can still be taken down."""
    try:
        with platform_clock.capture_date_header() as heard:
            return destination.look(copy.receipt), heard.at
    except Later as error:
        if error.trouble and _fails_alone(worker, copy):
            _remove_unseen(destination, copy.receipt)
        raise


def _remove_unseen(destination: Destination, receipt: Receipt) -> None:
    """Conceal and remove without a look. That it is gone is for a later look to say."""
    try:
        destination.conceal(receipt)
        destination.remove(receipt)
    except (Later, Refused) as error:
        log.info("%s could not be removed unseen: %s", receipt.remote_id, error.message)


def _conceal(destination: Destination, receipt: Receipt, seen: Seen) -> str:
    """Hide what others can see. Returns why it could not be hidden: removing it hides it too."""
    if seen.exists and seen.visibility is not Visibility.PRIVATE:
        try:
            destination.conceal(receipt)
        except (Later, Refused) as error:
            return error.message
    return ""


def _confirm(worker: Worker, copy: Copy, platform_at: datetime | None) -> None:
    """A look after the first that did not find it: it decides where it is far enough from the first."""
    now, next_look = worker.clock(), datetime.fromisoformat(copy.looks[0]) + _apart(worker)
    if now < next_look:
        copy.look_later(next_look)
    else:
        copy.gone(platform_at, now)


def _try_again(worker: Worker, copy: Copy, text: str, error: Later | None = None) -> None:
    """Without end, at least every five minutes: a take-down is never given up, only assigned to an officer too."""
    pace, now = worker.office.pace, worker.clock()
    longest = timedelta(seconds=pace.withdraw_most)
    retry_at = error.retry_at if error is not None else None
    not_before = now + min(worker.backoff(copy.tries, pace.withdraw_first, pace.withdraw_most), longest)
    if retry_at is not None:
        not_before = max(not_before, min(retry_at, now + longest))
    else:
        copy.notify_repeated(text)
    # Where its account answers for others, asking about this one again may be in vain.
    answered = error is None or error.answered or (error.trouble and _fails_alone(worker, copy))
    if answered and copy.answered_failures + 1 >= pace.hand_over:
        # Before the row says so: a crash in between notifies again. The rounds go on beside the officer.
        steps = worker.destinations[copy.destination].by_hand(copy.receipt)
        copy.assign_to_officer(text, steps, now)
    copy.failed(Failure(text, answered), not_before, now)


def _fails_alone(worker: Worker, copy: Copy) -> bool:
    return repeated_failures.stands_alone(copy.destination, copy.tries + 1, worker.clock())


def _apart(worker: Worker) -> timedelta:
    return timedelta(seconds=worker.office.pace.confirm)

"""Withdrawn media that no Post made, taken down as a Post's copy is: by the same rounds."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError

from pressqueue.destination_names import name_of
from pressqueue.due import takedown as due
from pressqueue.models import UnmanagedMedia
from pressqueue.moves import notices, unmanaged
from publisher.destinations.base import Destination, Receipt, Seen
from publisher.takedown import rounds
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 50


def take_away_due(worker: Worker) -> int:
    """One round of all unmanaged media that are to come down. Returns how many were worked on."""
    return sum(_guarded(worker, row) for row in due.unmanaged_coming_down(worker.scope())[:AT_ONCE])


def take_away_inherited(worker: Worker, row: UnmanagedMedia) -> bool:
    """One round for one of them. False where another worker has it."""
    claimed = unmanaged.pick_up(row, worker.name, worker.lease, now=worker.clock())
    if claimed is None:
        return False
    rounds.run(worker, UnmanagedCopy(worker, claimed))
    return True


def notify_overdue(worker: Worker) -> None:
    """Each that is not confirmed gone after fifteen minutes, whatever the reason."""
    scope = worker.scope()
    for row in due.unmanaged_overdue(scope):
        where = rounds.by_hand_at(row.url)
        text = f"{row.remote_id} is still not confirmed down at {name_of(row.destination)}. {row.words}".strip() + where
        breach = f"{row.remote_id} at {name_of(row.destination)}: {rounds.BREACH} It is not confirmed down.{where}"
        rounds.notify_overdue(f"takedown:inherited:{row.pk}", text, breach, row.take_down_asked_at, scope.now)


def _guarded(worker: Worker, row: UnmanagedMedia) -> bool:
    """One that meets a fault of ours does not stop the rest; its lease runs out."""
    try:
        return take_away_inherited(worker, row)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        log.error("Unmanaged media %s: %s", row.pk, type(error).__name__)
        notices.notify(
            f"fault:inherited:{row.pk}",
            f"Publisher met an error of its own while it removed {row.remote_id}.",
            worker.clock(),
        )
        return False


class UnmanagedCopy:
    """Media at an account that this worker has claimed to take down."""

    def __init__(self, worker: Worker, row: UnmanagedMedia) -> None:
        self._worker, self._row = worker, row
        self.destination = row.destination
        self.receipt = Receipt(row.remote_id, row.url, tuple(row.media_urls))
        self.looks = list(row.looks)
        self.tries, self.answered_failures = row.tries, row.answered_failures

    def why_absence_proves_nothing(self, destination: Destination) -> str:
        """Nothing is known of the account that they were found at: not finding them counts."""
        return ""

    def before_removal(self, destination: Destination, seen: Seen) -> None:
        """Their albums are not ours, and their direct addresses are not polled: nothing is to be done."""

    def found_again(self) -> None:
        """They are still being taken down."""
        unmanaged.seen_there(self._row, self._row.fence)

    def not_found(self, at: datetime, next_look: datetime) -> None:
        """They are still being taken down."""
        unmanaged.seen_gone(self._row, self._row.fence, at=at, not_before=next_look)

    def look_later(self, next_look: datetime) -> None:
        """They are still being taken down."""
        unmanaged.look_later(self._row, self._row.fence, next_look)

    def gone(self, platform_at: datetime | None, now: datetime) -> None:
        """They are removed, and what was open about them is cleared."""
        row = self._row
        unmanaged.inherited_gone(row, row.fence, now=now)
        notices.clear_all([f"takedown:inherited:{row.pk}", f"left_up:{row.destination}:{row.remote_id}"], now)

    def failed(self, failure: rounds.Failure, not_before: datetime, now: datetime) -> None:
        """They are still being taken down."""
        unmanaged.try_again(
            self._row, self._row.fence, failure.text, not_before=not_before, answered=failure.answered,
            hand_over=self._worker.office.pace.hand_over, now=now,
        )  # fmt: skip

    def notify_repeated(self, text: str) -> None:
        """Nothing else depends on them: an officer is notified when it is overdue or assigned."""

    def assign_to_officer(self, text: str, steps: str, now: datetime) -> None:
        """The looks go on, and decide: there is no command by which the officer says that it is done."""
        row = self._row
        notice = (
            f"{name_of(row.destination)} answers and does not take {row.remote_id} down: {text} Do it by hand. {steps} "
            "It is looked at on, and counts as down once the platform says so."
        )
        notices.notify(f"takedown:inherited:{row.pk}:byhand", notice, now)

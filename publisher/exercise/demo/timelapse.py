"""The workers' own rounds, with a clock that skips to whatever is due next: a week passes in seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pressqueue.localtime import first_instant
from pressqueue.models import Booking, Campaign, Item, Post, Slot, Step
from pressqueue.moves import leases
from pressqueue.states import ItemState, PostState
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.exercise.demo.telling import Telling
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import open_worker

# What no waiting changes any more.
_ENDED = ("live", "failed", "blocked", "missing", "cancelled", "removed")
PATIENCE = 300.0  # seconds of real time, on a machine that is busy with something else
_LEAST = timedelta(milliseconds=50)


class Timelapse:
    """A worker whose clock is real time plus what was skipped; the sandbox's clock is moved with it."""

    def __init__(self, office: Office, secrets: Secrets, control: Control) -> None:
        self._skipped = timedelta(0)
        self._control = control
        self.worker = open_worker(office, secrets, "demo", clock=self.now)

    def now(self) -> datetime:
        return leases.database_now() + self._skipped

    def skip_to(self, moment: datetime) -> None:
        by = max(moment - self.now(), _LEAST)
        self._skipped += by
        self._control.advance(by.total_seconds())

    def play(self, telling: Telling) -> bool:
        """Rounds until nothing more is ever due; False where that was not so after PATIENCE."""
        until = time.monotonic() + PATIENCE
        with telling.phase("Posting, at demonstration speed") as advance:
            while time.monotonic() < until:
                done = scheduler.round(self.worker)
                advance(*self._tally())
                if sum(done.values()):
                    continue
                if (moment := self._next_moment()) is None:
                    return True
                self.skip_to(moment)
        return False

    def _tally(self) -> tuple[int, int, str]:
        live = Post.objects.filter(state=PostState.LIVE).count()
        items = Item.objects.filter(state=ItemState.APPROVED).values_list("destinations", flat=True)
        wanted = sum(len(destinations) for destinations in items)
        return live, wanted, f"{self.now().astimezone(ZoneInfo('Europe/London')):%a %d %b %H:%M}"

    def _next_moment(self) -> datetime | None:
        """When something is due next; None where nothing ever will be."""
        now = self.now()
        going = Post.objects.filter(parked_at__isnull=True).exclude(state__in=_ENDED)
        steps = Step.objects.filter(state="waiting")
        moments = [each.not_before for rows in (going, steps) if (each := rows.order_by("not_before").first())]
        slots = Slot.objects.select_related("campaign")
        moments += [_next_hour(slot, now) for slot in slots if _queue_of(slot.campaign)]
        return min(moments, default=None)


def _queue_of(campaign: Campaign) -> bool:
    """Whether an approved Item still waits for the campaign's next hour."""
    booked = Booking.objects.filter(item__isnull=False).values("item")
    waiting = Item.objects.filter(campaign=campaign, state=ItemState.APPROVED, publish_from__isnull=True)
    return waiting.exclude(pk__in=booked).exists()


def _next_hour(slot: Slot, now: datetime) -> datetime:
    on = max(slot.starts_on, now.astimezone(ZoneInfo(slot.campaign.zone)).date())
    while True:
        moment = first_instant(on, slot.wall_time, slot.campaign.zone)
        if on.weekday() in slot.weekdays and moment > now:
            return moment.astimezone(UTC)
        on += timedelta(days=1)

"""What every call to an account passes through: its breaker, and what a refusal stops of the whole account.

A request is what was paid for (`ledger.asked`): a call that ended before its first one says nothing of the platform.
What is noted here is noted before the caller records the call's outcome, and never instead of it: where the
database does not take it, the outcome goes its way.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from django.db import DatabaseError

from pressqueue import accounts, breaker
from publisher.destinations.base import (
    Absent,
    AlbumKey,
    Destination,
    Journal,
    Later,
    Limits,
    NotSent,
    Parcel,
    Partial,
    Present,
    Receipt,
    Refused,
    Seen,
    Stop,
    Unsure,
    Visibility,
    Window,
)
from publisher.ledger import Ledger
from publisher.moments import at_the_clock
from publisher.office import Pace

log = logging.getLogger(__name__)


def rest_of(pace: Pace) -> breaker.Rest:
    return breaker.Rest(pace.breaker_after, pace.breaker_first, pace.breaker_most, pace.lease)


@dataclass(slots=True)
class Watch:
    """One account: asks its breaker before each call and notes what came of it. `zone` is the office's."""

    name: str
    rest: breaker.Rest
    ledger: Ledger
    zone: str
    dice: random.Random = field(default_factory=random.SystemRandom)

    @contextmanager
    def call(self, *, withdrawing: bool, sending: bool = False) -> Iterator[None]:
        """Around one call. Raises Later (NotSent where it is `sending`) instead of asking an account that rests."""
        probe, before = self._admit(withdrawing, sending), self.ledger.asked
        try:
            yield
        except (Later, Refused) as error:
            if error.stop is not Stop.NONE:
                self._stop(error)
            trouble = isinstance(error, Later) and error.trouble
            self._note(before, probe, trouble=trouble, told=error.retry_at if isinstance(error, Later) else None)
            raise
        except Unsure:
            self._note(before, probe, trouble=True)
            raise
        self._note(before, probe, trouble=False)

    def _admit(self, withdrawing: bool, sending: bool) -> datetime | None:
        leave = breaker.ask(self.name, self.rest, withdrawing=withdrawing, now=self.ledger.now())
        if not leave.granted:
            self._rests(leave.until, NotSent if sending else Later)
        return leave.until

    def _rests(self, until: datetime | None, kind: type[Later]) -> NoReturn:
        again = at_the_clock(until, self.zone, self.ledger.now()) if until else "soon"
        raise kind(f"{self.name} has not answered properly several times; it is asked again {again}.", until)

    def _note(self, before: int, probe: datetime | None, *, trouble: bool, told: datetime | None = None) -> None:
        now, asked = self.ledger.now(), self.ledger.asked > before
        try:
            if not asked:
                if probe is not None:
                    breaker.unused(self.name, probe, now)
            elif not trouble:
                breaker.answered(self.name, now)
            elif until := breaker.failed(self.name, self.rest, probe, chance=self.dice.random(), now=now, told=told):
                log.warning("%s does not answer properly; it is asked again at %s.", self.name, until.isoformat())
        except DatabaseError as fault:
            log.warning("%s: its breaker could not be written down: %s", self.name, type(fault).__name__)

    def _stop(self, error: Later | Refused) -> None:
        """What a person must mend, or what ends by itself at a known time, stops the account and is told once."""
        now, until = self.ledger.now(), error.retry_at if isinstance(error, Later) else None
        kind = Stop.AUTH if until is None and error.stop is not Stop.AUTH else error.stop
        words = f"{error.words} It goes on {at_the_clock(until, self.zone, now)}." if until else error.words
        try:
            accounts.stop(self.name, str(kind), until, words, now)
        except DatabaseError as fault:
            log.warning("%s: its stop could not be written down: %s", self.name, type(fault).__name__)


class Guarded:
    """A Destination whose every call to its platform passes its account's Watch."""

    def __init__(self, inner: Destination, watch: Watch, withdrawing: bool = False) -> None:
        self.name = inner.name
        self._inner, self._watch, self._withdrawing = inner, watch, withdrawing

    def limits(self) -> Limits:
        return self._inner.limits()

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        with self._watch.call(withdrawing=self._withdrawing, sending=True):
            return self._inner.send(parcel, journal)

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        with self._watch.call(withdrawing=self._withdrawing):
            return self._inner.find(parcel, journal, since)

    def dress(self, receipt: Receipt, parcel: Parcel) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.dress(receipt, parcel)

    def reveal(self, receipt: Receipt, visibility: Visibility) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.reveal(receipt, visibility)

    def look(self, receipt: Receipt) -> Seen:
        with self._watch.call(withdrawing=self._withdrawing):
            return self._inner.look(receipt)

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.amend(receipt, parcel)

    def conceal(self, receipt: Receipt) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.conceal(receipt)

    def remove(self, receipt: Receipt) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.remove(receipt)

    def file_under(self, receipt: Receipt, album: AlbumKey) -> str:
        with self._watch.call(withdrawing=self._withdrawing):
            return self._inner.file_under(receipt, album)

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        with self._watch.call(withdrawing=self._withdrawing):
            return self._inner.describe_album(remote_id, album)

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        with self._watch.call(withdrawing=self._withdrawing):
            self._inner.unfile(receipt, albums)

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        with self._watch.call(withdrawing=self._withdrawing):
            return self._inner.media(receipt)

    def still_served(self, url: str) -> bool:
        """Not of the account's own service, but of the hosts that serve its media: its breaker has no say."""
        return self._inner.still_served(url)

    def by_hand(self, receipt: Receipt) -> str:
        return self._inner.by_hand(receipt)

    def listing(self, window: Window) -> Iterator[Seen]:
        with self._watch.call(withdrawing=self._withdrawing):
            yield from self._inner.listing(window)

    def as_withdrawal(self) -> Destination:
        return Guarded(self._inner.as_withdrawal(), self._watch, withdrawing=True)

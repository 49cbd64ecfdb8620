"""What every call to an account passes through: its breaker, and what a refusal stops of the whole account.

A request is what was paid for (`ledger.asked`): a call that ended before its first one says nothing of the platform.
What is noted here is noted before the caller records the call's outcome, and never instead of it: where the
database does not take it, the outcome goes its way.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from django.db import DatabaseError

from pressqueue.destination_names import name_of
from pressqueue.moves import accounts, circuit_breaker
from publisher.configuration.office_file import Pace
from publisher.destinations.base import (
    Absent,
    AlbumKey,
    Destination,
    Journal,
    Limits,
    Parcel,
    Partial,
    Present,
    Receipt,
    Seen,
    Window,
)
from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure
from publisher.workers.clock_time import at_the_clock
from publisher.workers.quota import Ledger

log = logging.getLogger(__name__)

Plain = Callable[[], object]


def rest_of(pace: Pace) -> circuit_breaker.Rest:
    """How long an account rests, in seconds, as `[pace]` sets it."""
    return circuit_breaker.Rest(pace.breaker_after, pace.breaker_first, pace.breaker_most, pace.lease)


@dataclass(slots=True)
class Watch:
    """One account: asks its breaker before each call and notes what came of it. `zone` is the office's.

    `connected_at`: when the consent that these calls use was given; what they say of it holds for no later one.
    """

    name: str
    rest: circuit_breaker.Rest
    ledger: Ledger
    zone: str
    connected_at: datetime | None = None
    dice: random.Random = field(default_factory=random.SystemRandom)

    @contextmanager
    def call(self, plain: Plain, *, sending: bool = False) -> Iterator[None]:
        """Around one call. Raises Later (NotSent where it is `sending`) instead of asking an account that rests.

        `plain` asks the account for nothing but who we are. Whether the account answers is judged by that, never by one
        Post's own call: what fails for ever may be peculiar to the Post.
        """
        failing = self._admit(plain, sending)
        before = self.ledger.asked
        try:
            yield
        except (Later, Refused) as error:
            if error.stop is not Stop.NONE:
                self._stop(error, plain)
            trouble = isinstance(error, Later) and error.trouble
            if trouble or failing:
                self._note(
                    before, plain, trouble=trouble, retry_at=error.retry_at if isinstance(error, Later) else None
                )
            raise
        except Unsure:
            self._note(before, plain, trouble=True)
            raise
        if failing:
            self._note(before, plain, trouble=False)

    def _admit(self, plain: Plain, sending: bool) -> bool:
        """Through, or as the one who asks plainly whether the account has come back.

        Returns whether failures are counted that this call's answer would end.
        """
        leave = circuit_breaker.ask(self.name, self.rest, now=self.ledger.now())
        kind = NotSent if sending else Later
        if not leave.granted:
            self._rests(leave.until, kind)
        if leave.until is not None:
            self._probe(plain, leave.until, kind)
            return False  # it answered
        return leave.failing

    def _probe(self, plain: Plain, lease: datetime, kind: type[Later]) -> None:
        before = self.ledger.asked
        try:
            plain()
        except (Later, Refused) as error:
            if self.ledger.asked == before:  # our own quota, or a lease that ended: nothing was asked
                circuit_breaker.unused(self.name, lease, self.ledger.now())
                raise kind(error.message, error.retry_at if isinstance(error, Later) else None) from error
            if isinstance(error, Later) and error.trouble:
                self._rests(self._failed(lease, error.retry_at), kind)
        circuit_breaker.answered(self.name, self.ledger.now())

    def _rests(self, until: datetime | None, kind: type[Later]) -> NoReturn:
        again = at_the_clock(until, self.zone, self.ledger.now()) if until else "soon"
        raise kind(f"{name_of(self.name)} has not answered properly several times; it is asked again {again}.", until)

    def _note(self, before: int, plain: Plain, *, trouble: bool, retry_at: datetime | None = None) -> None:
        if self.ledger.asked == before:
            return
        try:
            if not trouble:
                circuit_breaker.answered(self.name, self.ledger.now())
                return
            self._failed(None, retry_at)
            if circuit_breaker.on_the_verge(self.name, self.rest):
                self._ask_before_resting(plain, retry_at)
        except DatabaseError as fault:
            log.warning("%s: its breaker could not be written down: %s", self.name, type(fault).__name__)

    def _ask_before_resting(self, plain: Plain, retry_at: datetime | None) -> None:
        """The last of the failures after which an account rests is a plain call's."""
        try:
            plain()
        except (Later, Refused) as error:
            if isinstance(error, Later) and error.trouble:
                self._failed(None, error.retry_at or retry_at)
                return
        circuit_breaker.answered(self.name, self.ledger.now())

    def _failed(self, probe: datetime | None, retry_at: datetime | None) -> datetime | None:
        chance, now = self.dice.random(), self.ledger.now()
        until = circuit_breaker.failed(self.name, self.rest, probe, chance=chance, now=now, retry_at=retry_at)
        if until is not None:
            log.warning("%s does not answer properly; it is asked again at %s.", self.name, until.isoformat())
        return until

    def _stop(self, error: Later | Refused, plain: Plain) -> None:
        """What a person must mend, or what ends by itself at a known time, stops the account and is told once.

        A consent that is refused once is asked after: where the account says that it stands, that one call was at
        fault, and no other Post waits for it.
        """
        if error.stop is Stop.AUTH and not self._confirmed(plain):
            error.stop = Stop.NONE
            return
        now, until = self.ledger.now(), error.retry_at if isinstance(error, Later) else None
        kind = Stop.AUTH if until is None and error.stop is not Stop.AUTH else error.stop
        message = f"{error.message} It goes on {at_the_clock(until, self.zone, now)}." if until else error.message
        try:
            accounts.stop(self.name, str(kind), until, message, now, connected_at=self.connected_at)
        except DatabaseError as fault:
            log.warning("%s: its stop could not be written down: %s", self.name, type(fault).__name__)

    @staticmethod
    def _confirmed(plain: Plain) -> bool:
        try:
            plain()
        except (Later, Refused) as error:
            return error.stop is not Stop.NONE
        return False


class BreakerDestination:
    """A Destination whose every call to its platform passes its account's Watch."""

    def __init__(self, inner: Destination, watch: Watch) -> None:
        self.name = inner.name
        self._inner, self._watch = inner, watch

    def limits(self) -> Limits:
        return self._inner.limits()

    def whoami(self) -> str:
        with self._watch.call(self._inner.whoami):
            return self._inner.whoami()

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        with self._watch.call(self._inner.whoami, sending=True):
            return self._inner.send(parcel, journal)

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        with self._watch.call(self._inner.whoami):
            return self._inner.find(parcel, journal, since)

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.apply_metadata(receipt, parcel, seen)

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.reveal(receipt, parcel, seen)

    def look(self, receipt: Receipt) -> Seen:
        with self._watch.call(self._inner.whoami):
            return self._inner.look(receipt)

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.amend(receipt, parcel)

    def conceal(self, receipt: Receipt) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.conceal(receipt)

    def remove(self, receipt: Receipt) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.remove(receipt)

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        with self._watch.call(self._inner.whoami):
            return self._inner.file_under(receipt, album, known)

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        with self._watch.call(self._inner.whoami):
            return self._inner.describe_album(remote_id, album)

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        with self._watch.call(self._inner.whoami):
            self._inner.unfile(receipt, albums)

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        with self._watch.call(self._inner.whoami):
            return self._inner.media(receipt)

    def still_served(self, url: str) -> bool:
        """Not of the account's own service, but of the hosts that serve its media: its breaker has no say."""
        return self._inner.still_served(url)

    def by_hand(self, receipt: Receipt) -> str:
        return self._inner.by_hand(receipt)

    def listing(self, window: Window) -> Iterator[Seen]:
        with self._watch.call(self._inner.whoami):
            yield from self._inner.listing(window)

    def as_withdrawal(self) -> Destination:
        return BreakerDestination(self._inner.as_withdrawal(), self._watch)

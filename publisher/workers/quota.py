"""The Budget port of destinations, kept in the database for all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from pressqueue.destination_names import name_of
from pressqueue.moves import quota
from publisher.destinations.base import BucketRule, Purpose
from publisher.destinations.errors import Later
from publisher.workers import lease_deadline
from publisher.workers.clock_time import at_the_clock


class Ledger:
    """One account's quota. Its rules come from the destination itself, which is built with this."""

    def __init__(self, destination: str, now: Callable[[], datetime], zone: str = "Europe/London") -> None:
        self._destination = destination
        self.now = now
        self._zone = zone  # the office's, for words
        self.asked = 0  # requests that were allowed to leave, by this process
        self._rules: dict[str, quota.Rule] = {}

    def follow(self, rules: Iterable[BucketRule]) -> None:
        """Take over the destination's limits."""
        self._rules = {
            rule.bucket: quota.Rule(rule.bucket, rule.units, rule.window, rule.zone, rule.reserve) for rule in rules
        }

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        """Take units before a request; a bucket without a rule is unlimited.

        Raises Later: saying until when, or because the worker slept through its lease.
        """
        lease_deadline.check(self.now())
        rule = self._rules.get(bucket)
        if rule is None:
            self.asked += 1
            return
        withdrawing = purpose is Purpose.WITHDRAW
        now = self.now()
        retry_at = quota.spend(self._destination, rule, units, withdrawing=withdrawing, now=now)
        if retry_at is not None:
            again = at_the_clock(retry_at, self._zone, now)
            self.asked += not units  # what costs nothing is only counted: a destination may ask all the same
            raise Later(
                f"The {name_of(self._destination)} quota “{bucket}” is used up for now; it goes on {again}.", retry_at
            )
        self.asked += 1

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        if rule := self._rules.get(bucket):
            quota.exhausted(self._destination, rule, until, self.now())

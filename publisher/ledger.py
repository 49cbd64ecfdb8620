"""The Budget port of destinations, kept in the database for all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from pressqueue import quota
from publisher import leasehold
from publisher.destinations.base import BucketRule, Later, Purpose


class Ledger:
    """One account's quota. Its rules come from the destination itself, which is built with this."""

    def __init__(self, destination: str, now: Callable[[], datetime]) -> None:
        self._destination = destination
        self._now = now
        self._rules: dict[str, quota.Rule] = {}

    def follow(self, rules: Iterable[BucketRule]) -> None:
        """Take over the destination's limits."""
        self._rules = {
            rule.bucket: quota.Rule(rule.bucket, rule.units, rule.window, rule.zone, rule.reserve) for rule in rules
        }

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        """Take units before a request; a bucket without a rule is unlimited. Raises Later, also past the lease."""
        leasehold.check()
        rule = self._rules.get(bucket)
        if rule is None:
            return
        withdrawing = purpose is Purpose.WITHDRAW
        retry_at = quota.spend(self._destination, rule, units, withdrawing=withdrawing, now=self._now())
        if retry_at is not None:
            raise Later(f"The {self._destination} quota “{bucket}” is used up for now.", retry_at)

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        if rule := self._rules.get(bucket):
            quota.exhausted(self._destination, rule, until, self._now())

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
        self._rules: dict[str, BucketRule] = {}
        self._booked: dict[str, tuple[datetime, int]] = {}  # what is left of what was booked: (its window, units)

    def follow(self, rules: Iterable[BucketRule]) -> None:
        """Take over the destination's limits."""
        self._rules = {rule.bucket: rule for rule in rules}

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        """Take units before a request; a bucket without a rule is unlimited.

        Publishing books those of a whole Post with its first request, in one statement; what a Post leaves over is the
        next one's, within the same hour or day. What a process leaves when it ends is lost, and so are the few requests
        that may still leave after another process was told by the platform that the bucket is empty.
        Raises Later: saying until when, or because the worker slept through its lease.
        """
        lease_deadline.check(self.now())
        rule = self._rules.get(bucket)
        if rule is None:
            self.asked += 1
            return
        now = self.now()
        retry_at = self._take(rule, units, withdrawing=purpose is Purpose.WITHDRAW, now=now)
        if retry_at is not None:
            again = at_the_clock(retry_at, self._zone, now)
            self.asked += not units  # what costs nothing is only counted: a destination may ask all the same
            raise Later(
                f"The {name_of(self._destination)} quota “{bucket}” is used up for now; it goes on {again}.", retry_at
            )
        self.asked += 1

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        self._booked.pop(bucket, None)
        if rule := self._rules.get(bucket):
            quota.exhausted(self._destination, _kept(rule), until, self.now())

    def _take(self, rule: BucketRule, units: int, *, withdrawing: bool, now: datetime) -> datetime | None:
        """None, or when to ask again."""
        kept = _kept(rule)
        window, left = self._booked.get(rule.bucket, (None, 0))
        if withdrawing or not units:
            return quota.spend(self._destination, kept, units, withdrawing=withdrawing, now=now)
        if units <= left and window == kept.began(now):
            self._booked[rule.bucket] = (kept.began(now), left - units)
            return None
        if rule.per_post > units and self._book(kept, rule.per_post, rule.per_post - units, now) is None:
            return None
        return self._book(kept, units, 0, now)  # the last of an hour go singly

    def _book(self, rule: quota.Rule, units: int, left: int, now: datetime) -> datetime | None:
        """`left`: how many of them are not needed yet."""
        retry_at = quota.spend(self._destination, rule, units, withdrawing=False, now=now)
        if retry_at is None:
            self._booked[rule.bucket] = (rule.began(now), left)
        return retry_at


def _kept(rule: BucketRule) -> quota.Rule:
    return quota.Rule(rule.bucket, rule.units, rule.window, rule.zone, rule.reserve)

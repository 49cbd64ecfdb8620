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
        next one's, within the same hour or day. A look uses what is booked and books nothing ahead. What a process
        leaves when it ends is lost. What it has booked it may still use after another process was told by the platform
        that the bucket is empty.
        Raises Later: saying until when, or because the worker slept through its lease.
        """
        lease_deadline.check(self.now())
        rule = self._rules.get(bucket)
        if rule is None:
            self.asked += 1
            return
        now = self.now()
        retry_at = self._take(rule, units, purpose, now)
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

    def _take(self, rule: BucketRule, units: int, purpose: Purpose, now: datetime) -> datetime | None:
        """None, or when to ask again."""
        kept, withdrawing = _kept(rule), purpose is Purpose.WITHDRAW
        left = self._left(kept, now)
        if not withdrawing and 0 < units <= left:
            self._booked[rule.bucket] = (kept.began(now), left - units)
            return None
        ahead = rule.per_post if purpose is Purpose.PUBLISH and 0 < units < rule.per_post else 0
        if ahead and quota.spend(self._destination, kept, ahead, withdrawing=False, now=now) is None:
            self._booked[rule.bucket] = (kept.began(now), left + ahead - units)
            return None
        return quota.spend(self._destination, kept, units, withdrawing=withdrawing, now=now)  # an hour's last, singly

    def _left(self, rule: quota.Rule, now: datetime) -> int:
        window, left = self._booked.get(rule.bucket, (None, 0))
        return left if window == rule.began(now) else 0


def _kept(rule: BucketRule) -> quota.Rule:
    return quota.Rule(rule.bucket, rule.units, rule.window, rule.zone, rule.reserve)

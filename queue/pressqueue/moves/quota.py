"""The ledger of platform quotas, shared by every process: conditional UPDATEs, no Entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Q

from pressqueue.models import Spend


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit: `units` a window ("hour": clock hours UTC; "day": calendar days in `zone`)."""

    bucket: str
    units: int
    window: str
    zone: str = "UTC"
    reserve: int = 0

    def began(self, now: datetime) -> datetime:
        """Returns when the window that holds `now` began, in UTC."""
        if self.window == "hour":
            return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        local = now.astimezone(ZoneInfo(self.zone))
        return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)

    def ends(self, now: datetime) -> datetime:
        """Returns when that window ends, in UTC: a calendar day may have 23 or 25 hours."""
        if self.window == "hour":
            return self.began(now) + timedelta(hours=1)
        local = now.astimezone(ZoneInfo(self.zone)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return (local + timedelta(days=1)).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def spend(destination: str, rule: Rule, units: int, *, withdrawing: bool, now: datetime) -> datetime | None:
    """Take `units`; returns None, or when to ask again. A withdrawal may use the reserve, publishing may not.

    A platform's report of an empty bucket never stops a withdrawal: only the platform knows when it will answer again.
    """
    spent = Spend.objects.filter(destination=destination, bucket=rule.bucket, window=rule.began(now))
    most = rule.units - (0 if withdrawing else rule.reserve)
    # Whatever window it was said in: a platform's "in an hour" does not end with our clock hour.
    told = Spend.objects.filter(destination=destination, bucket=rule.bucket, exhausted_until__gt=now)
    free = Q() if withdrawing else ~Exists(told)
    enough = spent.filter(free, used__lte=most - units)
    if enough.update(used=F("used") + units):
        return None
    # The first of its window, or it is used up.
    row, _ = Spend.objects.get_or_create(destination=destination, bucket=rule.bucket, window=rule.began(now))
    if enough.update(used=F("used") + units):
        return None
    row.refresh_from_db()
    waits = [rule.ends(now)] if row.used > most - units else []
    if not withdrawing:
        waits += [until for until in told.values_list("exhausted_until", flat=True) if until]
    return max(waits, default=now)


def exhausted(destination: str, rule: Rule, until: datetime | None, now: datetime) -> None:
    """Record the platform's report that the bucket is empty; it overrides the local count.

    `until` None: until the window ends.
    """
    row, _ = Spend.objects.get_or_create(destination=destination, bucket=rule.bucket, window=rule.began(now))
    Spend.objects.filter(pk=row.pk).update(exhausted_until=until or rule.ends(now))

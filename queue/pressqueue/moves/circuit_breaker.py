"""One breaker for each platform account, shared by every process: conditional UPDATEs, no Entries.

Closed, every call goes. After `Rest.after` failures in a row, the last of them a plain call's, the account rests until
`broken_until`. When that has passed, the one caller whose UPDATE moves it on makes the probe, a plain call; a probe
whose process died is over with its lease. Any answer closes it, and what must come down there is due at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When

from pressqueue.destination_names import name_of
from pressqueue.models import Account, Post, UnmanagedMedia
from pressqueue.moves import notices
from pressqueue.states import PostState

TELL_AFTER = timedelta(minutes=15)  # an account that rests for so long is told to a person


@dataclass(frozen=True, slots=True)
class Rest:
    """When an account rests and how long. All in seconds but `after`, which counts failures in a row."""

    after: int
    first: float  # the first rest, doubled with each probe that fails
    most: float
    probe: float  # how long a probe may take before another may be made

    def __post_init__(self) -> None:
        """No rest and no dead probe keeps an account from being asked for longer than `most`."""
        object.__setattr__(self, "probe", min(self.probe, self.most))

    def length(self, failed_probes: int, chance: float) -> timedelta:
        """Returns how long an account rests: doubled for each failed probe, at most `most` seconds.

        `chance` (0 to 1) spreads it over its upper half.
        """
        whole = min(self.most, self.first * 2 ** min(failed_probes, 30))
        return timedelta(seconds=whole * (1 + chance) / 2)


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether an account may be asked. Granted: `until` is the end of this probe's lease (None: it is closed).

    Not granted: `until` is when to ask again. `failing`: whether failures are counted, which the next answer ends.
    """

    granted: bool
    until: datetime | None = None
    failing: bool = False


def resting(now: datetime) -> QuerySet[Account]:
    """Returns the accounts to which no request may be sent now, not even a probe."""
    return Account.objects.filter(broken_until__gt=now)


def ask(destination: str, rest: Rest, *, now: datetime) -> Leave:
    """Returns whether this call may go to the platform; once a rest is over, the one call that may is the probe."""
    rows = Account.objects.filter(pk=destination)
    until, failures = rows.values_list("broken_until", "failures").first() or (None, 0)
    if until is not None and until <= now:
        lease = now + timedelta(seconds=rest.probe)
        if rows.filter(broken_until__lte=now).update(broken_until=lease) == 1:
            return Leave(True, lease)
        until = rows.values_list("broken_until", flat=True).first()
    if until is None:
        return Leave(True, failing=failures > 0)
    return Leave(False, max(until, now + timedelta(seconds=rest.first)))


def in_a_row(destination: str) -> int:
    """Returns how many requests of the account have failed since the last answer."""
    return Account.objects.filter(pk=destination).values_list("failures", flat=True).first() or 0


def on_the_verge(destination: str, rest: Rest) -> bool:
    """Whether one more failure would make the account rest: the moment for a plain request."""
    closed = Account.objects.filter(pk=destination, broken_until__isnull=True)
    return closed.filter(failures=rest.after - 1).exists()


def failed(
    destination: str,
    rest: Rest,
    probe: datetime | None,
    *,
    chance: float,
    now: datetime,
    retry_at: datetime | None = None,
) -> datetime | None:
    """Count a call without a proper answer; returns until when the account rests now, None where it does not.

    `probe` is the end of the lease that `ask` gave. `retry_at`: when the platform itself wants to be asked again.
    """
    if probe is not None:
        return _probe_failed(destination, rest, probe, chance=chance, now=now, retry_at=retry_at)
    Account.objects.get_or_create(destination=destination)
    until = _until(rest, 0, chance, now, retry_at)
    opens = Q(failures__gte=rest.after - 1)
    Account.objects.filter(pk=destination, broken_until__isnull=True).update(
        broken_until=Case(When(opens, then=Value(until)), default=None),
        broken_at=Case(When(opens, then=Value(now)), default=None),
        failures=F("failures") + 1,
    )
    return Account.objects.filter(pk=destination).values_list("broken_until", flat=True).get()


def _probe_failed(
    destination: str, rest: Rest, probe: datetime, *, chance: float, now: datetime, retry_at: datetime | None
) -> datetime | None:
    """Longer than before. Nothing happens where the lease had ended and another has the probe."""
    probing = Account.objects.filter(pk=destination, broken_until=probe)
    failures = probing.values_list("failures", flat=True).first() or 0
    until = _until(rest, failures - rest.after + 1, chance, now, retry_at)
    probing.update(broken_until=until, failures=F("failures") + 1)
    account = Account.objects.get(pk=destination)
    if account.broken_at is not None and now - account.broken_at >= TELL_AFTER:
        notices.notify(
            f"account:{destination}:silent",
            f"{name_of(destination)} has not answered properly for 15 minutes. Publisher sends nothing to it, and "
            "Items to be taken down there may still be public. Publisher tries again every few minutes. "
            "Check it by hand.",
            now,
        )
    return account.broken_until


def answered(destination: str, now: datetime) -> None:
    """Record that the platform answered, whatever it said: the account works again."""
    counted = Account.objects.filter(Q(failures__gt=0) | Q(broken_until__isnull=False), pk=destination)
    if counted.exists():  # an UPDATE takes SQLite's one write lock even where it changes nothing
        rested = counted.filter(broken_until__isnull=False).exists()
        counted.update(failures=0, broken_until=None, broken_at=None)
        notices.clear(f"account:{destination}:silent", now)
        if rested:
            withdraw_at_once(destination, now)


def withdraw_at_once(destination: str, now: datetime) -> None:
    """Make every pending takedown at the account due now, before everything else."""
    asked = Q(state=PostState.REMOVING) | Q(state=PostState.UNSURE, take_down_asked_at__isnull=False)
    Post.objects.filter(asked, destination=destination, until__isnull=True).update(not_before=now)
    standing = UnmanagedMedia.objects.filter(take_down_asked_at__isnull=False, removed_at__isnull=True)
    standing.filter(destination=destination, until__isnull=True).update(not_before=now)


def unused(destination: str, probe: datetime, now: datetime) -> None:
    """Free a probe whose call ended before it sent a request: the next caller may make it."""
    Account.objects.filter(pk=destination, broken_until=probe).update(broken_until=now)


def _until(rest: Rest, failed_probes: int, chance: float, now: datetime, retry_at: datetime | None) -> datetime:
    until = now + rest.length(max(0, failed_probes), chance)
    return max(until, min(retry_at or until, now + timedelta(seconds=rest.most)))

"""Slowing down those who guess passwords and one-time codes, without keeping anybody out.

Three things are counted apart: the account, the address, and a browser that this account has signed in with before
(a signed cookie says so). A known browser is judged by its own slips alone, so that nobody else's tries, on the
account or from the same address, delay the officer who sits at it. Everything else waits for seconds, never minutes.

Counted in the database, so that every process of the desk counts together. A try is entered first and counted after:
of any number at once, the last one entered sees all the others, so that no more are listened to than may be.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.http import HttpRequest

from publisher.desk import browsers
from publisher.desk.models import SignInFailure

SPAN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Measure:
    """So many failures within SPAN are free; each further one doubles the wait, from a second up to `most`."""

    free: int
    most: timedelta

    def wait(self, failures: int) -> timedelta:
        """After so many failures, from the last of them on."""
        if failures < self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(failures - self.free, 20)), self.most)


ACCOUNT = Measure(free=5, most=timedelta(seconds=30))
BROWSER = Measure(free=5, most=timedelta(seconds=60))
ADDRESS = Measure(free=20, most=timedelta(seconds=8))


@dataclass(slots=True)
class Try:
    """One try. It is listened to where `wait` is zero, and counts as failed until `succeeded` says otherwise."""

    wait: timedelta = timedelta(0)
    entered: list[int] = field(default_factory=list)


def begin(request: HttpRequest, username: str, now: datetime) -> Try:
    """Count a try for this account before it is listened to."""
    made, keys = Try(), _keys(request, username)
    made.wait = max(_wait(key, measure, now, []) for key, measure in keys)
    if made.wait:  # told without a write: a flood of tries costs the database nothing but a look
        return made
    SignInFailure.objects.filter(at__lte=now - SPAN).delete()
    made.entered = [SignInFailure.objects.create(key=key, at=now).pk for key, _ in keys]
    made.wait = max(_wait(key, measure, now, made.entered) for key, measure in keys)
    if made.wait:
        succeeded(made)  # not listened to, so not counted
    return made


def succeeded(made: Try) -> None:
    """The right person was there: this try was no failure."""
    SignInFailure.objects.filter(pk__in=made.entered).delete()


def count(what: str, now: datetime) -> int:
    """How often `enter` was told of this within SPAN."""
    return SignInFailure.objects.filter(key=_key("event", what), at__gt=now - SPAN).count()


def enter(what: str, now: datetime) -> int:
    """Enter one more; returns how many there are now."""
    SignInFailure.objects.create(key=_key("event", what), at=now)
    return count(what, now)


def address_of(request: HttpRequest) -> str:
    """The caller's own address, which `proxy.TrustedProxy` has put right."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _keys(request: HttpRequest, username: str) -> list[tuple[str, Measure]]:
    name = _plain(username)
    known = browsers.known(request, name)
    if known:
        return [(_key("browser", known, name), BROWSER)]
    return [(_key("account", name), ACCOUNT), (_key("address", _network(address_of(request))), ADDRESS)]


def _wait(key: str, measure: Measure, now: datetime, entered: list[int]) -> timedelta:
    others = SignInFailure.objects.filter(key=key, at__gt=now - SPAN).exclude(pk__in=entered)
    times = list(others.order_by("-at").values_list("at", flat=True)[:64])
    if not times:
        return timedelta(0)
    return max(times[0] + measure.wait(len(times)) - now, timedelta(0))


def _plain(username: str) -> str:
    return username.strip().casefold()


def _network(address: str) -> str:
    """An IPv6 caller has a whole /64 to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ipaddress.ip_network(f"{found}/64", strict=False))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

"""Slowing down those who guess passwords and one-time codes.

Counted in the database, so that every process of the desk counts together. A name alone is allowed more than a
name from one address: otherwise anybody could keep an officer from signing in to take something down.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from publisher.desk.models import SignInFailure

SPAN = timedelta(minutes=15)
SAME_NAME_AND_ADDRESS = 5
SAME_NAME = 30
SAME_ADDRESS = 60


def wait_for(username: str, address: str, now: datetime) -> timedelta:
    """How long no further try is listened to; zero where one may be made now."""
    waits = [_wait(key, most, now) for key, most in _keys(username, address)]
    return max(waits)


def failed(username: str, address: str, now: datetime) -> None:
    """Count one failure, and forget those that no longer matter."""
    SignInFailure.objects.filter(at__lte=now - SPAN).delete()
    SignInFailure.objects.bulk_create(SignInFailure(key=key, at=now) for key, _ in _keys(username, address))


def succeeded(username: str, address: str) -> None:
    """The right person was there: their own slips no longer count."""
    key, _ = _keys(username, address)[0]
    SignInFailure.objects.filter(key=key).delete()


def address_of(request: HttpRequest) -> str:
    """The caller's address. Behind a proxy the office trusts, the last one that proxy wrote down."""
    office = settings.OFFICE
    forwarded = request.headers.get("X-Forwarded-For", "")
    if office is not None and office.web.trusted_proxy and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _wait(key: str, most: int, now: datetime) -> timedelta:
    recent = SignInFailure.objects.filter(key=key, at__gt=now - SPAN).order_by("-at").values_list("at", flat=True)
    times = list(recent[:most])
    return times[-1] + SPAN - now if len(times) == most else timedelta(0)


def _keys(username: str, address: str) -> list[tuple[str, int]]:
    name = username.strip().casefold()
    return [
        (_key("both", name, address), SAME_NAME_AND_ADDRESS),
        (_key("name", name), SAME_NAME),
        (_key("address", address), SAME_ADDRESS),
    ]


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

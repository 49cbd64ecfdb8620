"""Security events of the desk, each an Entry of the log. The one place that decides what is logged and how often.

Who tries in vain decides how many tries there are, and must not decide how long the log grows: of failures within a
quarter of an hour the first is logged, then the second, fourth, eighth and so on, with their number. Tries for names
that are no account are counted together, whatever the name and address, and the names are not kept.
"""

from __future__ import annotations

from django.http import HttpRequest

from pressqueue.models import Officer
from pressqueue.moves import security_events
from pressqueue.moves.leases import database_now
from publisher.desk import throttle


def signed_in(request: HttpRequest, officer: Officer) -> None:
    security_events.security_event("signed_in", officer.pk, now=database_now(), address=throttle.address_of(request))


def signed_out(officer: Officer) -> None:
    security_events.security_event("signed_out", officer.pk, now=database_now())


def failed(request: HttpRequest, username: str, act: str = "sign_in_failed") -> None:
    """A wrong password or code, for this account or for none."""
    _now_and_then(request, act, username)


def delayed(request: HttpRequest, username: str) -> None:
    """A try that was not listened to: only the first in its time is logged, and a flood writes nothing."""
    officer = _account(username)
    key = f"delayed:{officer or 0}"
    now = database_now()
    if throttle.count(key, now) == 0:
        throttle.enter(key, now)
        security_events.security_event("sign_in_delayed", officer, now=now, address=throttle.address_of(request))


def _now_and_then(request: HttpRequest, act: str, username: str) -> None:
    officer, now = _account(username), database_now()
    tries = throttle.enter(f"{act}:{officer or 0}", now)
    if tries & (tries - 1) == 0:  # 1, 2, 4, 8 ...
        security_events.security_event(act, officer, now=now, address=throttle.address_of(request), tries=tries)


def _account(username: str) -> int | None:
    return Officer.objects.filter(username=username.strip()).values_list("pk", flat=True).first()

"""Where a destination may speak to, and what a platform's "not before" means.

An exercise office is bound for ever to loopback; a real office never speaks to it. Both are decided
here, from the address alone, before anything is sent: a stand-in cannot be posted to by mistake, nor a
real platform by a demonstration.
"""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from publisher import PublisherError

# A platform that says "come back next year" is not believed: withdrawals must go on asking.
LONGEST_WAIT = timedelta(hours=1)


class BadSetting(PublisherError, ValueError):
    """A configured value cannot be used. The text is a sentence naming it and the way out."""


def check_address(url: str, exercise: bool) -> str:
    """Returns `url` if this kind of office may connect to it, else raises BadSetting.

    An exercise office: loopback only, http or https. A real office: https only, to a host named by its DNS name
    (numbers in any spelling are refused, so that none of them can mean loopback).
    """
    parts = _split(url)
    host = parts.hostname or ""
    if exercise and not is_loopback(host):
        raise BadSetting(
            f"This is an exercise office and may speak to this machine only, not to {host!r}. "
            "Point the address at the sandbox, or set up a real office with `publisher init`."
        )
    if not exercise and parts.scheme != "https":
        raise BadSetting(f"The address {url!r} must begin with https:// in a real office.")
    if not exercise and (is_loopback(host) or _is_number(host)):
        raise BadSetting(
            f"This is a real office and does not speak to {host!r}: a stand-in on this machine is for "
            "exercise offices (`publisher init DIR --exercise`)."
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: `localhost`, anything in 127.0.0.0/8 as written in full, or ::1."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Read a Retry-After header (RFC 9110: seconds or a date); None where it is missing or not valid.

    `now` is aware; the result lies between `now` and an hour later.
    """
    if not value:
        return None
    wait = _seconds(value.strip())
    if wait is None:
        wait = _until(value.strip(), now)
    if wait is None:
        return None
    return now + min(max(wait, timedelta(0)), LONGEST_WAIT)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError as error:
        raise BadSetting(f"The address {url!r} cannot be read.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting(f"The address {url!r} must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise BadSetting(f"The address of {parts.hostname!r} must not hold a user name or password.")
    return parts


def _is_number(host: str) -> bool:
    """Whether `host` is an address rather than a name, also as `127.1`, `2130706433` or `0x7f.1`."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    else:
        return True
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _seconds(value: str) -> timedelta | None:
    if not (value.isascii() and value.isdigit()):
        return None
    return timedelta(seconds=min(int(value[:9]), int(LONGEST_WAIT.total_seconds())))


def _until(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now

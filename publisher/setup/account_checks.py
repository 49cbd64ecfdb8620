"""What `publisher check` asks of each platform account: consent, an answer, quota, the clock."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pressqueue.models import Spend
from pressqueue.moves import accounts, leases, quota
from publisher.configuration.office_file import Misconfigured, Office
from publisher.configuration.secret_store import Secrets
from publisher.destinations import net
from publisher.destinations.base import Destination, Window
from publisher.destinations.errors import Later, Refused
from publisher.setup.checks import MOST_SKEW, Finding
from publisher.workers.plugins import plugin_of
from publisher.workers.worker import build_destination

TIMEOUT = 10.0  # seconds
_EACH = {"hour": "an hour", "day": "a day"}


def look_at(office: Office, secrets: Secrets, name: str, ask: bool) -> Iterator[Finding]:
    """Findings about one destination. With `ask` the platform itself is asked, at the cost of a few requests."""
    try:
        destination = build_destination(office, secrets, name)
    except Exception as error:  # noqa: BLE001  # a plug-in may refuse in any way; its words are the finding
        yield Finding(f"{name}: consent", False, str(error))
        return
    now = leases.database_now()
    yield _standing(name, now)
    yield from _quota(name, destination, now)
    if ask:
        yield _answers(name, destination, now)
        yield from _clock(office, name, now)


def _standing(name: str, now: datetime) -> Finding:
    because = accounts.stopped_because(name, now)
    return Finding(f"{name}: account", not because, because or "goes on")


def _quota(name: str, destination: Destination, now: datetime) -> Iterator[Finding]:
    for rule in destination.limits().buckets:
        window = quota.Rule(rule.bucket, rule.units, rule.window, rule.zone, rule.reserve).began(now)
        spent = Spend.objects.filter(destination=name, bucket=rule.bucket, window=window).first()
        left = rule.units - (spent.used if spent else 0)
        empty = spent is not None and spent.exhausted_until is not None and spent.exhausted_until > now
        message = (
            f"{left} of {rule.units} left this {rule.window}, {rule.reserve} of them kept for withdrawals; "
            f"enough for about {(rule.units - rule.reserve) // rule.per_post} Posts {_EACH[rule.window]}"
        )
        if rule.per_post > 1:  # an album is more of the same; an upload is one upload
            message += ", fewer where they go into albums"
        right = left > rule.reserve and not empty
        yield Finding(f"{name}: quota {rule.bucket}", right, "the platform says it is used up" if empty else message)


def _answers(name: str, destination: Destination, now: datetime) -> Finding:
    """A listing of the last minute: it needs the token, the permission to look, and the platform."""
    try:
        count = sum(1 for _ in destination.listing(Window(now - timedelta(minutes=1), now)))
    except Exception as error:  # noqa: BLE001  # whatever the platform or plug-in says is the finding
        ours = isinstance(error, Later | Refused)
        return Finding(f"{name}: answers", False, str(error) if ours else f"{type(error).__name__}: {error}")
    return Finding(f"{name}: answers", True, f"the token is valid; {count} uploads in the last minute")


def _clock(office: Office, name: str, now: datetime) -> Iterator[Finding]:
    address = _front_door(office, name)
    if not address or net.is_loopback(urlsplit(address).hostname or ""):
        return  # a stand-in on this machine has this machine's clock
    try:
        skew = abs(_time_at(address) - datetime.now(UTC))
    except (OSError, http.client.HTTPException, Misconfigured) as error:
        yield Finding(f"{name}: clock", False, f"{address} does not say what time it is: {error}")
        return
    message = f"this machine's clock is {skew.total_seconds():.0f} s from {urlsplit(address).hostname}'s"
    yield Finding(f"{name}: clock", skew <= MOST_SKEW, message)


def _front_door(office: Office, name: str) -> str:
    """Where the platform's own clock is read; empty where it has none."""
    plugin = plugin_of(office, name)
    if plugin is None:
        return ""
    options = office.destinations[name].options
    return next((str(options[key]) for key in plugin.addresses[:1] if key in options), plugin.clock)


def _time_at(address: str) -> datetime:
    """What the platform's Date header says, whatever else it answers. No redirects, no proxies."""
    host = urlsplit(net.check_address(address, False)).netloc
    connection = http.client.HTTPSConnection(host, timeout=TIMEOUT)
    try:
        connection.request("HEAD", "/")
        said = connection.getresponse().getheader("Date")
    finally:
        connection.close()
    if not said:
        raise Misconfigured("its answer has no Date")
    return parsedate_to_datetime(said)

"""What a working process holds: the office, its destinations, its stores, its clocks."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Max

from pressqueue import policy
from pressqueue.destination_names import name_of
from pressqueue.due.base import Scope
from pressqueue.models import Item, SealedToken
from pressqueue.moves import accounts, configuration, leases, notices
from publisher import PublisherError
from publisher.configuration.office_file import Misconfigured, Office
from publisher.configuration.secret_store import Secrets
from publisher.destinations import net
from publisher.destinations.base import Account, Budget, Destination, Limits
from publisher.media.brand import Brand
from publisher.media.vault import Vault
from publisher.workers import plugins
from publisher.workers.circuit_breaker import BreakerDestination, Watch, rest_of
from publisher.workers.quota import Ledger
from publisher.workers.shutdown import Shutdown
from publisher.workers.token_store import TokenStore, TokenUnreadable

log = logging.getLogger(__name__)


def boot_seconds() -> float:
    """Seconds since boot, counting those asleep: a laptop lid or SIGSTOP does not stop this clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


LONGEST_NAME = 80  # characters an owner's column holds; what tells twins apart is at the end
UNUSABLE = "unusable"  # how the cause of a notice ends: its settings are wrong, or nothing that speaks to it works
JUMP = 10.0  # seconds: less is drift, or a machine that was busy between looking at two clocks


@dataclass(slots=True)
class Worker:
    """One working process. `clock` is the time leases are compared by; `boot` a local clock that never jumps."""

    name: str
    office: Office
    key: bytes
    destinations: dict[str, Destination]
    originals: Vault
    renditions: Vault
    brand: Brand
    clock: Callable[[], datetime] = leases.database_now
    boot: Callable[[], float] = boot_seconds
    dice: random.Random = field(default_factory=random.SystemRandom)
    rebuild: Callable[[], dict[str, Destination]] | None = None
    connected: datetime | None = None  # when the newest of the tokens in use was saved
    shutdown: Shutdown = field(default_factory=Shutdown)  # shared by twins: a process is told to end, not a thread
    preparing: Item | None = None  # the Item whose claim this worker holds
    serves_office: bool = True  # whether it does what belongs to no account; one of its twins does
    gap: float | None = None  # seconds between the two clocks when they were last compared
    beats: dict[str, datetime] = field(default_factory=dict, init=False)  # when each part was last recorded to run

    def twin(self, lane: str, accounts: Collection[str] | None = None) -> Worker:
        """The same worker for another thread, with connections of its own: httplib2 is not thread-safe (its docs).

        `accounts`: the only ones it serves, and nothing else; None: all, and what belongs to no account; an empty
        one: only that.
        """
        build = self.rebuild
        if build is None:
            raise Misconfigured("This worker's destinations cannot be built a second time.")

        def serving() -> dict[str, Destination]:
            return {name: each for name, each in build().items() if accounts is None or name in accounts}

        name = f"{self.name}:{lane}"[-LONGEST_NAME:]
        whole = accounts is None or not accounts
        return replace(self, name=name, destinations=serving(), rebuild=serving, serves_office=whole)

    def refresh(self) -> None:
        """Build the destinations anew where an account was connected since: the old token is of no use any more."""
        newest = newest_token()
        if newest != self.connected and self.rebuild is not None:
            self.destinations, self.connected = self.rebuild(), newest
            self.say_who_we_are()

    def say_who_we_are(self) -> None:
        """Whose account each destination is, as its platform says: what was approved for another goes nowhere."""
        for name, each in self.destinations.items():
            configuration.account_known(name, each.limits().account, now=self.clock())

    def scope(self) -> Scope:
        """What its questions depend on: now, the accounts this worker serves, the force's policy."""
        return Scope(self.clock(), tuple(sorted(self.destinations)), policy.current())

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.office.pace.lease)

    def jump(self) -> float:
        """Seconds by which `clock` was moved, against the one that never jumps, since `compare_clocks`; 0 for none."""
        by = self._gap() - self.gap if self.gap is not None else 0.0
        return by if abs(by) >= JUMP else 0.0

    def compare_clocks(self) -> None:
        """From now on a jump is one from here. Called again and again: two clocks also drift."""
        self.gap = self._gap()

    def _gap(self) -> float:
        return self.clock().timestamp() - self.boot()

    @property
    def breaking_off(self) -> bool:
        """Whether the time for finishing what is in hand is over."""
        return self.shutdown.requested and self.shutdown.over(self.boot(), self.office.pace.stop_within)

    def conceals(self) -> dict[str, bool]:
        """Every configured destination, and whether it can hold a thing back from the public."""
        return {name: each.limits().conceals for name, each in self.destinations.items()}

    def limits(self, destination: str) -> Limits:
        return self.destinations[destination].limits()

    def backoff(self, tries: int, first: float, most: float) -> timedelta:
        """Full jitter: anywhere up to `first` doubled for each try, at most `most` seconds.

        The floor of half of `first` keeps a draw near nothing from asking again at once what has just failed.
        """
        ceiling = min(most, first * 2 ** min(tries, 30))
        return timedelta(seconds=self.dice.uniform(first / 2, ceiling))


def open_worker(
    office: Office,
    secrets: Secrets,
    name: str = "",
    *,
    clock: Callable[[], datetime] = leases.database_now,
) -> Worker:
    """Build everything a worker needs. Raises BadMedia where the brand cannot be used.

    An account that cannot be spoken to is left out and told; the others go on.
    """
    worker = Worker(
        name=name or f"{socket.gethostname()}:{os.getpid()}",
        office=office,
        key=secrets.office_key,
        destinations=build_destinations(office, secrets, clock),
        originals=Vault(office.media / "originals"),
        renditions=Vault(office.media / "renditions"),
        brand=brand_of(office),
        clock=clock,
        rebuild=lambda: build_destinations(office, secrets, clock),
        connected=newest_token(),
    )
    worker.say_who_we_are()
    return worker


def newest_token() -> datetime | None:
    """When the last platform token was saved."""
    newest: datetime | None = SealedToken.objects.aggregate(newest=Max("saved_at"))["newest"]
    return newest


def brand_of(office: Office) -> Brand:
    """The brand the configuration names. Raises BadMedia where its files or colours cannot be used."""
    brand = office.brand
    return Brand.from_folder(
        office.brand_folder,
        force=office.identity.name,
        contact=brand.contact,
        handle=brand.handle,
        plate=brand.plate,
        ink=brand.ink,
        accent=brand.accent,
    )


def build_destinations(
    office: Office, secrets: Secrets, clock: Callable[[], datetime] = leases.database_now
) -> dict[str, Destination]:
    """Every configured destination that can be spoken to.

    One that cannot is left out, and a notice says why: the others go on publishing and, above all, taking down.
    """
    built = {}
    for name in office.destinations:
        try:
            built[name] = build_destination(office, secrets, name, clock)
        except Error:  # the database's own, InterfaceError too: nothing is known of the account
            raise
        except Exception as error:  # noqa: BLE001  # a plug-in may fail in any way
            cause, words = _why_left_out(secrets, name, error)
            if cause == UNUSABLE:
                log.error("%s is left out: %s", name, words)
            notices.notify(f"account:{name}:{cause}", f"Nothing goes out to {name_of(name)}. {words}", clock())
        else:
            notices.clear(f"account:{name}:{UNUSABLE}", clock())
    return built


def _why_left_out(secrets: Secrets, name: str, error: Exception) -> tuple[str, str]:
    """The last part of the notice's cause, and a sentence."""
    if isinstance(error, TokenUnreadable):
        return "unreadable", str(error)
    if isinstance(error, net.BadSetting) and TokenStore(secrets.seal_key).load(name) is None:
        return "unconnected", str(error)
    if isinstance(error, PublisherError):
        return UNUSABLE, str(error)
    # The text of any other error may hold a token.
    return UNUSABLE, f"What connects to it failed with {type(error).__name__}. See `publisher check`."


def build_destination(
    office: Office, secrets: Secrets, name: str, clock: Callable[[], datetime] = leases.database_now
) -> Destination:
    """One configured destination. Raises Misconfigured, or what the plug-in says of its settings or consent."""
    plugin = plugins.known(office, name)
    connected = accounts.connected_at(name)  # before the token is read: an older date only makes us ask once more
    ledger = Ledger(name, clock, office.identity.zone)
    built = plugin.build(account_of(office, secrets, name, ledger, clock))
    ledger.follow(built.limits().buckets)
    return BreakerDestination(built, Watch(name, rest_of(office.pace), ledger, office.identity.zone, connected))


def limits_of(office: Office, secrets: Secrets | None, name: str) -> Limits | None:
    """What a configured destination takes, connected or not; None where nobody can say.

    `secrets`: None where this process may not open tokens. Only a plug-in that says nothing without one needs them.
    """
    plugin = plugins.plugin_of(office, name)
    if plugin is None:  # no longer configured, or nothing of its kind is installed
        return None
    with suppress(ValueError, TokenUnreadable):  # not connected, or no longer, or its settings are wrong
        if plugin.limits is not None:
            return plugin.limits(_nobodys(office, name))
        if secrets is not None:
            return build_destination(office, secrets, name).limits()
    return None


def _nobodys(office: Office, name: str) -> Account:
    """An account as it is configured: without keys, without a token."""
    return Account(
        name=name,
        options=office.destinations[name].options,
        client={},
        token=None,
        save_token=lambda _: None,
        budget=Ledger(name, leases.database_now, office.identity.zone),
        now=leases.database_now,
        exercise=office.identity.exercise,
    )


def account_of(
    office: Office,
    secrets: Secrets,
    name: str,
    budget: Budget,
    clock: Callable[[], datetime] = leases.database_now,
) -> Account:
    """What one destination, or its consent, is built from."""
    tokens = TokenStore(secrets.seal_key)
    return Account(
        name=name,
        options=office.destinations[name].options,
        client=secrets.client(name),
        token=tokens.load(name),
        save_token=lambda token: tokens.save(name, token),
        budget=budget,
        now=clock,
        exercise=office.identity.exercise,
    )

"""Workers that stop dead at a named moment, so that a test can kill them exactly there.

A nursery process imports everything once and forks a child for each order it reads. The child is the product's own
worker; only its Destinations are wrapped, to stand still before or after a named call.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.db import DatabaseError, connection

django.setup()

from pressqueue.moves import leases
from publisher.configuration import office_file, secret_store
from publisher.destinations.base import Destination
from publisher.destinations.flickr import client as flickr  # noqa: F401  # imported before the fork, not after each
from publisher.destinations.youtube import client as youtube  # noqa: F401  # imported before the fork, not after each
from publisher.scheduling import scheduler
from publisher.workers.lease_check import LeaseCheck
from publisher.workers.worker import open_worker


class StandsStill:
    """A Destination that says where it is and waits for ever, at one call of one method."""

    def __init__(self, inner: Destination, order: dict[str, Any], calls: Counter[str]) -> None:
        self._inner, self._order, self._calls = inner, order, calls

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name == "as_withdrawal":
            return lambda: StandsStill(attribute(), self._order, self._calls)
        if name != self._order["method"] or self._inner.name != self._order["destination"]:
            return attribute

        def call(*given: Any, **named: Any) -> Any:
            self._calls[name] += 1
            mine = self._calls[name] == self._order.get("nth", 1)
            meet = no_room if self._order.get("full") else stand_still
            if mine and self._order["when"] == "before":
                meet()
            result = attribute(*given, **named)
            if mine and self._order["when"] == "after":
                meet()
            return result

        return call


def stand_still() -> None:
    say(standing=os.getpid())
    threading.Event().wait()


def no_room() -> None:
    """From here on this process can write to no file (the system refuses it), until it is sent SIGUSR1.

    It says so, and says when this thread, which holds the Post, was refused what it wanted to record.
    """
    connection.execute_wrappers.append(refused)
    commit = connection._commit  # type: ignore[attr-defined]
    connection._commit = lambda: refused(commit)  # type: ignore[attr-defined]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    say(full=os.getpid())


def refused(write: Callable[..., Any], *given: Any) -> Any:
    try:
        return write(*given)
    except DatabaseError:
        say(refused=os.getpid())
        raise


def room_again(*_: object) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def say(**message: Any) -> None:
    os.write(1, (json.dumps(message) + "\n").encode())


def work(order: dict[str, Any]) -> None:
    """A child's life: ring the bell until killed."""
    folder = Path(os.environ["PUBLISHER_OFFICE"])
    office, secrets = office_file.load(folder), secret_store.load(folder)
    if lease := order.get("lease"):
        office = replace(office, pace=replace(office.pace, lease=lease))
    ahead = timedelta(seconds=order.get("ahead", 0))

    def clock() -> datetime:
        return leases.database_now() + ahead

    worker = open_worker(office, secrets, clock=clock)
    if order.get("method"):
        calls: Counter[str] = Counter()
        built = worker.rebuild
        assert built is not None
        worker.rebuild = lambda: {
            name: StandsStill(each, order, calls)  # type: ignore[misc]  # it is one, by __getattr__
            for name, each in built().items()
        }
    signal.signal(signal.SIGUSR1, room_again)
    if order.get("unguarded"):
        LeaseCheck.beat = lambda lease_check: None  # type: ignore[method-assign]  # the control: it reads on past its lease
    if order.get("only"):
        scheduler.parts_of = lambda only: (
            str(only),
        )  # this part alone: its process is to be frozen, not another thread
    if alone := order.get("alone"):
        every = scheduler.threads_of  # whatever else this worker could do meanwhile is not to be done before its moment
        scheduler.threads_of = lambda office, part: [
            (name, accounts) for name, accounts in every(office, part) if not accounts or alone in accounts
        ]
    scheduler.run(worker, order.get("only"))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say(ready=os.getpid())
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            work(json.loads(line))
            os._exit(0)
        say(born=pid)


if __name__ == "__main__":
    main()

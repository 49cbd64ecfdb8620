"""Forks workers: the product's own lanes, whose Destinations say aloud which call they are in.

It reads one order a line, {"lane", "wrong"}, and answers {"born", "lane"}. A worker says {"pid", "call", "platform",
"edge", "about"} as it enters and leaves a remote call; `about` is the Post's Mark or the thing's remote id. Where its
death was ordered it says "died" and the time instead of an edge, and is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import django

django.setup()

from publisher.configuration import office_file, secret_store
from publisher.destinations.base import Destination
from publisher.destinations.flickr import client as flickr  # noqa: F401  # imported before the fork, not after each
from publisher.destinations.youtube import client as youtube  # noqa: F401  # imported before the fork, not after each
from publisher.scheduling import scheduler
from publisher.workers.worker import open_worker

from torture import deaths, terms, wrongs


class Aloud:
    """A Destination that says where it is, and dies where that was ordered."""

    def __init__(self, inner: Destination, ordered: deaths.Deaths) -> None:
        self._inner, self._ordered = inner, ordered

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name == "as_withdrawal":
            return lambda: Aloud(attribute(), self._ordered)
        if name not in terms.CALLS:
            return attribute

        def call(subject: Any, *given: Any, **named: Any) -> Any:
            about = getattr(subject, "mark", None) or subject.remote_id
            where = {"pid": os.getpid(), "call": name, "platform": self._inner.name, "about": about}
            say(**where, edge="in")
            last = self._ordered.take(self._inner.name, name)
            with deaths.dying(say, where) if last else nullcontext():
                try:
                    return attribute(subject, *given, **named)
                finally:
                    say(**where, edge="out")

        return call


def say(**message: Any) -> None:
    os.write(1, (json.dumps(message) + "\n").encode())


def work(order: dict[str, Any]) -> None:
    """A child's life: ring its lane until killed."""
    folder = Path(os.environ["PUBLISHER_OFFICE"])
    worker = open_worker(office_file.load(folder), secret_store.load(folder))
    built = worker.rebuild
    assert built is not None
    spoil = wrongs.put_in(order.get("wrong", ""))
    ordered = deaths.Deaths(Path(os.environ["TORTURE_DEATHS"]))
    worker.rebuild = lambda: {
        name: Aloud(spoil(each), ordered)  # type: ignore[misc]  # it is one, by __getattr__
        for name, each in built().items()
    }
    scheduler.run(worker, order["lane"])


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say(ready=os.getpid())
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            work(order)
            os._exit(0)
        say(born=pid, lane=order["lane"])


if __name__ == "__main__":
    main()

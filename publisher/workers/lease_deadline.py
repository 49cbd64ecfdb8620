"""Dates this worker may still speak to a platform for the Post it holds, by its own local clock.

A worker that was frozen (SIGSTOP, a sleeping laptop) wakes after its lease has gone to another, in the middle of
whatever it was asking for: what it sends then may undo what another worker has done meanwhile. So every request is
asked for here first, by the ledger it is paid from. The worker may also stand still just after that answer, so no
request of publishing hides a copy (decision 0048).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.destinations.errors import Later

RETRY_AFTER = timedelta(seconds=1)  # standing still was nobody's failure: it has a time of its own to be tried again


@dataclass(slots=True)
class Hold:
    """A lease by a local clock, all in its seconds. `renew` asks for more of it, `length` at a time, every `every`;
    never later than `most`, because what must come down is tried again within that time (R27).
    """

    boot: Callable[[], float]
    ends: float
    length: float = 0.0
    renew: Callable[[], bool] | None = None
    every: float = 0.0
    most: float = 0.0
    renewed: float = field(init=False)

    def __post_init__(self) -> None:
        self.renewed = self.boot()

    def advance(self) -> None:
        """Work goes on, so the lease does: under load, or on a slow line, the calls of one Post outlast a lease."""
        now = self.boot()
        if self.renew is None or now - self.renewed < self.every or now >= self.most:
            return
        self.renewed = now
        if self.renew():
            self.ends = max(self.ends, now + self.length)


_mine: ContextVar[Hold | None] = ContextVar("leasehold", default=None)


@contextmanager
def until(hold: Hold) -> Iterator[None]:
    """Within it `check` refuses once the hold's clock (one that counts sleeping time) has reached its end."""
    token = _mine.set(hold)
    try:
        yield
    finally:
        _mine.reset(token)


def extend(ends: float) -> None:
    """The lease was renewed: it now ends then."""
    if hold := _mine.get():
        hold.ends, hold.renewed = ends, hold.boot()


def ends() -> float:
    """When the lease ends that is held now; long ago where none is."""
    hold = _mine.get()
    return hold.ends if hold is not None else float("-inf")


def check(now: datetime) -> None:
    """Called before every request. Raises Later past the end; outside of any lease nothing is asked."""
    hold = _mine.get()
    if hold is None:
        return
    if hold.boot() >= hold.ends:
        raise Later("The worker stood still for longer than its lease.", now + RETRY_AFTER)
    hold.advance()

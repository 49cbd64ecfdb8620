"""Until when this worker may still speak to a platform for the Post it holds, by its own local clock.

A worker that was frozen (SIGSTOP, a sleeping laptop) wakes after its lease has gone to another, in the middle of
whatever it was asking for. Closing comments at Flickr says `is_public=0` in the same request: sent that late it hides
what another worker has revealed meanwhile. So every request is asked for here first, by the ledger it is paid from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.destinations.base import Later

AWAKE = timedelta(seconds=1)  # standing still was nobody's failure: it has a time of its own to be tried again


@dataclass(slots=True)
class _Hold:
    boot: Callable[[], float]
    ends: float


_mine: ContextVar[_Hold | None] = ContextVar("leasehold", default=None)


@contextmanager
def until(ends: float, boot: Callable[[], float]) -> Iterator[None]:
    """Within it `check` refuses once `boot` (a clock that counts sleeping time) has reached `ends`."""
    token = _mine.set(_Hold(boot, ends))
    try:
        yield
    finally:
        _mine.reset(token)


def extend(ends: float) -> None:
    """The lease was renewed: it now ends then."""
    if hold := _mine.get():
        hold.ends = ends


def check(now: datetime) -> None:
    """Called before every request. Raises Later past the end; outside of any lease nothing is asked."""
    hold = _mine.get()
    if hold is not None and hold.boot() >= hold.ends:
        raise Later("The worker stood still for longer than its lease.", now + AWAKE)

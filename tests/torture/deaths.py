"""Deaths ordered for the next worker that comes to a call: it dies by kill -9 in the midst of it.

An order is a file, and the worker that removes it has it. Whoever ordered a death by a message would come too late on a
busy machine: the call would be over, and its lease handed back.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ANY = "any"  # the call of an order that the next worker takes, wherever it is
DURING = 0.02  # seconds: so long after its begin, at most, a worker dies that dies within a call


class Deaths:
    """The orders of one run: given by the run, taken by its workers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def order(self, platform: str, call: str) -> None:
        """Once for each platform and call: an order that waits is not doubled."""
        (self._folder / f"{platform}.{call}").touch()

    def clear(self) -> None:
        for order in self._folder.iterdir():
            order.unlink(missing_ok=True)

    def take(self, platform: str, call: str) -> bool:
        """Whether the worker that asks is to die in this call."""
        return any(self._taken(name) for name in (f"{platform}.{call}", f"{ANY}.{ANY}"))

    def _taken(self, name: str) -> bool:
        try:
            (self._folder / name).unlink()
        except FileNotFoundError:
            return False
        return True


@contextmanager
def dying(say: Callable[..., None], where: dict[str, Any]) -> Iterator[None]:
    """A call that this process does not survive: killed before it, during it, or at its end."""
    moment = random.choice(("before", "during", "end"))
    if moment == "before":
        _die(say, where)
    if moment == "during":
        threading.Timer(random.uniform(0, DURING), _die, (say, where)).start()
    try:
        yield
    finally:
        _die(say, where)


def _die(say: Callable[..., None], where: dict[str, Any]) -> None:
    say(**where, died=time.time())
    os.kill(os.getpid(), signal.SIGKILL)

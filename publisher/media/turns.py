"""How many files are looked at in one moment, on one machine, whoever asks: a few.

Each look takes a processor and up to gigabytes of memory. Eight of them from eight browsers would leave none for
taking something down. The places are locks on files, so a process that dies gives its place back by itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.media.errors import BadMedia

PLACES = 3
BUSY = "Too many files are being looked at in this moment. Nothing is wrong with this one: add it again in a minute."


class Busy(BadMedia):
    """Too many files at once: the same file again, a little later, is taken."""


@contextmanager
def turn(folder: Path, *, patient: bool = False, places: int = PLACES) -> Iterator[None]:
    """Hold one of the few places while the block runs. `folder` holds their locks.

    Raises Busy where all are taken; with `patient` it waits for one instead, which no web request may do.
    """
    lock = _free(folder, places)
    if lock is None and patient:
        lock = _opened(folder, os.getpid() % places)
        fcntl.flock(lock, fcntl.LOCK_EX)
    if lock is None:
        raise Busy(BUSY)
    try:
        yield
    finally:
        os.close(lock)


def _free(folder: Path, places: int) -> int | None:
    for number in range(places):
        lock = _opened(folder, number)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return lock
    return None


def _opened(folder: Path, number: int) -> int:
    return os.open(folder / f".looking-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

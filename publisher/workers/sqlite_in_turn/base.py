"""SQLite's one write lock is not fair: who waits asks again ever more rarely, and who works on takes it again at once.

Measured with eight busy processes: a person's command waited up to 16 seconds. So whoever begins a transaction first
takes a turn, a lock on a file beside the database, and lets it go as soon as the transaction has begun: only one at a
time asks SQLite, and the one that has just finished stands behind those who wait. People ask more often than workers.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db.backends.sqlite3 import base

PERSON, WORKER = 0.001, 0.01  # seconds between two looks whether it is my turn
AT_MOST = 5.0  # seconds: who holds the turn may be stopped; then SQLite's own waiting has to do

_every = PERSON


def stand_behind_people() -> None:
    """This process is a worker: nobody waits for its answer."""
    global _every  # noqa: PLW0603  # one per process, said once
    _every = WORKER


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection."""

    _turn: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        with self._my_turn():
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # Django's own, not in its stubs

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        file = self._turn_file()
        if file is None:
            yield
            return
        turn = _taken(file)
        try:
            yield
        finally:
            if turn:
                fcntl.flock(file, fcntl.LOCK_UN)

    def _turn_file(self) -> int | None:
        """The open file beside the database; None for one in memory, or a folder that cannot be written to."""
        name = str(self.settings_dict["NAME"])
        if self._turn is None and not name.startswith(("file:", ":memory:")):
            with suppress(OSError):
                self._turn = os.open(f"{name}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._turn

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None


def _taken(file: int) -> bool:
    until = time.monotonic() + AT_MOST
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(_every)
        else:
            return True

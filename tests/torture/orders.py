"""Orders to a process of a run, one line each on its standard input."""

from __future__ import annotations

import queue
import sys
import threading
from typing import TextIO


class Orders:
    """Every line that has arrived, in order.

    Read by a thread and not by select(): the stream reads ahead, and what it holds already no longer makes its
    descriptor readable. An order written close behind another waited there until a third one came.
    """

    def __init__(self, stream: TextIO = sys.stdin) -> None:
        self._heard: queue.Queue[str | None] = queue.Queue()
        self._stream = stream
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self, seconds: float) -> str | None:
        """The next order, "" where none came within so many seconds, None once there will be no more."""
        try:
            return self._heard.get(timeout=seconds)
        except queue.Empty:
            return ""

    def _listen(self) -> None:
        for line in self._stream:
            self._heard.put(line.strip())
        self._heard.put(None)

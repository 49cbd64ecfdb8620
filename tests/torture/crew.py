"""The workers of a run: started, listened to, killed, stopped, and started again."""

from __future__ import annotations

import itertools
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from torture.ground import Ground, Held, end, kill

LANES = ("publish", "withdraw", "clock")


class Crew:
    """So many publishing workers, two for withdrawals and one clock: whoever dies is started again."""

    def __init__(self, ground: Ground, publishers: int, wrong: str = "") -> None:
        self._ground, self._wrong = ground, wrong
        self.lanes: dict[int, str] = {}
        self.at: dict[tuple[int, str], tuple[int, str]] = {}  # (process, about): the call it is in or has left
        self._said = itertools.count()
        self.frozen: dict[int, float] = {}  # process: when it goes on, by the machine's clock
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._nursery = ground.start("nursery.py", log="workers", stdin=subprocess.PIPE, start_new_session=True)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        for lane in ["publish"] * publishers + ["withdraw"] * 2 + ["clock"]:
            self.start(lane)

    def start(self, lane: str) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps({"lane": lane, "wrong": self._wrong}) + "\n")
        self._nursery.stdin.flush()

    def messages(self, seconds: float) -> list[dict[str, Any]]:
        """What was said since the last time; waits at most so long for the first of it."""
        found: list[dict[str, Any]] = []
        with suppress(queue.Empty):
            found.append(self.heard.get(timeout=seconds))
            while True:
                found.append(self.heard.get_nowait())
        return found

    def kill(self, pid: int, died: float | None = None) -> list[tuple[Held, str]]:
        """kill -9 and a new worker in its place; answers each lease that it held, and the call it was in.

        `died`: when it killed itself, in seconds since the epoch.
        """
        lane = self.lanes.pop(pid, None)
        if lane is None:
            return []
        killed = kill(pid)
        at = killed if died is None else datetime.fromtimestamp(died, UTC)
        self.frozen.pop(pid, None)
        found = [(held, self._where(pid, held)) for held in self._ground.held_by(pid, at)]
        self.start(lane)
        return found

    def _where(self, pid: int, held: Held) -> str:
        """In or after which call; "between" where it had called nothing yet under this lease."""
        if held.state == "live":  # an album's lease
            return "file_under"
        said = [self.at[pid, about] for about in (held.mark, held.remote_id) if (pid, about) in self.at]
        return max(said)[1] if said else "between"

    def freeze(self, pid: int, seconds: float) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.frozen[pid] = time.monotonic() + seconds

    def thaw(self, *, everyone: bool = False) -> int:
        """Let go on whose time has come; answers how many."""
        due = [pid for pid, until in self.frozen.items() if everyone or time.monotonic() >= until]
        for pid in due:
            del self.frozen[pid]
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return len(due)

    def _listen(self) -> None:
        assert self._nursery.stdout is not None
        for line in self._nursery.stdout:
            message = json.loads(line)
            if "born" in message:
                self.lanes[message["born"]] = message["lane"]
            elif "call" in message:
                self.at[message["pid"], message["about"]] = (next(self._said), message["call"])
                self.heard.put(message)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._nursery.pid, signal.SIGKILL)
        end(self._nursery)
        self._listener.join(timeout=5)

    def count(self) -> Counter[str]:
        return Counter(self.lanes.values())

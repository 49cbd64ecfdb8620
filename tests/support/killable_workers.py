"""A stage with a sandbox beside it, seen from outside: by SQL and by the sandbox's own record."""

from __future__ import annotations

import fcntl
import json
import os
import queue
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox

from support import databases, office_folder
from support.patience import PATIENCE

NEVER, LONG_AGO = "2999-01-01 00:00:00+00:00", "2000-01-01 00:00:00+00:00"


@dataclass
class Scene:
    """An office whose Posts wait, its platforms, and workers to be killed."""

    folder: Path
    url: str
    control: Control
    env: dict[str, str]
    posts: list[int]
    nursery: subprocess.Popen[str]
    heard: queue.Queue[dict[str, int]]
    kills: list[dict[str, Any]] = field(default_factory=list)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement, committed, on a connection of our own."""
        return databases.sql(self.url, statement, *values)

    def worker(self, **order: Any) -> int:
        """Start a worker; answers its process id."""
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(json.dumps(order) + "\n")
        self.nursery.stdin.flush()
        return self.hear("born")

    def hear(self, what: str) -> int:
        while True:
            message = self.heard.get(timeout=PATIENCE)
            if what in message:
                return message[what]

    def kill(self, pid: int, post: int | None, where: str) -> None:
        """kill -9, counted with what the process held at that moment: a Post's lease, or (None) an album's."""
        if post is None:
            rows = self.sql("SELECT 'live', owner FROM pressqueue_album WHERE owner LIKE ?", f"%:{pid}:%")
        else:
            rows = self.sql("SELECT state, owner FROM pressqueue_post WHERE id = ?", post)
        os.kill(pid, signal.SIGKILL)
        state, owner = rows[0] if rows else ("", "")
        self.kills.append({"where": where, "state": state, "held": f":{pid}:" in owner})

    def freeze(self, pid: int) -> None:
        """SIGSTOP, at a moment when the process does not hold SQLite's one write lock: nobody else could write then."""
        _stop(pid)
        while not self._writable():
            os.kill(pid, signal.SIGCONT)
            threading.Event().wait(0.05)
            _stop(pid)

    def _writable(self) -> bool:
        if not self.url.startswith("sqlite"):
            return True  # each row has a lock of its own, and the server ends a transaction that stands still
        name = self.url.removeprefix("sqlite:///")
        connection = sqlite3.connect(name, timeout=0)
        try:
            with Path(f"{name}-turn").open("ab") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                connection.execute("BEGIN EXCLUSIVE")
        except (sqlite3.OperationalError, OSError):
            return False
        finally:
            connection.close()
        return True

    def let_go(self, post: int) -> None:
        """This Post is due now."""
        self.sql("UPDATE pressqueue_post SET not_before = due_at WHERE id = ?", post)

    def only(self, post: int) -> None:
        """This Post is due now, and none of the others is, however long this takes.

        A killed worker's lease is made to last until its Post is named here, or until `let_all_go`: on a slow machine
        it would end meanwhile, and the next worker would take that Post instead of this one.
        """
        self.sql("UPDATE pressqueue_post SET not_before = ? WHERE id <> ?", NEVER, post)
        self.sql("UPDATE pressqueue_post SET until = ? WHERE id <> ? AND until IS NOT NULL", NEVER, post)
        self.sql("UPDATE pressqueue_post SET until = ? WHERE id = ? AND until IS NOT NULL", LONG_AGO, post)
        self.let_go(post)

    def let_all_go(self) -> None:
        """Every Post is due now, and the leases of killed workers have ended."""
        self.sql("UPDATE pressqueue_post SET not_before = due_at")
        self.sql("UPDATE pressqueue_post SET until = ? WHERE until IS NOT NULL", LONG_AGO)

    def states(self) -> dict[int, str]:
        return dict(self.sql("SELECT id, state FROM pressqueue_post"))  # type: ignore[arg-type]


def _stop(pid: int) -> None:
    """SIGSTOP, and wait until every thread has stopped: the signal is on its way when kill() returns."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{pid}/task")
    while any((each / "stat").read_text().rpartition(")")[2].split()[0] not in "Tt" for each in tasks.iterdir()):
        threading.Event().wait(0.01)


def wait_until(answer: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Poll until `answer` is true. Real processes are being waited for: there is no clock to pass in."""
    until = time.monotonic() + seconds
    while not (found := answer()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for: {what}")
        threading.Event().wait(0.02)
    return found


@contextmanager
def scene(
    kind: str, folder: Path, count: int, *, pace: dict[str, float] | None = None, size: int = 0, **settings: Any
) -> Iterator[Scene]:
    """An office with `count` Posts for each platform, held until `let_go`; each file `size` bytes longer than small."""
    with Sandbox(folder / "sandbox") as sandbox, databases.fresh_database(kind, folder) as url:
        control = Control(sandbox.base, sandbox.secret)
        control.settings(**{"listing_delay": 0.0, "search_delay": 0.0, "processing_seconds": 0.0, **settings})
        place = folder / "office"
        destinations = office_folder.sandbox_destinations(sandbox.base)
        if size:
            destinations["youtube"]["chunk_bytes"] = 64 * 1024 * 1024  # so that one chunk holds all of it
        office_folder.write_office(place, destinations, pace={**office_folder.QUICK, "lease": 60.0, **(pace or {})})
        env = databases.environment(url, PUBLISHER_OFFICE=str(place))
        tokens = {"flickr": control.mint_flickr_token(), "youtube": control.mint_google_token()}
        staged = databases.run("queue_posts.py", json.dumps(tokens), str(count), str(size), env=env)
        nursery = databases.start("stopping_workers.py", env=env, stdin=subprocess.PIPE, start_new_session=True)
        heard: queue.Queue[dict[str, int]] = queue.Queue()
        listener = threading.Thread(target=_listen, args=(nursery, heard), daemon=True)
        listener.start()
        made = Scene(place, url, control, env, staged["posts"], nursery, heard)
        try:
            made.hear("ready")
            made.sql("UPDATE pressqueue_post SET not_before = ?", NEVER)
            yield made
        finally:
            control.clear_faults()
            _end(nursery)
            listener.join(timeout=5)


def _listen(nursery: subprocess.Popen[str], heard: queue.Queue[dict[str, int]]) -> None:
    assert nursery.stdout is not None
    for line in nursery.stdout:
        heard.put(json.loads(line))


def _end(nursery: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(nursery.pid, signal.SIGKILL)
    nursery.wait(timeout=PATIENCE)
    for pipe in (nursery.stdin, nursery.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError, ValueError):
                pipe.close()

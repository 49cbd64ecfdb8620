"""Where a run takes place: an office on a database of its own, the sandbox as a process beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from publisher.exercise.sandbox.control import Control

from support import databases, office_folder
from support.patience import PATIENCE
from torture.deaths import Deaths
from torture.terms import KNOBS, PACE, QUOTAS

HERE = Path(__file__).resolve().parent


class Held(NamedTuple):
    """One lease that a process held."""

    platform: str
    state: str
    mark: str
    remote_id: str


@dataclass
class Ground:
    """The office and its platforms, seen from outside: by SQL and by the sandbox's own record."""

    folder: Path
    url: str
    control: Control
    env: dict[str, str]
    deaths: Deaths

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement, committed, on a connection of our own."""
        return databases.sql(self.url, statement, *values)

    def states(self) -> dict[str, int]:
        return dict(self.sql("SELECT state, count(*) FROM pressqueue_post GROUP BY state"))  # type: ignore[arg-type]

    def held_by(self, pid: int, at: datetime) -> list[Held]:
        """The leases, of Posts and of albums, that this process held at that moment."""
        owner = f"%:{pid}:%"
        rows = self.sql(
            "SELECT destination, state, mark, remote_id, until FROM pressqueue_post WHERE owner LIKE ? "
            "UNION ALL SELECT account, 'live', '', '', until FROM pressqueue_album WHERE owner LIKE ?",
            owner,
            owner,
        )
        return [Held(*row[:3], row[3] or "") for row in rows if row[4] is not None and moment(row[4]) > at]

    def start(self, script: str, *arguments: str, log: str | None = None, **more: Any) -> subprocess.Popen[str]:
        """A script of this folder in a process of its own; what it logs is kept under `log`."""
        command = [sys.executable, str(HERE / script), *arguments]
        errors = (self.folder / f"{log}.log").open("a") if log else None
        try:
            return subprocess.Popen(
                command, env=self.env, cwd=databases.ROOT, text=True, stdout=subprocess.PIPE, stderr=errors, **more
            )
        finally:
            if errors:
                errors.close()

    def logged(self) -> str:
        return "".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))


def moment(value: Any) -> datetime:
    """A time as either database answers it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def ground(kind: str, folder: Path, posts: int, **pace: float) -> Iterator[Ground]:
    """An office with so many Posts waiting, and everything about it gone afterwards."""
    with sandbox(folder / "sandbox") as control, databases.fresh_database(kind, folder) as url:
        place = folder / "office"
        where = office_folder.sandbox_destinations(control.base)
        options = {name: {**where[name], **QUOTAS[name]} for name in where}
        office_folder.write_office(place, options, pace={**PACE, **pace})
        env = databases.environment(url, PUBLISHER_OFFICE=str(place))
        env["PYTHONPATH"] += os.pathsep + str(HERE)
        env["TORTURE_DEATHS"] = str(folder / "deaths")
        made = Ground(folder, url, control, env, Deaths(folder / "deaths"))
        tokens = {"flickr": control.mint_flickr_token(), "youtube": control.mint_google_token()}
        databases.answer(made.start("furnish.py", json.dumps(tokens), str(posts)), seconds=3600)
        yield made


@contextmanager
def sandbox(folder: Path) -> Iterator[Control]:
    command = [sys.executable, "-m", "publisher.exercise.sandbox", "--folder", str(folder)]
    process = subprocess.Popen(
        command, cwd=databases.ROOT, env=databases.environment(), text=True, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        control = Control(said["base"], said["secret"])
        control.settings(**KNOBS)
        yield control
    finally:
        process.terminate()
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Wait for a process that was told to go; kill it if it does not."""
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=PATIENCE)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError, ValueError):
                pipe.close()


def kill(pid: int) -> datetime:
    """kill -9, and wait until it has gone; answers when it was sent."""
    at = datetime.now(UTC)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while exists(pid):
        time.sleep(0.002)
    return at


def exists(pid: int) -> bool:
    """Whether the process still runs. One that was killed and whose parent has not taken note of it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False

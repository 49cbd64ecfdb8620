"""Several processes as one: started together, restarted when one dies, stopped together within a bound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

RESTART_FIRST = 0.5  # seconds before a dead process is started again, doubled each time
RESTART_MOST = 30.0
STEADY_AFTER = 60.0  # a process that lived this long is forgiven its earlier deaths
STOP_WITHIN = 20.0  # seconds they have to finish what they are doing, unless the office says otherwise
LEEWAY = 10.0  # seconds more to break off and hand back what they did not finish; then they are killed


@dataclass(slots=True)
class Member:
    """One process of the crew."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    deaths: int = 0

    def wait_before_restart(self) -> float:
        """Seconds: doubled with each death, bounded."""
        return min(RESTART_MOST, RESTART_FIRST * 2.0 ** min(self.deaths, 20))


@dataclass(slots=True)
class Crew:
    """Named processes. `clock` gives seconds and never jumps; `notify` hears what happens, for the person."""

    notify: Callable[[str], None]
    clock: Callable[[], float]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, *arguments: str) -> None:
        """A `python -m ...` of this same Python."""
        self.members.append(Member(name, [sys.executable, *arguments]))

    def start(self) -> None:
        for member in self.members:
            self.begin(member)

    def tend(self) -> None:
        """Start again what has died, once its wait is over. Called again and again."""
        now = self.clock()
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                self._on_exit(member, member.process.returncode, now)
            elif member.process is None and now >= member.again_at:
                self.begin(member)

    def stop(self, within: float = STOP_WITHIN, leeway: float = LEEWAY) -> None:
        """Ask all to end and wait; what is still there some time after `within` seconds is killed."""
        running = [each.process for each in self.members if each.process is not None]
        for process in running:
            process.terminate()
        deadline = self.clock() + within + leeway
        for process in running:
            try:
                process.wait(max(0.1, deadline - self.clock()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for member in self.members:
            member.process = None

    def begin(self, member: Member) -> None:
        """Start one process."""
        # A session of its own: Ctrl-C reaches us alone, and we stop them in order.
        member.process = subprocess.Popen(  # noqa: S603  # our own Python, our own arguments
            member.command, env=dict(self.environment), start_new_session=True
        )
        member.started = self.clock()

    def _on_exit(self, member: Member, code: int, now: float) -> None:
        if now - member.started >= STEADY_AFTER:
            member.deaths = 0
        wait = member.wait_before_restart()
        member.deaths += 1
        member.process, member.again_at = None, now + wait
        self.notify(f"{member.name} ended ({_ending(code)}); it is started again in {wait:g} s.")


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def until_told_to_stop(round_of_work: Callable[[], None], every: float = 0.5) -> None:
    """Repeat `round_of_work` until SIGTERM or SIGINT arrives; both are put back afterwards."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        while not ending.is_set():
            round_of_work()
            ending.wait(every)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""The demo's processes and its office: the sandbox, the desk, and later the workers."""

from __future__ import annotations

import json
import os
import secrets as random_source
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.exercise import samples
from publisher.exercise.demo.places import Place
from publisher.exercise.sandbox.control import Control
from publisher.output import Declined, say
from publisher.setup import bootstrap
from publisher.workers.supervisor import Crew, until_told_to_stop

START_WITHIN = 30.0  # seconds for a process to answer
ADMINISTRATOR = "administrator"
USUAL_PORT = 8000

# Scaled down: the sandbox answers at once, and nobody wants to wait ten minutes to see a doubt settled.
_MORE = """
[web]
port = {port}

[pace]
tick = 1.0
poll = 1.0
settle = 5.0
retry_first = 1.0
retry_most = 10.0
withdraw_first = 1.0
withdraw_most = 10.0
"""


class Stage:
    """Everything that runs while the demo does; leaving it stops everything."""

    office: Office
    secrets: Secrets
    control: Control

    def __init__(self, place: Place, *, port: int, once: bool) -> None:
        self.place = place
        self.port = port or (_free_port() if once else _free_port(USUAL_PORT))
        self.passwords: dict[str, str] = {}
        self._crew = Crew(notify=say, clock=time.monotonic)
        self._sandbox: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, _interrupted)  # so that nothing goes on running without us
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crew.stop()
        if self._sandbox is not None:
            self._sandbox.terminate()
            self._sandbox.wait(START_WITHIN)
            assert self._sandbox.stdout is not None
            self._sandbox.stdout.close()

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def build(self) -> None:
        """Sandbox, office, desk; and this process opens the office."""
        base, secret_file = self._start_sandbox()
        self._init(base, secret_file)
        with (self.place.office / "publisher.toml").open("a", encoding="utf-8") as file:
            file.write(_MORE.format(port=self.port))
        self.office, self.secrets = bootstrap.open_office(self.place.office)
        self._crew.environment = dict(os.environ)
        self._crew.add("desk", "-m", "publisher", "--office", str(self.place.office), "web")
        self._crew.start()

    def password_of(self, username: str) -> str:
        """A fresh password for an account of the demo, the same each time it is asked for."""
        return self.passwords.setdefault(username, random_source.token_urlsafe(12))

    def keep_running(self) -> None:
        """Leave everything to be looked at, workers included, until somebody ends it."""
        members = len(self._crew.members)
        for lane in ("clock", "publish", "withdraw"):
            self._crew.add(lane, "-m", "publisher", "--office", str(self.place.office), "worker", "--only", lane)
        for member in self._crew.members[members:]:
            self._crew.begin(member)
        say(f"The desk:          {self.desk}/")
        for username, password in self.passwords.items():
            say(f"                   sign in as {username} with {password}")
        say(f"What went out:     {self.control.base}/")
        say(f"On the shell:      publisher --office {self.place.office} list")
        say("Everything keeps running: take something down at the desk and watch it go. Ctrl-C ends it.")
        until_told_to_stop(self._crew.tend)

    def _start_sandbox(self) -> tuple[str, Path]:
        command = [sys.executable, "-m", "publisher.exercise.sandbox", "--folder", str(self.place.sandbox)]
        self._sandbox = subprocess.Popen(  # noqa: S603  # our own Python
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        said = json.loads(_first_line(self._sandbox))
        self.control = Control(said["base"], said["secret"])
        file = self.place.sandbox / "secret"
        file.touch(mode=0o600)
        file.write_text(said["secret"], encoding="ascii")
        return said["base"], file

    def _init(self, base: str, secret_file: Path) -> None:
        arguments = ["--exercise", "--name", samples.FORCE, "--contact", samples.CONTACT, "--handle", samples.HANDLE]
        arguments += ["--admin", ADMINISTRATOR, "--sandbox", base, "--sandbox-secret", str(secret_file), "--json"]
        made = subprocess.run(  # noqa: S603  # our own Python
            [sys.executable, "-m", "publisher", "init", str(self.place.office), *arguments],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise Declined(f"The demo's office could not be made. {made.stderr.strip()}")


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_WITHIN)
    line = process.stdout.readline() if ready else ""
    if not line:
        raise Declined("The sandbox did not start. Try `publisher sandbox` to see why.")
    return line


def _free_port(wanted: int = 0) -> int:
    """`wanted` if nobody has it, else any free one."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return _free_port()
        return int(probe.getsockname()[1])

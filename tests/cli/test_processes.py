"""A crew of processes: what dies is started again, ever more slowly; all end together within a bound."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from publisher.workers.supervisor import RESTART_MOST, Crew, until_told_to_stop

from support.commands import Typist
from support.patience import PATIENCE

# Until a signal: a read of standard input ends at once where there is none.
WAITS = ("-c", "import signal; signal.pause()")


class Watch:
    """Seconds that move when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def crew(watch: Watch, told: list[str]) -> Iterator[Crew]:
    made = Crew(notify=told.append, clock=watch)
    yield made
    made.stop(5)


def process_of(crew: Crew) -> subprocess.Popen[bytes]:
    process = crew.members[0].process
    assert process is not None
    return process


def test_what_dies_is_started_again_after_its_wait(crew: Crew, watch: Watch, told: list[str]) -> None:
    crew.add("publish", "-c", "raise SystemExit(3)")
    crew.start()
    process_of(crew).wait(300)
    crew.tend()
    assert told == ["publish ended (exit code 3); it is started again in 0.5 s."]
    crew.tend()
    assert crew.members[0].process is None, "not before its time"
    watch.seconds += 0.5
    crew.tend()
    assert process_of(crew).wait(300) == 3


def test_what_keeps_dying_is_started_ever_more_slowly(crew: Crew, watch: Watch, told: list[str]) -> None:
    crew.add("publish", "-c", "")
    crew.start()
    for _ in range(9):
        process_of(crew).wait(300)
        crew.tend()
        watch.seconds = crew.members[0].again_at
        crew.tend()
    waits = [words.rsplit(" ", 2)[1] for words in told]
    assert waits == ["0.5", "1", "2", "4", "8", "16", "30", "30", "30"]
    assert float(waits[-1]) == RESTART_MOST


def test_a_long_life_is_forgiven_its_death(crew: Crew, watch: Watch, told: list[str]) -> None:
    crew.add("web", *WAITS)
    crew.start()
    crew.members[0].deaths = 5
    watch.seconds += 61
    process_of(crew).kill()
    process_of(crew).wait(300)
    crew.tend()
    assert told == ["web ended (signal SIGKILL); it is started again in 0.5 s."]


def test_all_end_and_what_will_not_is_killed(crew: Crew) -> None:
    stubborn = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); sys.stdin.read()"
    )
    member = subprocess.Popen([sys.executable, "-c", stubborn], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert member.stdout is not None
    assert member.stdin is not None
    member.stdout.readline()
    crew.add("stubborn", *WAITS)
    crew.members[0].process = member
    crew.stop(0.1, leeway=0.1)
    assert member.returncode == -signal.SIGKILL
    member.stdout.close()
    member.stdin.close()


def test_a_signal_ends_the_work_and_is_put_back() -> None:
    before, rounds = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    until_told_to_stop(work, every=0.001)
    assert len(rounds) >= 3
    assert signal.getsignal(signal.SIGTERM) is before


def test_up_runs_the_desk_and_every_lane_and_stops_them_all(exercise: Typist) -> None:
    port = free_port()
    exercise.sql("DELETE FROM pressqueue_bell")
    command = [sys.executable, "-m", "publisher", "--office", str(exercise.folder), "up", "--port", str(port)]
    up = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert up.stderr is not None
    said, deadline = b"", time.monotonic() + PATIENCE
    try:
        while not (everything_runs(exercise, port) or time.monotonic() > deadline):
            ready, _, _ = select.select([up.stderr], [], [], 0.2)  # until it says something, or for a while
            said += os.read(up.stderr.fileno(), 4096) if ready else b""
        assert everything_runs(exercise, port), said.decode()
    finally:
        up.terminate()
        said += up.communicate(timeout=PATIENCE)[1]
    assert up.returncode == 0, said.decode()
    assert said.decode().splitlines() == [
        f"The desk is at http://127.0.0.1:{port}/ (Ctrl-C ends everything).",
        "Stopping: what is under way is finished first.",
    ]
    assert not answers(port)


def everything_runs(office: Typist, port: int) -> bool:
    rung = {row[0] for row in office.sql("SELECT name FROM pressqueue_bell")}
    return rung >= {"clock", "render", "reckon", "recall", "publish", "withdraw", "media"} and answers(port)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/sign-in/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

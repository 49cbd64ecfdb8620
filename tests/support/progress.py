"""A line of progress at least every ten seconds: what has been done, what runs, how much is left.

Loaded by `tests/run.py` (`-p progress`). With pytest-xdist it works in the process that hands the tests out.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

EVERY = 10.0  # seconds
NAMED = 3  # running tests named in one line; the one that has run longest comes first


class Progress:
    """What is known of a run while it runs."""

    def __init__(self, say: Any) -> None:
        self._say = say
        self._began: dict[str, float] = {}  # by test: when it began
        self._done: set[str] = set()
        self._failed: set[str] = set()
        self._total = 0
        self._ended = threading.Event()

    def line(self, now: float) -> str:
        """For example `120 of 4,913 done, 1 failed, 4,793 left; running: tests/walk/test_kills.py::test_x (12 s)`."""
        words = f"{len(self._done):,} of {self._total:,} done"
        if self._failed:
            words += f", {len(self._failed):,} failed"
        words += f", {max(0, self._total - len(self._done)):,} left"
        running = sorted((began, test) for test, began in list(self._began.items()))
        if running:
            named = [f"{test} ({now - began:.0f} s)" for began, test in running[:NAMED]]
            words += "; running: " + ", ".join(named)
        return words

    def total(self, tests: int) -> None:
        self._total = tests

    def begins(self, test: str, now: float) -> None:
        self._began[test] = now

    def failed(self, test: str) -> None:
        self._failed.add(test)

    def ends(self, test: str) -> None:
        self._began.pop(test, None)
        self._done.add(test)

    def speak(self) -> None:
        """Until the run is over."""
        while not self._ended.wait(EVERY):
            self._say(self.line(time.monotonic()))

    def over(self) -> None:
        self._ended.set()


class Plugin:
    """What pytest tells, told on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._progress.total(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        self._progress.total(len(ids))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._progress.begins(nodeid, time.monotonic())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._progress.failed(report.nodeid)
        if report.when == "teardown":
            self._progress.ends(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dot for a test that passed: the lines of progress say it."""
        quiet = isinstance(report, pytest.TestReport) and report.passed
        return ("passed" if report.when == "call" else "", "", "PASSED") if quiet else None

    def pytest_sessionfinish(self) -> None:
        self._progress.over()


@pytest.hookimpl(trylast=True)  # once there is something to write to
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist: the process that hands out the tests speaks
    writer = config.get_terminal_writer()

    def say(words: str) -> None:
        writer.line(words)
        writer.flush()

    progress = Progress(say)
    config.pluginmanager.register(Plugin(progress), "progress of the run")
    threading.Thread(target=progress.speak, daemon=True).start()

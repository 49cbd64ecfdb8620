"""What was measured, kept for one table at the end of the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Measured:
    """One thing of ours beside the least anybody could do: seconds each, the best of several tries."""

    what: str
    ours: float
    floor_name: str
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


MEASURED = pytest.StashKey[list[Measured]]()


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[..., float]:
    """Notes a row of the table; answers the ratio."""

    def note(what: str, ours: float, floor_name: str, floor: float) -> float:
        row = Measured(what, ours, floor_name, floor)
        request.config.stash.setdefault(MEASURED, []).append(row)
        return row.ratio

    return note


@pytest.fixture
def best() -> Callable[[Callable[[], object], int], float]:
    """Seconds of the quickest of several runs: what else the machine does only ever adds to it."""

    def run(act: Callable[[], object], tries: int) -> float:
        taken = []
        for _ in range(tries):
            began = time.perf_counter()
            act()
            taken.append(time.perf_counter() - began)
        return min(taken)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(MEASURED, [])
    if rows:
        terminalreporter.write_line(f"{'what':<58}{'ours':>10}{'floor':>10}{'ratio':>8}  floor is")
    for row in rows:
        terminalreporter.write_line(
            f"{row.what:<58}{row.ours * 1000:>7.1f} ms{row.floor * 1000:>7.1f} ms{row.ratio:>8.1f}  {row.floor_name}"
        )

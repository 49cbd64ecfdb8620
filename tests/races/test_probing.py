"""Several processes ask a resting account's breaker at the same instant: one of them makes the probe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from support import databases

Seeded = Callable[[str], str]
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
PROCESSES, TURNS = 4, 60


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Databases with one account whose rest is over, made once of each kind and copied for each test."""
    with ExitStack() as stack:

        @cache
        def made(kind: str) -> str:
            url = stack.enter_context(databases.fresh_database(kind, tmp_path_factory.mktemp(kind)))
            databases.run("probe_breaker.py", "seed", env=databases.environment(url))
            return url

        yield made


def probes(url: str, how: str = "update") -> Counter[int]:
    """How many processes made the probe in each turn."""
    each = [["ask", "--how", how, "--turns", str(TURNS)] for _ in range(PROCESSES)]
    said = databases.race("probe_breaker.py", each, env=databases.environment(url))
    print(f"{how}: won {[len(one['won']) for one in said]}, turns begun late {[one['late'] for one in said]}")
    return Counter(turn for one in said for turn in one["won"])


@pytest.mark.first_row
@pytest.mark.parametrize("kind", KINDS)
def test_of_four_processes_one_makes_the_probe(kind: str, seeded: Seeded, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path, like=seeded(kind)) as url:
        made = probes(url)
    assert set(made.values()) == {1}
    assert len(made) == TURNS


@pytest.mark.slow
@pytest.mark.postgres
def test_control_reading_changing_and_saving_lets_several_probe(seeded: Seeded, tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path, like=seeded("postgres")) as url:
        made = probes(url, "save")
    assert max(made.values()) > 1

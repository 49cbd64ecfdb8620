"""Several processes spend one platform's quota at once: never more than there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from support import databases

Migrated = Callable[[str], str]
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
PROCESSES, TRIES, LIMIT, RESERVE = 3, 100, 150, 30  # no process could take all of it by itself


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Empty databases, made once of each kind and copied for each test."""
    with ExitStack() as stack:

        @cache
        def made(kind: str) -> str:
            url = stack.enter_context(databases.fresh_database(kind, tmp_path_factory.mktemp(kind)))
            databases.run("spend_quota.py", "migrate", env=databases.environment(url))
            return url

        yield made


def race(url: str, *arguments: str, withdrawing: int = 0) -> list[int]:
    """What each process was given; the first `withdrawing` of them are withdrawals."""
    common = ["spend", "--tries", str(TRIES), "--limit", str(LIMIT), "--reserve", str(RESERVE), *arguments]
    each = [[*common, *(["--withdrawing"] if number < withdrawing else [])] for number in range(PROCESSES)]
    return [said["given"] for said in databases.race("spend_quota.py", each, env=databases.environment(url))]


@pytest.mark.first_row
@pytest.mark.parametrize("kind", KINDS)
def test_many_processes_are_given_exactly_what_there_is(kind: str, migrated: Migrated, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path, like=migrated(kind)) as url:
        given = race(url)
        print(f"{kind}: given {given} of {PROCESSES * TRIES} tries")
        assert sum(given) == LIMIT - RESERVE
        assert databases.run("spend_quota.py", "used", env=databases.environment(url)) == {"rows": [LIMIT - RESERVE]}


@pytest.mark.postgres
def test_withdrawals_that_race_with_publishing_find_their_reserve(migrated: Migrated, tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path, like=migrated("postgres")) as url:
        down, *others = race(url, withdrawing=1)
        print(f"postgres: {down} withdrawals of {TRIES}, {others} publishing")
        assert down >= RESERVE
        assert sum(others) <= LIMIT - RESERVE
        assert down + sum(others) <= LIMIT


@pytest.mark.postgres
def test_control_spending_by_reading_changing_and_saving_exceeds_on_postgresql(
    migrated: Migrated, tmp_path: Path
) -> None:
    with databases.fresh_database("postgres", tmp_path, like=migrated("postgres")) as url:
        given = race(url, "--how", "save")
        print(f"read-change-save: given {given}, {sum(given)} of {LIMIT - RESERVE}")
        assert sum(given) > LIMIT - RESERVE

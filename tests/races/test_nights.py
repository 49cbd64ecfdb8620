"""Several schedulers ring on the same night: each account is reckoned once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from support import databases

Seeded = Callable[[str], str]
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
ACCOUNTS, SCHEDULERS = 120, 3


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Databases with accounts that are due, made once of each kind and copied for each test."""
    with ExitStack() as stack:

        @cache
        def made(kind: str) -> str:
            url = stack.enter_context(databases.fresh_database(kind, tmp_path_factory.mktemp(kind)))
            databases.run("reconcile_night.py", "seed", "--count", str(ACCOUNTS), env=databases.environment(url))
            return url

        yield made


def night(url: str, *arguments: str) -> list[int]:
    """How many accounts each scheduler reckoned."""
    each = [["night", "--count", str(ACCOUNTS), "--name", f"s{n}", *arguments] for n in range(SCHEDULERS)]
    return [said["reckoned"] for said in databases.race("reconcile_night.py", each, env=databases.environment(url))]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_three_schedulers_reckon_each_account_once(kind: str, seeded: Seeded, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path, like=seeded(kind)) as url:
        done = night(url)
        print(f"{kind}: {done} of {ACCOUNTS} accounts")
        assert sum(done) == ACCOUNTS


@pytest.mark.slow
@pytest.mark.postgres
def test_control_a_claim_by_reading_changing_and_saving_reckons_some_twice(seeded: Seeded, tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path, like=seeded("postgres")) as url:
        done = night(url, "--how", "save")
        print(f"read-change-save: {done}, {sum(done)} of {ACCOUNTS}")
        assert sum(done) > ACCOUNTS

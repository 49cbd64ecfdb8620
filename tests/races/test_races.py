"""Several processes at once on one database. Each race counts how often it really raced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
POSTS = 400


def race(url: str, processes: int, *arguments: str) -> list[dict[str, Any]]:
    """What each of so many processes says of its race."""
    each = [[*arguments, "--name", f"r{number}", "--seed", str(number)] for number in range(processes)]
    return databases.race("race.py", each, env=databases.environment(url))


def doubles(results: list[dict[str, Any]]) -> int:
    claims = Counter(pk for result in results for pk in result["won"])
    return sum(1 for count in claims.values() if count > 1)


def ran_together(results: list[dict[str, Any]]) -> bool:
    """Whether every process was at it before the first of them had finished.

    Who wins is the database's affair: the same process may be the quicker one every time.
    """
    return bool(max(result["began"] for result in results) < min(result["ended"] for result in results))


@pytest.fixture(scope="module")
def queued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Databases with four hundred Posts waiting, made once of each kind and copied for each test."""
    with ExitStack() as stack:

        @cache
        def seeded(kind: str) -> str:
            url = stack.enter_context(databases.fresh_database(kind, tmp_path_factory.mktemp(kind)))
            databases.run("race.py", "seed", "--count", str(POSTS), env=databases.environment(url))
            return url

        yield seeded


@pytest.mark.parametrize("kind", KINDS)
def test_four_processes_claim_four_hundred_posts_each_once(
    kind: str, queued: Callable[[str], str], tmp_path: Path
) -> None:
    with databases.fresh_database(kind, tmp_path, like=queued(kind)) as url:
        results = race(url, 4, "claim")
        assert sorted(pk for result in results for pk in result["won"]) == list(range(1, POSTS + 1))
        # Lost while somebody was still winning: what is lost after the last win was not raced for.
        over = max(result["last_won"] for result in results)
        contested = sum(1 for result in results for at in result["lost_at"] if at < over)
        print(f"{kind}: won {[len(result['won']) for result in results]}, contested UPDATEs {contested}")
        assert ran_together(results), "they came one after the other: nothing raced"
        if kind == "postgres":  # on SQLite a process that waits for the one lock may get it only after the last win
            assert contested >= 50


@pytest.mark.postgres
def test_control_a_claim_that_reads_changes_and_saves_doubles_on_postgresql(
    queued: Callable[[str], str], tmp_path: Path
) -> None:
    with databases.fresh_database("postgres", tmp_path, like=queued("postgres")) as url:
        found = doubles(race(url, 4, "claim", "--how", "save"))
        print(f"read-change-save: {found} of {POSTS} Posts claimed twice")
        assert found > 0


@pytest.mark.postgres
def test_eight_processes_and_five_hundred_mixed_moves_make_one_unforked_chain(tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path) as url:
        env = databases.environment(url)
        databases.run("race.py", "seed", "--count", "24", "--failed", "8", env=env)
        results = race(url, 8, "mixed", "--count", "63")
        done = sum((Counter(result["done"]) for result in results), Counter[str]())
        refused = sum((Counter(result["refused"]) for result in results), Counter[str]())
        print(f"done {dict(done)}, refused by the rules {dict(refused)}")
        assert done.total() + refused.total() == 8 * 63
        assert len(done) == 11, "some kind of move never happened"
        verified = databases.run("race.py", "verify", env=env)
        assert verified["verified"] == verified["entries"] > 500


SERIES = 24


@pytest.mark.parametrize("kind", KINDS)
def test_schedulers_and_workers_at_once_fill_each_booking_once_and_no_item_twice(kind: str, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path) as url:
        env, gallery = databases.environment(url), ["--gallery", str(tmp_path / "gallery")]
        databases.run("race.py", "seed_series", "--count", str(SERIES), *gallery, env=env)
        results = race(url, 4, "keep", *gallery)
        found = databases.run("race.py", "bookings", env=env)
    print(f"{kind}: {results}")
    items = [item for _, item, _ in found["bookings"]]
    assert len(items) == len(set(items)) >= SERIES
    assert sorted(found["posts"]) == sorted(items)
    assert found["states"] == ["sending"]
    assert sum(each["taken"] for each in results) == len(items)
    assert [day for _, _, day in found["bookings"]] == [1] * len(items), "a number was used twice, or left out"
    assert ran_together(results), "they came one after the other: nothing raced"
    if kind == "postgres":
        assert sum(each["late"] for each in results) > 0, "nobody was ever too late"

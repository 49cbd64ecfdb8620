"""Two people, one row, five hundred times on PostgreSQL: an edit and an approval; an outcome and a reveal."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import databases
from support.patience import PATIENCE

BOUTS, EACH = 5, 100  # five hundred rounds: what costs most is to seed them, so a hundred are fought five times over
ROUNDS = BOUTS * EACH
pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A database of each kind with its Items, made once and copied for each duel."""
    with ExitStack() as stack:

        @cache
        def made(about: str) -> str:
            url = stack.enter_context(databases.fresh_database("postgres", tmp_path_factory.mktemp(about)))
            env = databases.environment(url)
            databases.run("duel.py", "seed", "--count", str(EACH), "--about", about, env=env)
            return url

        yield made


def duel(env: dict[str, str], each: list[list[str]], rounds: int) -> list[tuple[bool, bool]]:
    """For each round who was let. Both are told to begin at once, and the next round waits for both."""
    seen = []
    with ExitStack() as stack:
        fighters = [databases.start("duel.py", "fight", *one, env=env, stdin=subprocess.PIPE) for one in each]
        for fighter in fighters:
            stack.callback(_end, fighter)
            assert fighter.stdout is not None
            assert fighter.stdout.readline() == "ready\n"
        for number in range(rounds):
            for fighter in fighters if number % 2 else reversed(fighters):
                assert fighter.stdin is not None
                fighter.stdin.write("go\n")
                fighter.stdin.flush()
            one, other = (json.loads(fighter.stdout.readline())["done"] for fighter in fighters if fighter.stdout)
            seen.append((one, other))
    return seen


def _end(fighter: subprocess.Popen[str]) -> None:
    if fighter.poll() is None and fighter.stdin is not None:
        fighter.stdin.close()  # no more rounds
        fighter.stdin = None
    fighter.communicate(timeout=PATIENCE)


Fought = tuple[list[tuple[bool, bool]], dict[str, Any]]


def fought(like: str, tmp_path: Path, acts: tuple[str, str], *how: str) -> Iterator[Fought]:
    """Bout after bout, each in a copy of its own of the same hundred Items: who was let, and what came of it."""
    for _ in range(BOUTS):
        with databases.fresh_database("postgres", tmp_path, like=like) as url:
            env = databases.environment(url)
            seen = duel(env, [["--act", act, *how] for act in acts], EACH)
            standing = databases.run("duel.py", "standing", env=env)
        yield seen, standing


def test_an_edit_and_an_approval_at_once_never_leave_approved_what_was_not_shown(
    seeded: Callable[[str], str], tmp_path: Path
) -> None:
    bouts = list(fought(seeded("approval"), tmp_path, ("edit", "approve")))
    seen = [each for bout, _ in bouts for each in bout]
    approved_first = sum(approved for _, approved in seen)
    print(f"edits {sum(edited for edited, _ in seen)}, approvals before the edit {approved_first} of {ROUNDS}")
    assert len(seen) == ROUNDS
    assert all(edited for edited, _ in seen)
    assert 0 < approved_first < ROUNDS, "the same one was first every time: nothing raced"
    assert [standing["approved_otherwise"] for _, standing in bouts] == [[]] * BOUTS


def test_control_without_locks_an_edit_slips_under_an_approval(seeded: Callable[[str], str], tmp_path: Path) -> None:
    bouts = fought(seeded("approval"), tmp_path, ("edit", "approve"), "--how", "unlocked")
    assert any(slipped(number, standing["approved_otherwise"]) for number, (_, standing) in enumerate(bouts, start=1))


def slipped(bout: int, wrong: list[Any]) -> int:
    """How often it went wrong in this bout of a control, which ends with the first in which it did."""
    print(f"bout {bout}: wrong {len(wrong)} of {EACH}")
    return len(wrong)


def test_an_outcome_and_a_reveal_at_once_never_reveal_after_it_and_what_was_first_comes_down(
    seeded: Callable[[str], str], tmp_path: Path
) -> None:
    bouts = list(fought(seeded("reveal"), tmp_path, ("reveal", "outcome")))
    seen = [each for bout, _ in bouts for each in bout]
    revealed_first = sum(standing["revealed_first"] for _, standing in bouts)
    print(f"revealed first, then taken down: {revealed_first} of {ROUNDS}")
    assert len(seen) == ROUNDS
    assert all(ended for _, ended in seen)
    assert 0 < revealed_first < ROUNDS, "the same one was first every time: nothing raced"
    assert [(standing["revealed_late"], standing["still_up"]) for _, standing in bouts] == [([], 0)] * BOUTS


def test_control_without_locks_a_reveal_slips_behind_an_outcome(seeded: Callable[[str], str], tmp_path: Path) -> None:
    bouts = fought(seeded("reveal"), tmp_path, ("reveal", "outcome"), "--how", "unlocked")
    wrong = ([*standing["revealed_late"], *["up"] * standing["still_up"]] for _, standing in bouts)
    assert any(slipped(number, each) for number, each in enumerate(wrong, start=1))

"""On SQLite, under eight processes that do nothing but write: nobody is told that it is locked, and people come first.

How long a turn took without the order of turns, and with it, is in docs/decisions/0021. Here it is counted.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support import databases
from support import killable_workers as scenes
from support.killable_workers import Scene

HAMMERS, PEOPLE, TURNS = 8, 2, 10
# So many transactions of the workers may be made while a person waits. Counted, as a busy machine takes its time with
# all of them: with the order of turns 8 to 30 were made, without it some 200 to 900.
MOST = 100


def hammering(stage: Scene, *how: str) -> list[subprocess.Popen[str]]:
    started = [
        databases.start("write_database.py", "hammer", "--seconds", "12", *how, env=stage.env, stdin=subprocess.PIPE)
        for _ in range(HAMMERS)
    ]
    people = [
        databases.start(
            "write_database.py", "person", "--turns", str(TURNS), "--pause", "0.2", *how, env=stage.env, stdin=-1
        )
        for _ in range(PEOPLE)
    ]
    for process in [*started, *people]:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
    for process in [*started, *people]:
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    return [*started, *people]


def ended(processes: list[subprocess.Popen[str]]) -> tuple[list[list[float]], list[int]]:
    """When each worker made its transactions, and how many of them were made during each turn of a person."""
    results: list[dict[str, Any]] = [databases.answer(process) for process in processes]
    for process in processes:
        process.stdin.close()  # type: ignore[union-attr]
    made = [one["made"] for one in results[:HAMMERS]]
    turns = [turn for one in results[HAMMERS:] for turn in one["took"]]
    return made, [sum(began < at < answered for one in made for at in one) for began, answered in turns]


def typed(stage: Scene, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *arguments]
    return subprocess.run(command, env=stage.env, cwd=databases.ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_nobody_is_told_that_it_is_locked_and_everybody_has_a_turn(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 10) as stage:
        stage.sql("UPDATE pressqueue_post SET not_before = due_at")
        databases.run("write_database.py", "hire", env=stage.env)
        processes = hammering(stage)
        said = [typed(stage, "freeze", "features", "--as", "amara"), typed(stage, "freeze", "features", "--as", "bran")]
        made, waited = ended(processes)
    assert [(one.returncode, "locked" in one.stderr) for one in said] == [(0, False)] * 2, [one.stderr for one in said]
    print(f"transactions {[len(one) for one in made]}, most of them during a person's turn {max(waited)}")
    assert min(len(one) for one in made) > 0
    assert max(waited) < MOST


@pytest.mark.slow
def test_control_without_turns_a_person_waits_for_many_more(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 10) as stage:
        stage.sql("UPDATE pressqueue_post SET not_before = due_at")
        databases.run("write_database.py", "hire", env=stage.env)
        _, waited = ended(hammering(stage, "--without-turns"))
    assert max(waited) > MOST

"""What refers to a row that a move holds commits beside it: waiting would make a ring with the log's head."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from support import databases

PRODUCT = [databases.ROOT / "queue" / "pressqueue", databases.ROOT / "publisher"]


@pytest.mark.postgres
def test_a_row_that_refers_to_what_is_held_does_not_wait_for_it(tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path) as url:
        assert databases.run("commit_reference.py", env=databases.environment(url)) == "committed"


@pytest.mark.postgres
def test_control_with_the_lock_that_excludes_references_it_waits(tmp_path: Path) -> None:
    with databases.fresh_database("postgres", tmp_path) as url:
        said = databases.run("commit_reference.py", "--wholly", env=databases.environment(url))
    assert said == "canceling statement due to lock timeout"


def test_every_lock_of_a_row_lets_others_refer_to_it() -> None:
    without = [
        f"{file.relative_to(databases.ROOT)}:{call.lineno}"
        for folder in PRODUCT
        for file in sorted(folder.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "select_for_update"
        if not any(each.arg == "no_key" for each in call.keywords)
    ]
    assert without == []

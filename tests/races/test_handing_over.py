"""A browser asks for the parts of one file at once: each part counts, in one row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support import databases

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
PROCESSES, FILES = 4, 60


def handed(kind: str, folder: Path, *more: str) -> tuple[dict[str, Any], int]:
    """What was recorded in the end, and how many hand-overs were refused."""
    with databases.fresh_database(kind, folder) as url:
        env = databases.environment(url)
        databases.run("hand_over_parts.py", "seed", env=env)
        each = [["hand", "--number", str(one), "--turns", str(FILES), *more] for one in range(PROCESSES)]
        said = databases.race("hand_over_parts.py", each, env=env)
        return databases.run("hand_over_parts.py", "whole", env=env), sum(one["refused"] for one in said)


@pytest.mark.first_row
@pytest.mark.parametrize("kind", KINDS)
def test_four_parts_at_once_make_one_whole_viewing_of_each_file(kind: str, tmp_path: Path) -> None:
    assert handed(kind, tmp_path) == ({"rows": FILES, "whole": FILES}, 0)


@pytest.mark.slow
@pytest.mark.postgres
def test_control_without_the_lock_on_the_item_parts_are_refused(tmp_path: Path) -> None:
    found, refused = handed("postgres", tmp_path, "--unlocked")
    assert refused > 0
    assert found["whole"] < FILES

"""What the reckoning calls wrong, and what only looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from torture.reckoning import Row, shown_unwanted

PUBLIC = [{"public": [[100.4, 100.6]]}]


def row(**changes: Any) -> Row:
    told = {"asked_down": 100.1, "revealing": 100.2, "decided": 7, "ended": 8, **changes}
    usual = {"id": 1, "platform": "flickr", "state": "removed", "mark": "m", "remote_id": "r", "removed": 101.0}
    return Row(**usual, parked=None, item="withdrawn", **told)


def test_decided_first_though_its_command_came_later_is_no_fault() -> None:
    """Both took their time of day, then one waited for the other's lock: the chain says which commit was first."""
    assert not shown_unwanted(row(), PUBLIC)


@pytest.mark.parametrize(
    "changes",
    [{"decided": 9}, {"revealing": None}, {"revealing": 100.5}],
    ids=["decided after it was asked down", "never decided", "shown before it was decided"],
)
def test_what_was_shown_against_the_deciding_commit_is_named(changes: dict[str, Any]) -> None:
    assert shown_unwanted(row(**changes), PUBLIC)


def test_what_was_never_shown_is_no_fault() -> None:
    assert not shown_unwanted(row(decided=0, revealing=None), [{"public": []}])

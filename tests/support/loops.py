"""Loops that assert: over no rows at all they would assert nothing and pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Row = TypeVar("Row")


def at_least_one(rows: Iterable[Row]) -> list[Row]:
    """The rows. Raises AssertionError where there is none."""
    found = list(rows)
    assert found, "nothing to go through: the loop would assert nothing"
    return found

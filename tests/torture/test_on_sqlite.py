"""The short form of `make torture` on SQLite."""

from __future__ import annotations

import pytest

from torture import short


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_is_doubled_lost_or_left_up_whoever_is_killed_and_whatever_the_platforms_do() -> None:
    short.held("sqlite")

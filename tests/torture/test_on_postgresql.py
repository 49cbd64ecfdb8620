"""The short form of `make torture` on PostgreSQL, and what a run without one safeguard names.

One file, so that one process runs them one after the other: two runs at once need more connections than a server has.
"""

from __future__ import annotations

import pytest

from torture import short

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(3600)]
# Enough to be lied to and to lose replies in; the kills are left to the run that has all its safeguards. Without one
# it may never come to rest: three minutes are enough to see what went wrong.
CONTROL = ["--posts", "40", "--kills", "4", "--each", "0", "--faults", "0", "--frozen", "0", "--minutes", "3"]


def test_nothing_is_doubled_lost_or_left_up_whoever_is_killed_and_whatever_the_platforms_do() -> None:
    short.held("postgres")


@pytest.mark.parametrize(("wrong", "violation"), [("lookup", "doubled"), ("claim", "doubled"), ("readback", "left_up")])
def test_control_the_same_run_without_one_safeguard_names_what_went_wrong(wrong: str, violation: str) -> None:
    code, report = short.torture("postgres", "--wrong", wrong, *CONTROL)
    assert report["violations"].get(violation, 0) > 0
    assert code == 1

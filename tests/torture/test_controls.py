"""What a torture run would find: the same run without one safeguard names what went wrong."""

from __future__ import annotations

import pytest
import short

# Enough to be lied to and to lose replies in; the kills are left to the run that has all its safeguards. Without one
# it may never come to rest: three minutes are enough to see what went wrong.
CONTROL = ["--posts", "40", "--kills", "4", "--each", "0", "--faults", "0", "--frozen", "0", "--minutes", "3"]


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("wrong", "violation"), [("lookup", "doubled"), ("claim", "doubled"), ("readback", "left_up")])
def test_the_same_run_without_one_safeguard_names_what_went_wrong(wrong: str, violation: str) -> None:
    code, report = short.torture("postgres", "--wrong", wrong, *CONTROL)
    assert report["violations"].get(violation, 0) > 0
    assert code == 1

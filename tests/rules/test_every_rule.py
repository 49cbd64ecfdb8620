"""`make rules` as a test: every rule's test fails once the rule is disabled."""

from __future__ import annotations

import pytest

from support import programs


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_each_test_fails_with_its_rule_disabled() -> None:
    done = programs.run("tests/rules/mutate.py")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "fail without their rule" in done.stdout

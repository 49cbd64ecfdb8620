"""`make traps` as a test: every trap's test fails once its cure is taken out."""

from __future__ import annotations

import pytest

from support import programs


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_each_test_fails_with_its_cure_removed() -> None:
    done = programs.run("tests/traps/mutate.py")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "tests fail without their cure." in done.stdout

"""At an instant drawn at random, which is printed: nothing the tests assert depends on the day they are run."""

from __future__ import annotations

import pytest

from support import programs
from support.databases import REQUIRED


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_few_files_full_of_dates_hold_at_another_instant() -> None:
    done = programs.run("tests/instants.py")
    if done.stdout.startswith("LEFT OUT") and "faketime" not in REQUIRED:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " UTC (" in done.stdout and " passed" in done.stdout, "nothing was run"

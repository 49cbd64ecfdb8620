"""What Google's library says to whoever keeps the server is not said to officers with each command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import databases

OLD = "google.api_core._python_version_support"


@pytest.mark.parametrize(("module", "said"), [(OLD, False), ("google.api_core.retry", True)])
def test_a_python_that_grows_old_is_no_message_of_ours(module: str, said: bool) -> None:
    script = (
        "import warnings, publisher.destinations.youtube\n"
        f"warnings.warn_explicit('You are using an old Python.', FutureWarning, 'x.py', 1, module={module!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=databases.environment(), capture_output=True, text=True, check=True
    )
    assert ("an old Python" in done.stderr) is said

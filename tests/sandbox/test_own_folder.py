"""The folder in which the sandbox keeps what it is given."""

from __future__ import annotations

import stat
from pathlib import Path

from publisher.exercise.sandbox.server import Sandbox


def test_nobody_else_on_the_machine_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "sandbox"
    with Sandbox(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

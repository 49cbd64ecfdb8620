"""The short form of `make torture`, as its tests run it: a process of its own, as a person starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from support import databases

RUN = Path(__file__).resolve().parent / "run.py"


def torture(kind: str, *terms: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of one run."""
    if kind == "postgres":
        databases.reach_postgres()
    command = [sys.executable, str(RUN), "--short", "--json", "--database", kind, *terms]
    done = subprocess.run(command, cwd=databases.ROOT, capture_output=True, text=True, timeout=3000, check=False)
    print(done.stderr)
    assert done.stdout, f"no report: {done.stderr[-2000:]}"
    (report,) = json.loads(done.stdout)
    return done.returncode, report


def held(kind: str) -> None:
    """Assert that nothing was doubled, lost or left up, and that enough was done to it for this to mean anything."""
    code, report = torture(kind)
    assert report["violations"] == {}
    assert report["not met"] == [], "too little was done to it for this to mean anything"
    assert code == 0

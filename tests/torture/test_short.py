"""The short form of `make torture`, and the controls that show what it would find.

A run is a process of its own, as a person starts it: what it prints is what is read here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import databases
import pytest

RUN = Path(__file__).resolve().parent / "run.py"
APART = pytest.mark.xdist_group  # each run in a process of its own
KINDS = [
    pytest.param("sqlite", marks=APART("torture on SQLite")),
    pytest.param("postgres", marks=[pytest.mark.postgres, APART("torture on PostgreSQL")]),
]
WRONGS = [
    pytest.param(wrong, violation, marks=APART(f"torture without {wrong}"))
    for wrong, violation in (("lookup", "doubled"), ("claim", "doubled"), ("readback", "left_up"))
]
# Enough to be lied to and to lose replies in; the kills are left to the run that has all its safeguards. Without one
# it may never come to rest: three minutes are enough to see what went wrong.
CONTROL = ["--posts", "40", "--kills", "4", "--each", "0", "--faults", "0", "--frozen", "0", "--minutes", "3"]


def torture(kind: str, *terms: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of one run."""
    if kind == "postgres":
        databases.reach_postgres()
    command = [sys.executable, str(RUN), "--short", "--json", "--database", kind, *terms]
    done = subprocess.run(command, cwd=databases.ROOT, capture_output=True, text=True, timeout=1700, check=False)
    print(done.stderr)
    assert done.stdout, f"no report: {done.stderr[-2000:]}"
    (report,) = json.loads(done.stdout)
    return done.returncode, report


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_doubled_lost_or_left_up_whoever_is_killed_and_whatever_the_platforms_do(kind: str) -> None:
    code, report = torture(kind)
    assert report["violations"] == {}
    assert report["not met"] == [], "too little was done to it for this to mean anything"
    assert code == 0


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("wrong", "violation"), WRONGS)
def test_control_the_same_run_without_one_safeguard_names_what_went_wrong(wrong: str, violation: str) -> None:
    code, report = torture("postgres", "--wrong", wrong, *CONTROL)
    assert report["violations"].get(violation, 0) > 0
    assert code == 1

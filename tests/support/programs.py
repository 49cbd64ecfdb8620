"""Programmes of the test suite that a test runs to their end, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys

from support.databases import ROOT


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`script` is a path from the root of the checkout. What it prints is printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env.pop("DATABASE_URL", None)  # on SQLite, whatever the tests beside it are run on
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)
    return done

"""How the processes of a race begin together, however slowly each was started; `databases.race` starts them."""

from __future__ import annotations

import sys


def wait_for_the_others() -> None:
    """Say that this process is ready, and wait for the line that starts all of them."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()

"""`python -m noticeboard HOLDER`: a board on loopback, which prints its address and ends with its standard input."""

from __future__ import annotations

import sys

from noticeboard.board import Board
from noticeboard.server import Running

with Running(Board(sys.argv[1])) as running:
    sys.stdout.write(f"{running.base}\n")
    sys.stdout.flush()
    sys.stdin.read()

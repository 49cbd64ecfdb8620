"""How pytest runs tests side by side: two processes to each core, since many tests wait for processes of their own.

A file's tests stay in one process, for their fixtures' sake.
"""

from __future__ import annotations

import os

OPTIONS = ("-n", str(2 * (os.cpu_count() or 1)), "--dist", "loadfile", "--no-loadscope-reorder")

"""How the desk was served before its front read every request whole: kept for the control of `test_besieged.py`."""

import logging
from pathlib import Path
from typing import Any

from publisher.logs import Discreet

# One process with threads: the desk's work is small, and SQLite has one writer anyway. On PostgreSQL raise `workers`.
workers = 1
worker_class = "gthread"
threads = 8

timeout = 120  # an officer on a slow line sends 100 MB of footage
graceful_timeout = 15
keepalive = 5

# Kept in memory where there is a memory file system: a worker must not look hung because a disk is slow.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True

accesslog = None  # addresses hold references; what people do is in the audit log
errorlog = "-"
loglevel = "warning"


def on_starting(server: Any) -> None:
    """What gunicorn writes of an error holds no message of an exception either."""
    for handler in logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s %(message)s"))

"""A command that waits for the database says so, and for what: silence looks like a program that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from publisher.output import say

PATIENCE = 3.0  # seconds before a person is told
WAITING = (
    "Waiting for the database: another process of this office is writing to it, a long import or a backup, or one that "
    "hangs. Nothing is lost; the command goes on when its turn comes, and Ctrl-C gives up."
)
_LOCKING = ("BEGIN", "INSERT", "UPDATE", "DELETE")


def speak_up() -> None:
    """From now on every statement of this process that has to wait for others says so once it took long."""
    from django.db import connection

    if told_while_waiting not in connection.execute_wrappers:
        connection.execute_wrappers.append(told_while_waiting)


def told_while_waiting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Django's hook around each statement (django.db.backends, "Database instrumentation")."""
    if not (sql.startswith(_LOCKING) or "FOR UPDATE" in sql):
        return execute(sql, params, many, context)
    timer = threading.Timer(PATIENCE, say, (WAITING,))
    timer.daemon = True
    timer.start()
    try:
        return execute(sql, params, many, context)
    finally:
        timer.cancel()

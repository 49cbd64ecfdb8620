"""What is logged: which libraries may say nothing, and exceptions without their messages."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

# At lower levels these print tokens, signatures, whole replies, SQL with its values, or what a picture's metadata
# says. APScheduler tells of every coalesced ring that it was skipped, which is what is meant to happen. A platform's
# own client libraries are silenced where they are imported.
QUIET = (
    "requests_oauthlib", "oauthlib", "urllib3", "httplib2", "apscheduler", "PIL", "django.db.backends",
    "django.template", "psycopg",
)  # fmt: skip

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Tracebacks say where and of which type, never the message: it may hold a name, an address or a row's values."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802  # logging's own name
        told: list[str] = []
        error = ei[1]
        while error is not None and len(told) < 10:
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.insert(0, f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\n".join(told)

"""The platform's own clock, as its replies tell it: recorded beside ours, because times of publication are evidence.

Every reply of an HTTP server with a clock carries Date (RFC 9110, 6.6.1). Who wants to know listens around a call;
who speaks HTTP says what was heard. Nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(slots=True)
class DateHeader:
    """`at`: what the newest reply within the block gave as its time, UTC, to the second; None where none did."""

    at: datetime | None = None


_capturing: ContextVar[DateHeader | None] = ContextVar("platform_clock", default=None)


@contextmanager
def capture_date_header() -> Iterator[DateHeader]:
    """Record, within the block and in this thread, the newest Date that the platform's replies carry."""
    header = DateHeader()
    token = _capturing.set(header)
    try:
        yield header
    finally:
        _capturing.reset(token)


def record_date_header(date: str | None) -> None:
    """Record a reply's Date header for the block that listens. A value that is not a date is ignored."""
    header = _capturing.get()
    if header is None or not date:
        return
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return
    header.at = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

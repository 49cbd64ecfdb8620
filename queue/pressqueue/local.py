"""Moments as sentences give them: by the office's own clock, as the pages around them do."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def at(moment: datetime) -> str:
    """Returns the moment as in “14:05 on 3 March 2026”, in the office's time zone."""
    return f"{timezone.localtime(moment):%H:%M on %-d %B %Y}"


def day(moment: datetime) -> str:
    """Returns the day as in “3 March 2026”, in the office's time zone."""
    return f"{timezone.localtime(moment):%-d %B %Y}"

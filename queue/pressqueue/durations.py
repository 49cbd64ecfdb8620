"""Lengths of time as officers read them."""

from __future__ import annotations

from datetime import timedelta


def text(span: timedelta) -> str:
    """Returns `span` in days where it is more than three whole ones, else in hours or in minutes: "72 hours"."""
    minutes = round(span.total_seconds() / 60)
    if minutes % 1440 == 0 and minutes > 4320:
        return counted(minutes // 1440, "day")
    return counted(minutes // 60, "hour") if minutes % 60 == 0 else counted(minutes, "minute")


def counted(number: int, unit: str) -> str:
    """Returns "1 day" or "2 days"; `unit` forms its plural with an s."""
    return f"{number} {unit}{'' if number == 1 else 's'}"

"""A moment as an officer reads it: the office's own clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def at_the_clock(moment: datetime, zone: str, now: datetime) -> str:
    """“at 14:05”, or “at 08:00 on Tuesday 3 March” where that is not today in `zone`. Rounded up to the minute."""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.second or local.microsecond:
        local = datetime.fromtimestamp(moment.timestamp() // 60 * 60 + 60, ZoneInfo(zone))
    return f"at {local:%H:%M}" if local.date() == today else f"at {local:%H:%M on %A} {local.day} {local:%B}"

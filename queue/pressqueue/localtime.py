"""Wall-clock times and the instants they mean, on the two nights as well on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo


def first_instant(on: date, wall_time: time, zone: str) -> datetime:
    """Returns the UTC instant at which the clocks in `zone` show this; for times the machine works out itself.

    A time that occurs twice counts once, the first time; one that the clocks skip moves forward.
    """
    return datetime.combine(on, wall_time, tzinfo=ZoneInfo(zone)).replace(fold=0).astimezone(UTC)


def instants(wall: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """Returns every UTC instant that this wall time (without a zone) can mean, the earlier first.

    For times a person types. One as a rule; none where the clocks skip it, two where it occurs twice. Raises
    OverflowError at the calendar's ends.
    """
    readings = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if readings[0] == readings[1]:
        return (readings[0],)
    return tuple(each for each in readings if each.astimezone(zone).replace(tzinfo=None) == wall.replace(fold=0))

"""When each part of the service last ran, to within some seconds: what `publisher check` and the page Status read."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import Heartbeat


def ran(part: str, now: datetime) -> None:
    """Record that this part of the service ran at `now`."""
    if not Heartbeat.objects.filter(name=part).update(rung_at=now):  # the usual case is one statement
        Heartbeat.objects.get_or_create(name=part, defaults={"rung_at": now})

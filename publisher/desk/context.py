"""What every page shows: whose office it is, whether it is an exercise, what stops it, what needs action."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from pressqueue.gates.approval import bar_of
from pressqueue.models import Alarm, Notice, Office, Officer
from pressqueue.moves.leases import database_now
from publisher.desk import attention
from publisher.desk.access import sitting_of


def office(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    row = Office.objects.first()
    configured = settings.OFFICE
    found: dict[str, Any] = {
        "office_name": configured.identity.name if configured else "",
        "exercise": row.exercise if row else bool(configured and configured.identity.exercise),
        "frozen": row.frozen if row else "none",
        "zone": settings.TIME_ZONE,
    }
    if request.user.is_authenticated:
        open_notices = Notice.objects.filter(cleared_at__isnull=True).count()
        found["alarm"] = Alarm.objects.filter(ended_at__isnull=True).exists()
        found["sitting"] = sitting_of(request)
        if isinstance(request.user, Officer) and request.user.barred_until is not None:
            found["barred_until"] = bar_of(request.user, database_now())
        found["attention_count"] = open_notices + attention.posts().count()
    return found

"""When the time of a Booking is over: what missed its hour never goes out all at once."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import Booking


def is_late(booking: Booking, now: datetime) -> bool:
    """Whether the Booking is later than its campaign allows, or the campaign's next hour has come meanwhile.

    Without the second condition, a long lateness would release everything that a freeze or an outage kept back at once
    (R45: one feature a campaign-day).
    """
    if now > booking.due_at + booking.campaign.lateness:
        return True
    later = Booking.objects.filter(campaign=booking.campaign_id, due_at__gt=booking.due_at, due_at__lte=now)
    return later.exists()

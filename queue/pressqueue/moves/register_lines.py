"""Lines of the withdrawal register: which of them are in its file by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pressqueue.models import Office, RegisterLine


def written(lines: Iterable[RegisterLine], now: datetime) -> None:
    """Record that these lines are in the file, and on its disk."""
    RegisterLine.objects.filter(pk__in=[line.pk for line in lines]).update(written_at=now)


def high_water_begun(now: datetime) -> None:
    """Record that this office's high-water file carries a MAC: from now on a file without one is not accepted."""
    Office.objects.filter(high_water_at__isnull=True).update(high_water_at=now)

"""When each approved Item is looked at next for what would fail at its publishing time."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import Item


def look_again(item_id: int, at: datetime | None) -> None:
    """Set when the Item is checked next for what would fail at its publishing time.

    `at` None: it needs no further warning.
    """
    Item.objects.filter(pk=item_id).update(foresee_at=at)

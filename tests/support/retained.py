"""What was withdrawn and is gone, and its purge once its retention review has passed."""

from __future__ import annotations

from datetime import timedelta

import press
import world

from pressqueue.models import Item, Purge
from pressqueue.moves import retention, takedown

NOW = world.NOW

# Its record says: to be reviewed a year after NOW.
OVER = NOW + timedelta(days=366)
AUTHORITY = "Retention board, 1 March 2027"


def down(item: Item, reason: str = "identified") -> Item:
    """Shown live, withdrawn, seen gone, its direct address silent."""
    post = press.live(item)
    takedown.withdraw(world.approver(), item, reason, now=NOW)
    press.removed(post, now=NOW)
    press.addresses_gone(post, now=NOW)
    item.refresh_from_db()
    return item


def purged(item: Item) -> Purge:
    asked = retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)
    return retention.confirm_purge(world.approver(), asked, now=OVER)

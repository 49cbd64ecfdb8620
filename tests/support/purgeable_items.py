"""What was withdrawn and is gone, and its purge once its retention review has passed."""

from __future__ import annotations

from datetime import timedelta

from pressqueue.models import Item, Purge
from pressqueue.moves import retention, takedown

from support import factories, pack_recipients

NOW = factories.NOW

# Its record says: to be reviewed a year after NOW.
OVER = NOW + timedelta(days=366)
AUTHORITY = "Retention board, 1 March 2027"


def down(item: Item, reason: str = "identified") -> Item:
    """Shown live, withdrawn, seen gone, its direct address silent."""
    post = pack_recipients.live(item)
    takedown.withdraw(factories.approver(), item, reason, now=NOW)
    pack_recipients.removed(post, now=NOW)
    pack_recipients.addresses_gone(post, now=NOW)
    item.refresh_from_db()
    return item


def purged(item: Item) -> Purge:
    asked = retention.ask_purge(factories.author(), item, AUTHORITY, now=OVER)
    return retention.confirm_purge(factories.approver(), asked, now=OVER)

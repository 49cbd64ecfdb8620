"""An Item's state, and the way back from an Approval to a new preparation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pressqueue import locks, register
from pressqueue.audit import Log
from pressqueue.errors import Forbidden
from pressqueue.models import Approval, Item
from pressqueue.moves.end_publication import end_amendments, end_publication
from pressqueue.moves.recalls import recall_recipients
from pressqueue.states import ItemMove, NotAllowed, next_item_state


def reopen_held(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    """Void every Approval, end the Item's Posts, and have it prepared again. The caller holds it locked."""
    reopen_only(log, held, reason, now)
    end_publication(log, held, reason, now)


def reopen_only(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    """Void every Approval and have the Item prepared again, leaving its Posts as they are."""
    change(log, held.item, ItemMove.REOPEN, approved_at=None, rendering_tries=0, rendering_until=None)
    end_amendments(log, held.item, reason, now)
    recall_recipients(log, held.item, "reopened", now)  # what they were given is approved no longer
    void_approvals(log, held.item, reason, now)


def void_approvals(log: Log, item: Item, reason: str, now: datetime) -> None:
    """Void every Approval of an Item that the caller holds locked, for ever."""
    void = Approval.objects.filter(package__item=item, void_at__isnull=True)
    approvals = list(void.values_list("pk", flat=True))
    digests = sorted(set(void.values_list("digest", flat=True)))
    void.update(void_at=now, void_reason=reason)
    if approvals:
        log.note("approvals_void", item=item.pk, approvals=approvals, reason=reason)
        register.note(now, "approvals_void", item=item.reference, packages=digests, reason=reason)


def change(log: Log, item: Item, move: ItemMove, text: str = "", **changes: Any) -> None:
    """Write an Item's state. Raises Forbidden where the table has no such arrow.

    Whether a Post stands at each of its destinations is looked at anew afterwards.
    """
    was = item.state
    try:
        item.state = next_item_state(was, move)
    except NotAllowed as error:
        raise Forbidden(f"{item.reference}: {error}") from None
    changes["posts_made_at"] = None
    for name, value in changes.items():
        setattr(item, name, value)
    item.save(update_fields=["state", *changes])
    log.note(f"item_{move}", text=text, item=item.pk, was=was, now=str(item.state))

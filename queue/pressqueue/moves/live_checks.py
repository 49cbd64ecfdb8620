"""What is up is held against the rules again and again: facts change while it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce

from pressqueue import gates, locks
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Item
from pressqueue.moves import notices
from pressqueue.moves.subjects import take_down_if_forbidden
from pressqueue.states import COUNTS_AS_PUBLIC, PostState

EVERY = timedelta(hours=1)


def begin(item_id: int, now: datetime) -> None:
    """Have the rules asked of an Item from now on: a copy of it becomes public in the caller's transaction.

    It locks the Item even where nothing changes: a watch that finds nothing public must not clear it meanwhile.
    """
    Item.objects.filter(pk=item_id).update(watch_at=Coalesce("watch_at", Value(now, DateTimeField())))


@clean_texts
def watch(item: Item, *, now: datetime) -> bool:
    """Evaluate every rule for a live Item. Returns whether it had to come down.

    A failure that asks for a review raises a Notice, cleared once the rule holds again; the Item stays up meanwhile.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk, posts=True)
        shown = COUNTS_AS_PUBLIC - {PostState.REMOVING}
        is_shown = any(PostState(post.state) in shown for post in held.posts)
        held.item.watch_at = now + EVERY if is_shown else None
        held.item.save(update_fields=["watch_at"])
        if not is_shown:
            return False
        if take_down_if_forbidden(log, held, now):
            return True
        case = gates.Case(gates.Step.LIVE, held.item, now, package=held.item.package)
        failing = {type(gate).__name__: message for gate, message in gates.on_live(case)}
        for gate in gates.asked(gates.Step.LIVE):
            name = type(gate).__name__
            if name not in failing:
                notices.clear(f"live:{item.pk}:{name}", now)
            else:
                message = f"{held.item.reference} is public. {failing[name]}"
                notices.notify(f"live:{item.pk}:{name}", message, now, held.item.reference)
    return False

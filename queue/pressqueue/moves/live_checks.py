"""What is up is held against the rules again and again: facts change while it is shown."""

from __future__ import annotations

from datetime import datetime

from pressqueue import gates, locks
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Item
from pressqueue.moves import notices
from pressqueue.moves.subjects import take_down_if_forbidden
from pressqueue.states import COUNTS_AS_PUBLIC, PostState


@clean_texts
def watch(item: Item, *, now: datetime) -> bool:
    """Evaluate every rule for a live Item. Returns whether it had to come down.

    A failure that asks for a review raises a Notice, cleared once the rule holds again; the Item stays up meanwhile.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk, posts=True)
        held.item.watched_at = now
        held.item.save(update_fields=["watched_at"])
        shown = COUNTS_AS_PUBLIC - {PostState.REMOVING}
        if not any(PostState(post.state) in shown for post in held.posts):
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

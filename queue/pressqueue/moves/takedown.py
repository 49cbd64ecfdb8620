"""Withdrawal: any officer, alone, in one action."""

from __future__ import annotations

from datetime import datetime

from pressqueue import locks, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.errors import Forbidden
from pressqueue.models import Item, Officer, Post
from pressqueue.moves.fallaway import end_post, fall_away
from pressqueue.states import COUNTS_AS_PUBLIC, ItemMove, ItemState, PostState, next_item_state

REASONS = {
    "identified": "The person has been identified",
    "surrendered": "The person has come forward",
    "arrested": "The person has been arrested",
    "charged": "The person has been charged",
    "eliminated": "The person has been eliminated from the enquiry",
    "wrong_image": "It is the wrong image",
    "court_order": "A court has ordered it",
    "victim_request": "The victim has asked for it",
    "consent_withdrawn": "Consent has been withdrawn",
    "expired": "Its time has run out",
    "withdrawn": "It is no longer wanted",
    "kill_switch": "The whole operation has been taken down",
}


def withdraw(actor: Actor, item: Item, reason: str, *, now: datetime) -> Item:
    """Every state -> withdrawn. What waits is cancelled, what stands comes down, what is out of sight is flagged.

    Withdrawing again is not an error: it answers the Item as it stands.
    """
    if reason not in REASONS:
        raise Forbidden(f"“{reason}” is not a reason to withdraw. Known are: {', '.join(REASONS)}.")
    if actor.officer_id is None or not Officer.objects.filter(pk=actor.officer_id, is_active=True).exists():
        raise Forbidden("Only a person with an active account may withdraw.")
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        withdraw_held(log, held, reason, now)
    return held.item


def withdraw_held(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    """The same for an Item the caller holds locked with its Posts."""
    item = held.item
    if item.state != ItemState.WITHDRAWN:
        was = item.state
        item.state, item.ended_reason = next_item_state(was, ItemMove.WITHDRAW), reason
        item.save(update_fields=["state", "ended_reason"])
        log.note("item_withdraw", item=item.pk, was=was, now=str(item.state), reason=reason)
        register.note(now, "withdrawn", item=item.reference, reason=reason, image=item.original_id)
    fall_away(log, held, reason, now)


def take_down_post(actor: Actor, post: Post, reason: str, *, now: datetime) -> Post:
    """One Post only: its Booking was skipped, or the platform rejected it. The Item keeps its state."""
    with moving(actor, now) as log:
        held = locks.item(post.item_id, posts=True)
        mine = next(each for each in held.posts if each.pk == post.pk)
        if PostState(mine.state) in COUNTS_AS_PUBLIC - {PostState.REMOVING}:
            where = {"item": held.item.reference, "destination": mine.destination, "mark": mine.mark}
            register.note(now, "post_down", **where, reason=reason)
        end_post(log, mine, reason, now)
    return mine

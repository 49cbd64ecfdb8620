"""Holding and freezing. Nothing here takes anything down."""

from __future__ import annotations

from datetime import datetime

from pressqueue import locks, register
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.errors import Forbidden
from pressqueue.models import Campaign, Item, Officer

FREEZES = ("none", "features", "all")


def hold(actor: Actor, item: Item, reason: str, *, now: datetime) -> Item:
    """Keep one Item from being sent or revealed until it is released."""
    return _flag(actor, item, True, reason, now)


def release(actor: Actor, item: Item, *, now: datetime) -> Item:
    """End a hold. What missed its hour meanwhile follows the lateness rule."""
    return _flag(actor, item, False, "", now)


def _flag(actor: Actor, item: Item, held_now: bool, reason: str, now: datetime) -> Item:
    _active(actor)
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        if held.item.held != held_now:
            held.item.held = held_now
            held.item.save(update_fields=["held"])
            log.note("item_hold" if held_now else "item_release", text=reason, item=item.pk)
            register.note(now, "hold" if held_now else "release", item=held.item.reference)
    return held.item


def hold_campaign(actor: Actor, campaign: Campaign, reason: str, *, now: datetime) -> None:
    """Keep everything of a campaign from being sent or revealed."""
    _flag_campaign(actor, campaign, True, reason, now)


def release_campaign(actor: Actor, campaign: Campaign, *, now: datetime) -> None:
    _flag_campaign(actor, campaign, False, "", now)


def _flag_campaign(actor: Actor, campaign: Campaign, held_now: bool, reason: str, now: datetime) -> None:
    _active(actor)
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        if held.held != held_now:
            held.held = held_now
            held.save(update_fields=["held"])
            act = "campaign_hold" if held_now else "campaign_release"
            log.note(act, text=reason, campaign=campaign.pk)
            register.note(now, act, prefix=held.prefix)


def freeze(actor: Actor, what: str, *, now: datetime) -> None:
    """Stop revealing: features, all, or (thaw) none. Asked inside begin_reveal, which locks the same row."""
    if what not in FREEZES:
        raise Forbidden(f"“{what}” cannot be frozen: features or all.")
    _active(actor)
    with moving(actor, now) as log:
        office = locks.office()
        if office.frozen != what:
            log.note("freeze", was=office.frozen, now=what)
            office.frozen = what
            office.save(update_fields=["frozen"])
            register.note(now, "freeze", what=what)


def _active(actor: Actor) -> None:
    if actor.officer_id is None or not Officer.objects.filter(pk=actor.officer_id, is_active=True).exists():
        raise Forbidden("Only a person with an active account may do this.")

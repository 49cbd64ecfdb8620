"""Holding and freezing, which anybody may. Nothing here takes anything down, and nothing here ends a stop."""

from __future__ import annotations

from datetime import datetime

from pressqueue import locks, powers, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Campaign, Item, Officer, Stop, StopEnding
from pressqueue.moves import notices

FREEZES = ("none", "features", "all")  # each stops more than the one before


@clean_texts
def hold(actor: Actor, item: Item, reason: str, *, now: datetime) -> Item:
    """Keep one Item from being sent or revealed until it is released.

    Where two people hold it, the hold is the stop of both. Raises Forbidden.
    """
    officer = powers.demand(actor, "hold")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        new = _place(log, officer, now, item=held.item)
        if new or not held.item.held:
            log.note("item_hold", text=reason, item=item.pk)
        if not held.item.held:
            held.item.held = True
            held.item.save(update_fields=["held"])
            register.note(now, "hold", item=held.item.reference)
    return held.item


@clean_texts
def hold_campaign(actor: Actor, campaign: Campaign, reason: str, *, now: datetime) -> None:
    """Keep everything in a campaign from being sent or revealed. Raises Forbidden."""
    officer = powers.demand(actor, "hold_campaign")
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        new = _place(log, officer, now, campaign=held)
        if new or not held.held:
            log.note("campaign_hold", text=reason, campaign=campaign.pk)
        if not held.held:
            held.held = True
            held.save(update_fields=["held"])
            register.note(now, "campaign_hold", prefix=held.prefix)


@clean_texts
def freeze(actor: Actor, what: str, *, now: datetime) -> None:
    """Stop revealing: features or all. begin_reveal locks the same row and checks it.

    Where two people freeze, the freeze is the stop of both. Less than is frozen now would end part of the freeze, which
    takes two people: Forbidden.
    """
    officer = powers.demand(actor, "freeze")
    if what not in FREEZES[1:]:
        raise Forbidden(f"“{what}” cannot be paused: choose features or all. Two people resume publishing at the desk.")
    with moving(actor, now) as log:
        office = locks.office()
        if FREEZES.index(what) < FREEZES.index(office.frozen):
            raise Forbidden("All publishing is paused. Two people must resume it, on the Holds page.")
        new = _place(log, officer, now, what=what)
        if new or office.frozen != what:
            log.note("freeze", was=office.frozen, now=what)
        if office.frozen != what:
            office.frozen = what
            office.save(update_fields=["frozen"])
            register.note(now, "freeze", what=what)


def _place(
    log: Log, officer: Officer, now: datetime, *, item: Item | None = None, campaign: Campaign | None = None,
    what: str = "",
) -> bool:  # fmt: skip
    """Whose stop it is as well from now on; what was asked before, to end it, is void. False where it was theirs.

    The caller holds the Office, or what is stopped, locked.
    """
    pending = StopEnding.objects.filter(item=item, campaign=campaign, decided_at__isnull=True)
    for ending in pending.order_by("pk"):
        ending.decided_by, ending.decided_at = officer, now
        ending.save(update_fields=["decided_by", "decided_at"])
        notices.clear(f"stop_ending:{ending.pk}", now)
        log.note("stop_ending_dropped", ending=ending.pk, reason="placed_again")
    theirs = Stop.objects.filter(item=item, campaign=campaign, placed_by=officer, ended_at__isnull=True)
    if not item and not campaign:
        theirs = theirs.filter(what=what)
    if theirs.exists():
        return False
    Stop.objects.create(item=item, campaign=campaign, what=what, placed_by=officer, placed_at=now)
    return True

"""Changing a campaign: its hours, its title, its lateness, its end. What decides when approved things go out is decided
by somebody who wrote none of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from pressqueue import locks, powers
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.gates import wording
from pressqueue.gates.approval import person_fault
from pressqueue.models import Campaign, Item, Officer, Slot
from pressqueue.moves.releases import writers_of
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState

LONGEST_LATENESS = timedelta(days=7)


@clean_texts
def change_slot(actor: Actor, slot: Slot, *, weekdays: list[int], wall_time: time, now: datetime) -> Slot:
    """Change a Slot's hour or days from its next date on: the old Slot ends, and its Bookings stay as they are.

    Raises Forbidden.
    """
    officer = powers.demand(actor, "change_slot")
    days = weekdays_of(weekdays)
    with moving(actor, now) as log:
        locks.office()
        campaign = locks.campaign(slot.campaign_id)
        demand_timing(officer, campaign, now)
        old = _open(slot)
        _end(log, old, campaign, now)
        return make_slot(log, campaign, days, wall_time, max(old.starts_on, today_of(campaign, now)), now)


@clean_texts
def end_slot(actor: Actor, slot: Slot, *, now: datetime) -> Slot:
    """End one of the campaign's hours. Bookings made before stay. Raises Forbidden."""
    officer = powers.demand(actor, "end_slot")
    with moving(actor, now) as log:
        locks.office()
        campaign = locks.campaign(slot.campaign_id)
        demand_timing(officer, campaign, now)
        old = _open(slot)
        _end(log, old, campaign, now)
    return old


@clean_texts
def edit_campaign(
    actor: Actor, campaign: Campaign, *, title: str = "", lateness: timedelta | None = None, contact: str = "",
    now: datetime,
) -> Campaign:  # fmt: skip
    """Change the title, how long after its hour a missed post may still go out, or the contact details.

    What is empty stays as it is: contact details that appeals rely on cannot be taken away. Slug and prefix never
    change. Raises Forbidden or GatesClosed.
    """
    officer = powers.demand(actor, "edit_campaign")
    if title and (failures := wording.faults_of_campaign(campaign.kind, campaign.prefix, wording.named(title, "", ""))):
        raise GatesClosed(failures)
    if lateness is not None and not timedelta(0) < lateness <= LONGEST_LATENESS:
        raise Forbidden("The lateness is more than nothing and at most a week.")
    with moving(actor, now) as log:
        locks.office()
        locked = locks.campaign(campaign.pk)
        if lateness is not None and lateness != locked.lateness:
            demand_timing(officer, locked, now)
            log.note("campaign_lateness", campaign=locked.pk, was=_seconds(locked.lateness), now=_seconds(lateness))
            locked.lateness = lateness
        if title and title != locked.title:
            log.note("campaign_titled", text=f"{locked.title} -> {title}", campaign=locked.pk)
            locked.title = title
        if (contact := contact.strip()) and contact != locked.contact:
            log.note("campaign_contact", text=f"{locked.contact} -> {contact}", campaign=locked.pk)
            locked.contact = contact
        locked.save(update_fields=["title", "lateness", "contact"])
    return locked


@clean_texts
def close_campaign(actor: Actor, campaign: Campaign, *, now: datetime) -> Campaign:
    """Close a campaign: it takes no new Item and has no hours.

    What is public stays, and can still be taken down. Raises Forbidden.
    """
    powers.demand(actor, "close_campaign")
    with moving(actor, now) as log:
        locks.office()
        locked = locks.campaign(campaign.pk)
        if locked.closed_at is not None:
            raise Forbidden(f"“{locked.title}” is closed already.")
        if left := waiting_in(locked).count():
            raise Forbidden(
                f"{left} of “{locked.title}” wait to be decided or published: withdraw them first, or wait."
            )
        for slot in locked.slots.filter(ends_on__isnull=True).order_by("pk"):
            _end(log, slot, locked, now)
        locked.closed_at = now
        locked.save(update_fields=["closed_at"])
        log.note("campaign_closed", campaign=locked.pk)
    return locked


def demand_timing(officer: Officer, campaign: Campaign, now: datetime) -> None:
    """Raise Forbidden for an officer who may not decide when this campaign's waiting Items go out (R2)."""
    if fault := timing_fault(officer, campaign, now):
        raise Forbidden(fault)


@clean_texts
def timing_fault(officer: Officer, campaign: Campaign, now: datetime) -> str:
    """Returns why this officer may not decide when this campaign's waiting Items go out; empty where they may.

    An author alone would move the hour of what others approved; with nothing waiting any planner may plan.
    """
    waiting = waiting_in(campaign)
    if not waiting.exists():
        return ""
    if fault := person_fault(officer, now):
        return f"Something waits in “{campaign.title}”: an approver decides when it is published. {fault}"
    if officer.pk in writers_of(waiting):
        return f"You wrote or changed what waits in “{campaign.title}”: another approver decides its hours."
    return ""


@clean_texts
def waiting_in(campaign: Campaign) -> QuerySet[Item]:
    """Returns the campaign's Items that are in review or approved and not public."""
    states = [ItemState.IN_REVIEW, ItemState.APPROVED]
    return Item.objects.filter(campaign=campaign, state__in=states).exclude(posts__state__in=COUNTS_AS_PUBLIC)


def make_slot(
    log: Log, campaign: Campaign, days: list[int], wall_time: time, starts_on: date, now: datetime
) -> Slot:  # fmt: skip
    """Create a Slot that begins with its next hour; an hour that has passed today would only be a missed day."""
    if campaign.closed_at is not None:
        raise Forbidden(f"“{campaign.title}” is closed.")
    here = now.astimezone(ZoneInfo(campaign.zone))
    starts_on = max(starts_on, here.date() + timedelta(days=wall_time <= here.time()))
    taken = {day for slot in campaign.slots.filter(ends_on__isnull=True) for day in slot.weekdays}
    if taken & set(days):
        raise Forbidden("The campaign has an hour on one of these days already: one feature a day.")
    slot = Slot.objects.create(campaign=campaign, weekdays=days, wall_time=wall_time, starts_on=starts_on)
    log.note("slot_added", campaign=campaign.pk, slot=slot.pk)
    return slot


def weekdays_of(weekdays: list[int]) -> list[int]:
    """Returns the weekdays in order, each once. Raises Forbidden for one that does not exist."""
    days = sorted(set(weekdays))
    if not days or not all(0 <= day <= 6 for day in days):
        raise Forbidden("Weekdays are 0 (Monday) to 6 (Sunday), at least one.")
    return days


@clean_texts
def today_of(campaign: Campaign, now: datetime) -> date:
    """Returns the date at `now` in the campaign's time zone."""
    return now.astimezone(ZoneInfo(campaign.zone)).date()


def _open(slot: Slot) -> Slot:
    locked = Slot.objects.select_for_update(no_key=True).get(pk=slot.pk)
    if locked.ends_on is not None:
        raise Forbidden("This hour has ended already.")
    return locked


def _end(log: Log, slot: Slot, campaign: Campaign, now: datetime) -> None:
    """Its last date is today where today's hour has come, else yesterday."""
    here = now.astimezone(ZoneInfo(campaign.zone))
    slot.ends_on = here.date() if slot.wall_time <= here.time() else here.date() - timedelta(days=1)
    slot.save(update_fields=["ends_on"])
    log.note("slot_ended", campaign=campaign.pk, slot=slot.pk)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())

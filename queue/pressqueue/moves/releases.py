"""Ending stops: an approver who had no part in it ends a hold, two people end a freeze, and whoever placed it is told.

Where nobody is left who may, two administrators end it, and everybody is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from pressqueue import locks, powers, register, vouching
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.gates.approval import person_fault
from pressqueue.models import Approval, BreakGlass, Campaign, Edit, Item, Office, Officer, Stop, StopEnding
from pressqueue.moves import notices
from pressqueue.moves.holds import FREEZES
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState

ASKED_FOR = timedelta(hours=24)  # how long a request to end a stop may be confirmed


@clean_texts
def release(actor: Actor, item: Item, reason: str, *, now: datetime) -> Item:
    """End an Item's hold. If it missed its hour meanwhile, the lateness rule applies. Raises Forbidden."""
    officer = powers.demand(actor, "release")
    _demand_said(reason)
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        if not held.item.held:
            raise Forbidden(f"{held.item.reference} is not held.")
        _demand_sealed()
        _demand_ender(officer, _involved_in(item=held.item), now)
        _end_hold(log, officer, reason, now, item=held.item)
    return held.item


@clean_texts
def release_campaign(actor: Actor, campaign: Campaign, reason: str, *, now: datetime) -> None:
    """End a campaign's hold. Raises Forbidden.

    Only an approver may who did not place it, and who wrote and approved nothing that waits in it.
    """
    officer = powers.demand(actor, "release_campaign")
    _demand_said(reason)
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        if not held.held:
            raise Forbidden(f"“{held.title}” is not held.")
        _demand_sealed()
        _demand_ender(officer, _involved_in(campaign=held), now)
        _end_hold(log, officer, reason, now, campaign=held)


@clean_texts
def ask_release(
    actor: Actor, reason: str, *, item: Item | None = None, campaign: Campaign | None = None, now: datetime
) -> StopEnding:
    """The first of two administrators asks to end a hold that no approver is left to end. Raises Forbidden."""
    officer = powers.demand(actor, "ask_release")
    _demand_said(reason)
    with moving(actor, now) as log:
        locks.office()
        if an_approver_is_left(item=item, campaign=campaign):
            raise Forbidden("An approver who had no part in it ends this hold: administrators do only where none is.")
        return _ask(log, officer, reason, now, item=item, campaign=campaign)


@clean_texts
def ask_thaw(actor: Actor, to: str, reason: str, *, now: datetime) -> StopEnding:
    """The first of two people asks to end a freeze ("none"), or to reduce "all" to "features". Raises Forbidden."""
    officer = powers.demand(actor, "ask_thaw")
    _demand_said(reason)
    with moving(actor, now) as log:
        office = locks.office()
        if to not in FREEZES or FREEZES.index(to) >= FREEZES.index(office.frozen):
            raise Forbidden("That would resume nothing that is paused now.")
        _demand_thawer(officer)
        return _ask(log, officer, reason, now, to=to)


@clean_texts
def confirm_ending(actor: Actor, ending: StopEnding, *, now: datetime) -> StopEnding:
    """The second person, never the one who asked, agrees, and the stop ends. Raises Forbidden.

    Everything is checked again now.
    """
    officer = powers.demand(actor, "confirm_ending")
    with moving(actor, now) as log:
        office = locks.office()
        locked = StopEnding.objects.select_for_update(no_key=True).select_related("asked_by").get(pk=ending.pk)
        if locked.decided_at is not None or now >= locked.asked_at + ASKED_FOR:
            raise Forbidden("This request was decided, has lapsed, or a stop was placed since: ask again.")
        if officer.pk == locked.asked_by_id:
            raise Forbidden("You asked for this: somebody else must confirm it.")
        if not locked.asked_by.is_active:
            raise Forbidden(f"{locked.asked_by.name}, who asked for this, has no active account any more: ask again.")
        _demand_sealed()
        locked.decided_by, locked.decided_at, locked.confirmed = officer, now, True
        locked.save(update_fields=["decided_by", "decided_at", "confirmed"])
        notices.clear(f"stop_ending:{locked.pk}", now)
        log.note("stop_ending_confirmed", ending=locked.pk, asked_by=locked.asked_by_id)
        if locked.item_id or locked.campaign_id:
            _release_by_two(log, locked, officer, now)
        else:
            _thaw(log, office, locked, officer, now)
    return locked


@clean_texts
def drop_ending(actor: Actor, ending: StopEnding, *, now: datetime) -> None:
    """Refuse the request: the stop stays. Anybody may do so, as anybody may stop."""
    officer = powers.demand(actor, "drop_ending")
    with moving(actor, now) as log:
        locks.office()
        open_one = StopEnding.objects.filter(pk=ending.pk, decided_at__isnull=True)
        if open_one.update(decided_by=officer, decided_at=now):
            notices.clear(f"stop_ending:{ending.pk}", now)
            log.note("stop_ending_dropped", ending=ending.pk, reason="dropped")


def may_end(involved: set[int]) -> QuerySet[Officer]:
    """Returns the approvers who had no part in a hold: any one of them may end it."""
    return _approvers().exclude(pk__in=involved)


@clean_texts
def an_approver_is_left(*, item: Item | None = None, campaign: Campaign | None = None) -> bool:
    """Whether an approver who had no part in this hold may end it, so that no administrator needs to."""
    return may_end(_involved_in(item=item, campaign=campaign)).exists()


@clean_texts
def asked_now(now: datetime) -> QuerySet[StopEnding]:
    """Returns the open requests that a second person may still confirm."""
    waiting = StopEnding.objects.filter(decided_at__isnull=True, asked_at__gt=now - ASKED_FOR)
    return waiting.select_related("asked_by", "item", "campaign").order_by("pk")


def _release_by_two(log: Log, ending: StopEnding, officer: Officer, now: datetime) -> None:
    item = locks.item(ending.item_id).item if ending.item_id else None
    campaign = locks.campaign(ending.campaign_id) if ending.campaign_id else None
    if not (officer.administrator and ending.asked_by.administrator):
        raise Forbidden("Where no approver is left who may end a hold, two administrators do.")
    if an_approver_is_left(item=item, campaign=campaign):
        raise Forbidden("An approver who had no part in it may end this hold by now: administrators no longer do.")
    _end_hold(log, officer, ending.reason, now, item=item, campaign=campaign, everybody=True)


def _thaw(log: Log, office: Office, ending: StopEnding, officer: Officer, now: datetime) -> None:
    if FREEZES.index(ending.to) >= FREEZES.index(office.frozen):
        raise Forbidden("That would resume nothing that is paused now.")
    pair, few = (ending.asked_by, officer), too_few_to_thaw()
    for person in pair:
        _demand_thawer(person)
    if not few and not any(person.may_approve and not person_fault(person, now) for person in pair):
        raise Forbidden("At least one of the two must be an approver who may approve today.")
    stops = Stop.objects.filter(item__isnull=True, campaign__isnull=True, ended_at__isnull=True)
    placers = set(stops.exclude(placed_by=None).values_list("placed_by_id", flat=True))
    if ending.to == "none":
        stops.update(ended_by=officer, ended_at=now)
    else:  # what remains is still the stop of everybody who placed it
        stops.update(what=ending.to)
    was, office.frozen = office.frozen, ending.to
    office.save(update_fields=["frozen"])
    log.note("freeze", text=ending.reason, was=was, now=ending.to)
    register.note(now, "freeze", what=ending.to)
    message = (
        f"Publishing resumed ({was}): asked by {pair[0].name}, confirmed by {officer.name}. Reason: {ending.reason}"
    )
    _notify(f"thawed:{ending.pk}", message, placers, now, everybody=few)


def _end_hold(
    log: Log, officer: Officer, reason: str, now: datetime, *, item: Item | None = None,
    campaign: Campaign | None = None, everybody: bool = False,
) -> None:  # fmt: skip
    stops = Stop.objects.filter(item=item, campaign=campaign, ended_at__isnull=True)
    placers = set(stops.exclude(placed_by=None).values_list("placed_by_id", flat=True))
    stops.update(ended_by=officer, ended_at=now)
    if item is not None:
        item.held, name, key = False, item.reference, f"item:{item.pk}"
        item.save(update_fields=["held"])
        log.note("item_release", text=reason, item=item.pk)
        register.note(now, "release", item=item.reference)
    elif campaign is not None:
        campaign.held, name, key = False, f"“{campaign.title}”", f"campaign:{campaign.pk}"
        campaign.save(update_fields=["held"])
        log.note("campaign_release", text=reason, campaign=campaign.pk)
        register.note(now, "campaign_release", prefix=campaign.prefix)
    message = f"The hold of {name} was ended by {officer.name}. Reason: {reason}"
    _notify(f"released:{key}:{now:%Y%m%d%H%M%S}", message, placers, now, everybody=everybody)


def _ask(
    log: Log, officer: Officer, reason: str, now: datetime, *, item: Item | None = None,
    campaign: Campaign | None = None, to: str = "none",
) -> StopEnding:  # fmt: skip
    waiting = asked_now(now).filter(item=item, campaign=campaign).first()
    if waiting is not None:
        raise Forbidden(f"{waiting.asked_by.name} has asked for this already: confirm that, or drop it.")
    ending = StopEnding.objects.create(
        item=item, campaign=campaign, to=to, reason=reason.strip(), asked_by=officer, asked_at=now
    )
    log.note("stop_ending_asked", text=reason, ending=ending.pk, to=to, item=item.pk if item else None,
             campaign=campaign.pk if campaign else None)  # fmt: skip
    message = f"{officer.name} asks to end a pause or hold. Another person must confirm or reject it on the Holds page."
    notices.notify(f"stop_ending:{ending.pk}", message, now, to=_everybody())
    return ending


def _involved_in(*, item: Item | None = None, campaign: Campaign | None = None) -> set[int]:
    """Whoever wrote, approved or placed: of the Item, or of the campaign's hold and all that waits in it."""
    items = Item.objects.filter(pk=item.pk) if item else Item.objects.filter(campaign=campaign)
    if item is None:
        items = items.filter(state=ItemState.APPROVED).exclude(posts__state__in=COUNTS_AS_PUBLIC)
    placed = Stop.objects.filter(item=item, campaign=campaign, ended_at__isnull=True)
    return writers_of(items) | {
        *Approval.objects.filter(package__item__in=items, void_at__isnull=True).values_list("approver_id", flat=True),
        *(pk for pk in placed.values_list("placed_by_id", flat=True) if pk is not None),
    }


def writers_of(items: QuerySet[Item]) -> set[int]:
    """Returns the ids of everyone who wrote or edited one of them, handed in its file, or declared its emergency."""
    rows = items.values_list("author_id", "original__received_by_id")
    return {
        *(pk for row in rows for pk in row),
        *Edit.objects.filter(item__in=items).values_list("officer_id", flat=True),
        *BreakGlass.objects.filter(item__in=items).values_list("declared_by_id", flat=True),
    }


def _demand_ender(officer: Officer, involved: set[int], now: datetime) -> None:
    if fault := person_fault(officer, now):
        raise Forbidden(fault)
    if officer.pk not in involved:
        return
    others = may_end(involved).exists()
    way = "another approver ends it" if others else "no approver is left who may, so two administrators do"
    raise Forbidden(f"You wrote or approved this, or placed the stop: {way}, on the page Holds.")


def _demand_thawer(officer: Officer) -> None:
    if too_few_to_thaw():
        if not officer.administrator:
            raise Forbidden("Too few people are left who did not pause publishing: two administrators must resume it.")
    elif officer.pk in _freezers():
        raise Forbidden("You paused publishing: two other people must resume it, at least one of them an approver.")


def _freezers() -> set[int]:
    stops = Stop.objects.filter(item__isnull=True, campaign__isnull=True, ended_at__isnull=True)
    return {pk for pk in stops.values_list("placed_by_id", flat=True) if pk is not None}


def too_few_to_thaw() -> bool:
    """Whether fewer than two people who did not place the freeze are left, or no approver among them.

    An approver who may not approve today counts: they may tomorrow, and no administrator can bring this about by a
    code.
    """
    free = Officer.objects.filter(is_active=True).exclude(pk__in=_freezers())
    people = free.filter(Q(may_author=True) | Q(may_approve=True) | Q(administrator=True))
    return people.count() < 2 or not _approvers().exclude(pk__in=_freezers()).exists()  # two people


def _approvers() -> QuerySet[Officer]:
    people = Officer.objects.filter(is_active=True, may_approve=True)
    return people if Office.objects.filter(exercise=True).exists() else people.filter(administrator=False)


def _demand_sealed() -> None:
    """Who placed it, who asks, and who else is left decide who ends a stop: no row that somebody else wrote does."""
    people = Officer.objects.order_by("pk").values_list("pk", flat=True)
    vouching.demand_rows(["office", "stops", *(f"officer:{pk}" for pk in people)], "this stop")


def _demand_said(reason: str) -> None:
    if not reason.strip():
        raise Forbidden("Say why the stop ends: it is logged, and told to whoever placed it.")


def _notify(cause: str, message: str, placers: set[int], now: datetime, *, everybody: bool) -> None:
    notices.notify(cause, message, now, to=_everybody() if everybody else placers)


def _everybody() -> list[int]:
    return list(Officer.objects.filter(is_active=True).values_list("pk", flat=True))

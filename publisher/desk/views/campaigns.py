"""Campaigns: their hours, their lateness, their end. Who may change what is decided by the moves and shown before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import powers
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Campaign, Slot
from pressqueue.moves import campaign_changes
from pressqueue.moves import campaigns as campaign_moves
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, officer_of
from publisher.desk.forms.campaigns import DAYS, HOUR, AddHourForm, ChangeHourForm, EditForm
from publisher.desk.refusals import code_of, sentences

_SPANS = {tuple(range(7)): "every day", tuple(range(5)): "Monday to Friday"}
F = TypeVar("F", bound=forms.Form)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a campaign, in words; `form` where this officer may change it, `may_end` where they may end it."""

    slot: Slot
    words: str
    form: ChangeHourForm | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign. `fault`: why this officer does not decide its hours now; the forms are those they may send."""

    campaign: Campaign
    hours: list[Hour]
    lateness: str
    waiting: int
    fault: str
    add: AddHourForm | None
    edit: EditForm | None
    may_close: bool


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def add_hour(request: HttpRequest, slug: str) -> HttpResponse:
    """One more hour."""
    campaign, now = get_object_or_404(Campaign, slug=slug), database_now()
    form = AddHourForm(campaign, campaign_changes.today_of(campaign, now), request.POST)

    def add() -> str:
        given = form.cleaned_data
        slot = campaign_moves.add_slot(
            actor_of(request), campaign, weekdays=given["days"], wall_time=given["at"], starts_on=given["starts"],
            now=now,
        )  # fmt: skip
        return f"“{campaign.title}” has a new hour: {_words(slot)}, from {_day(slot)} on."

    return _done(request, form, add)


@require_POST
def change_hour(request: HttpRequest, number: int) -> HttpResponse:
    """Another time, or other days, from its next date on."""
    slot = get_object_or_404(Slot.objects.select_related("campaign"), pk=number)
    form = ChangeHourForm(slot, request.POST)

    def change() -> str:
        given = form.cleaned_data
        made = campaign_changes.change_slot(
            actor_of(request), slot, weekdays=given["days"], wall_time=given["at"], now=database_now()
        )
        return f"Changed: “{slot.campaign.title}” publishes {_words(made)}, from {_day(made)} on."

    return _done(request, form, change)


@require_POST
def end_hour(request: HttpRequest, number: int) -> HttpResponse:
    """The campaign has this hour no more."""
    slot = get_object_or_404(Slot.objects.select_related("campaign"), pk=number)

    def end() -> str:
        campaign_changes.end_slot(actor_of(request), slot, now=database_now())
        return f"“{slot.campaign.title}” no longer has this hour: {_words(slot)}."

    return _done(request, forms.Form({}), end)


@require_POST
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Another title, another lateness."""
    campaign = get_object_or_404(Campaign, slug=slug)
    form = EditForm(campaign, request.POST)

    def change() -> str:
        changed = campaign_changes.edit_campaign(actor_of(request), campaign, **form.changes(), now=database_now())
        return f"“{changed.title}” is saved." if form.changed_data else "Nothing was changed."

    return _done(request, form, change)


@require_POST
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """It takes no new Item and has no hours any more."""
    campaign = get_object_or_404(Campaign, slug=slug)

    def end() -> str:
        campaign_changes.close_campaign(actor_of(request), campaign, now=database_now())
        return f"“{campaign.title}” is closed. What is public stays."

    return _done(request, forms.Form({}), end)


def _done(request: HttpRequest, form: forms.Form, move: Callable[[], str]) -> HttpResponse:
    """Back to the page with what was done; or the page again, with what was typed and why it was refused.

    Whoever may make no such move at all is offered no form: theirs is the page of refusals.
    """
    if not form.is_valid():
        return _page(request, form, code=400)
    try:
        words = move()
    except powers.NoPower:
        raise
    except (Forbidden, GatesClosed) as refused:
        for sentence in sentences(refused):
            form.add_error(None, sentence)
        return _page(request, form, code=code_of(refused))
    messages.success(request, words)
    return redirect("campaigns")


def _page(request: HttpRequest, refused: forms.Form | None = None, code: int = 200) -> HttpResponse:
    now = database_now()
    found = Campaign.objects.prefetch_related("slots").order_by("title", "pk")
    rows = [_row(request, campaign, refused, now) for campaign in found]
    context = {
        "open": [row for row in rows if row.campaign.closed_at is None],
        "closed": [row for row in rows if row.campaign.closed_at is not None],
        "may_make": powers.allows(actor_of(request), "make_campaign"),
        "forms_with_errors": [refused] if refused else [],
    }
    return render(request, "desk/campaigns.html", context, status=code)


def _row(request: HttpRequest, campaign: Campaign, refused: forms.Form | None, now: datetime) -> Row:
    today, actor = campaign_changes.today_of(campaign, now), actor_of(request)
    fault = campaign_changes.timing_fault(officer_of(request), campaign, now)

    def may(move: str) -> bool:
        return campaign.closed_at is None and powers.allows(actor, move)

    def timed(move: str) -> bool:
        return may(move) and not fault

    def hour(slot: Slot) -> Hour:
        ends = f", for the last time on {slot.ends_on:%-d %B %Y}" if slot.ends_on else ""
        starts = f", from {_day(slot)} on" if slot.starts_on > today else ""
        form = _kept(ChangeHourForm(slot), refused) if timed("change_slot") and not slot.ends_on else None
        return Hour(slot, _words(slot) + starts + ends, form, timed("end_slot") and not slot.ends_on)

    slots = sorted(campaign.slots.all(), key=lambda slot: (slot.wall_time, slot.pk))
    return Row(
        campaign=campaign,
        hours=[hour(slot) for slot in slots if slot.ends_on is None or slot.ends_on >= max(today, slot.starts_on)],
        lateness=_hours(campaign),
        waiting=campaign_changes.waiting_in(campaign).count(),
        fault=fault if may("add_slot") else "",
        add=_kept(AddHourForm(campaign, today), refused) if timed("add_slot") else None,
        edit=_kept(EditForm(campaign), refused) if may("edit_campaign") else None,
        may_close=may("close_campaign"),
    )


def _kept(fresh: F, refused: forms.Form | None) -> F:
    """What was sent and refused, in the place of the empty form of the same name."""
    return refused if isinstance(refused, type(fresh)) and refused.prefix == fresh.prefix else fresh


def _words(slot: Slot) -> str:
    """“every day at 08:00”, “on Monday and Friday at 08:00”."""
    *first, last = (DAYS[number] for number in slot.weekdays)
    days = _SPANS.get(tuple(slot.weekdays)) or (f"on {', '.join(first)} and {last}" if first else f"on {last}")
    return f"{days} at {slot.wall_time:%H:%M}"


def _day(slot: Slot) -> str:
    return f"{slot.starts_on:%-d %B %Y}"


def _hours(campaign: Campaign) -> str:
    hours = campaign.lateness / HOUR
    return f"{hours:g} hour{'' if hours == 1 else 's'}"

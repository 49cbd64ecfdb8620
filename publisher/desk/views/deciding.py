"""Approving and sending back, once for both places it is done at: an Item's own page, and one still after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, Item
from pressqueue.moves import items
from pressqueue.moves.leases import database_now
from publisher.desk import decision, refusals
from publisher.desk.access import actor_of, item_named
from publisher.desk.forms.decisions import ApproveForm
from publisher.desk.forms.reasons import ReasonForm


@dataclass(frozen=True, slots=True)
class Place:
    """Where a decision is made.

    `page` shows the Item again, with the form that was refused and what stood in the way. `approved` words what the
    approval led to, `sent_back` what is said of an Item that went back; then the officer is led on to `leads_to`.
    """

    page: Callable[..., HttpResponse]
    approved: Callable[[Item, Approval], str]
    sent_back: str
    leads_to: str
    batch: bool = False


def approve(request: HttpRequest, reference: str, place: Place) -> HttpResponse:
    """The decision, for exactly the digest that was on the page."""
    found = item_named(reference)
    form = ApproveForm(found, request.POST)
    if not form.is_valid():
        return place.page(request, found, approve=form, code=400)
    try:
        digest, said = form.cleaned_data["digest"], decision.said(request, found, form, batch=place.batch)
        approval = items.approve(actor_of(request), found, digest, deciding=said, now=database_now())
    except (Forbidden, GatesClosed) as refused:
        fresh = item_named(reference)
        return place.page(request, fresh, approve=form, refused=refused, code=decision.code_of(refused, fresh, form))
    messages.success(request, place.approved(item_named(reference), approval))
    return redirect(place.leads_to)


def send_back(request: HttpRequest, reference: str, place: Place) -> HttpResponse:
    """Back to its author, with a reason."""
    found, form = item_named(reference), ReasonForm(request.POST, prefix="back")
    if not form.is_valid():
        return place.page(request, found, send_back=form, code=400)
    try:
        reason, said = form.cleaned_data["reason"], decision.said(request, found, batch=place.batch)
        items.send_back(actor_of(request), found, reason, deciding=said, now=database_now())
    except Forbidden as refused:
        code = refusals.code_of(refused)
        return place.page(request, item_named(reference), send_back=form, refused=refused, code=code)
    messages.success(request, place.sent_back.format(found.reference))
    return redirect(place.leads_to)

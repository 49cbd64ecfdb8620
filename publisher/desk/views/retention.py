"""How long the evidence is kept: legal holds, and what two people may purge."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue.models import LegalHold, Purge
from pressqueue.moves import retention as retention_moves
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, item_named, office, officer_of
from publisher.desk.forms.press import AuthorityForm, LegalHoldForm
from publisher.disclosure import purging


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """A legal hold on an Item or a person."""
    form = LegalHoldForm(request.POST, prefix="place")
    if not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    retention_moves.place_hold(actor_of(request), said["on"], said["why"], said["authority"], now=database_now())
    messages.success(request, "The legal hold is still in force: nothing is purged.")
    return redirect("retention")


@require_POST
def lift(request: HttpRequest, number: int) -> HttpResponse:
    """It ends, by somebody who did not place it."""
    hold, form = LegalHold.objects.filter(pk=number).first(), AuthorityForm(request.POST, prefix=f"hold{number}")
    if hold is None:
        raise Http404("There is no such hold.")
    if not form.is_valid():
        return _page(request, form)
    retention_moves.lift_hold(actor_of(request), hold, form.cleaned_data["authority"], now=database_now())
    messages.success(request, "The legal hold is lifted.")
    return redirect("retention")


@require_POST
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """The first person asks for a purge."""
    item, form = item_named(reference), AuthorityForm(request.POST, prefix=reference)
    if not form.is_valid():
        return _page(request, form)
    retention_moves.ask_purge(actor_of(request), item, form.cleaned_data["authority"], now=database_now())
    messages.success(request, f"Asked for. Nothing of {item.reference} is erased before another person confirms.")
    return redirect("retention")


@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """The second person confirms, or anybody drops it."""
    purge, now = Purge.objects.select_related("item").filter(pk=number).first(), database_now()
    if purge is None:
        raise Http404("There is no such purge.")
    if request.POST.get("answer") != "confirm":
        retention_moves.drop_purge(actor_of(request), purge, now=now)
        messages.success(request, "Dropped. Nothing was erased.")
        return redirect("retention")
    done = retention_moves.confirm_purge(actor_of(request), purge, now=now)
    purging.remove_files(office(), done, now)
    messages.success(request, f"{purge.item.reference} is purged. Its hashes and the authority stay.")
    return redirect("retention")


def _page(request: HttpRequest, refused: forms.Form | None = None) -> HttpResponse:
    now, refused_prefix = database_now(), refused.prefix if refused is not None else ""

    def form(prefix: str, kind: type[forms.Form]) -> forms.Form:
        return refused if refused is not None and prefix == refused_prefix else kind(prefix=prefix)

    holds = LegalHold.objects.filter(lifted_at__isnull=True).select_related("item", "subject", "placed_by")
    asked = Purge.objects.filter(dropped_at__isnull=True, erased_at__isnull=True, confirmed_at__isnull=True)
    officer = officer_of(request)
    context = {
        "holds": [(hold, form(f"hold{hold.pk}", AuthorityForm)) for hold in holds.order_by("pk")],
        "asked": [
            (each, officer.may_approve and each.asked_by_id != officer.pk)
            for each in asked.select_related("item", "asked_by").order_by("pk")
        ],
        "due": [(item, form(item.reference, AuthorityForm)) for item in retention_moves.purgeable(now)],
        "place": form("place", LegalHoldForm),
        "forms_with_errors": [refused] if refused else [],
    }
    return render(request, "desk/retention.html", context, status=400 if refused else 200)

"""Holds of campaigns, the office's freeze, and the switch that takes a whole operation down (R56)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pressqueue import moves
from pressqueue.leases import database_now
from pressqueue.models import Campaign, Item, Post
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState
from publisher.desk.access import actor_of
from publisher.desk.forms import OperationForm, ReasonForm

_FROZEN = {
    "none": "Nothing is frozen any more.",
    "features": "Features are frozen. Appeals and withdrawals go on.",
    "all": "Everything is frozen: nothing is made public. Withdrawals go on.",
}


@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze features or everything, or thaw."""
    what = request.POST.get("what", "")
    moves.freeze(actor_of(request), what, now=database_now())
    messages.success(request, _FROZEN[what])
    return redirect("holds")


@require_POST
def hold_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep everything of a campaign from going out."""
    campaign, form = _campaign(slug), ReasonForm(request.POST, prefix=slug)
    if not form.is_valid():
        return _page(request, refused=(slug, form), code=400)
    moves.hold_campaign(actor_of(request), campaign, form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"“{campaign.title}” is held.")
    return redirect("holds")


@require_POST
def release_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """End a campaign's hold."""
    campaign = _campaign(slug)
    moves.release_campaign(actor_of(request), campaign, now=database_now())
    messages.success(request, f"“{campaign.title}” is released.")
    return redirect("holds")


@require_http_methods(["GET", "HEAD", "POST"])
def take_down_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything of it, whatever state it is in, in one action that is confirmed by typing its name."""
    campaign = _campaign(slug)
    form = OperationForm(campaign, request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = moves.withdraw_operation(actor_of(request), campaign, now=database_now())
        messages.success(
            request,
            f"Taking down “{campaign.title}” has begun: {len(done)} Items. Each counts as down only when its "
            "platform confirms it.",
        )
        return redirect("live")
    counts = {
        "up": Post.objects.filter(item__campaign=campaign, state__in=COUNTS_AS_PUBLIC).count(),
        "items": Item.objects.filter(campaign=campaign).exclude(state=ItemState.WITHDRAWN).count(),
    }
    context = {"campaign": campaign, "form": form, "counts": counts}
    return render(request, "desk/take_down_campaign.html", context, status=400 if form.errors else 200)


def _campaign(slug: str) -> Campaign:
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        raise Http404("There is no such campaign.")
    return campaign


def _page(request: HttpRequest, refused: tuple[str, ReasonForm] | None = None, code: int = 200) -> HttpResponse:
    rows = []
    for campaign in Campaign.objects.order_by("title"):
        waiting = Item.objects.filter(campaign=campaign, state=ItemState.APPROVED).count()
        mine = refused[1] if refused and refused[0] == campaign.slug else ReasonForm(prefix=campaign.slug)
        rows.append((campaign, waiting, mine))
    held = Item.objects.filter(held=True).exclude(state__in=["withdrawn", "expired"]).order_by("reference")
    context = {"rows": rows, "held": held, "forms_with_errors": [refused[1]] if refused else []}
    return render(request, "desk/holds.html", context, status=code)

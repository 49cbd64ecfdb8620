"""Holds of campaigns, the office's freeze, and the switch that takes a whole operation down (R56)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pressqueue import operations, powers
from pressqueue.models import Campaign, Item, StopEnding
from pressqueue.moves import holds as hold_moves
from pressqueue.moves import releases, takedown
from pressqueue.moves.leases import database_now
from pressqueue.states import ItemState
from publisher.desk.access import actor_of, item_named, officer_of
from publisher.desk.forms.reasons import ReasonForm
from publisher.desk.forms.stopping import OperationForm
from publisher.scheduling import schedule_text

_FROZEN = {
    "features": "Features are paused. Appeals still go out, and you can still take things down.",
    "all": "All publishing is paused. You can still take things down.",
}


@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Pause features or everything. Ending it takes two people: `thaw`."""
    what = request.POST.get("what", "")
    hold_moves.freeze(actor_of(request), what, now=database_now())
    messages.success(request, _FROZEN[what])
    return redirect("holds")


@require_POST
def hold_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep everything of a campaign from going out."""
    campaign, form = _campaign(slug), ReasonForm(request.POST, prefix=slug)
    if not form.is_valid():
        return _page(request, refused=(slug, form), code=400)
    hold_moves.hold_campaign(actor_of(request), campaign, form.cleaned_data["reason"], now=database_now())
    messages.success(request, schedule_text.campaign_held_words(campaign))
    return redirect("holds")


@require_POST
def release_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """End a campaign's hold, with a reason."""
    campaign, form = _campaign(slug), ReasonForm(request.POST, prefix=slug)
    if not form.is_valid():
        return _page(request, refused=(slug, form), code=400)
    releases.release_campaign(actor_of(request), campaign, form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"“{campaign.title}” is released.")
    return redirect("holds")


@require_POST
def thaw(request: HttpRequest) -> HttpResponse:
    """Ask that the freeze, or a part of it, ends."""
    form = ReasonForm(request.POST, prefix="thaw")
    if not form.is_valid():
        return _page(request, refused=("thaw", form), code=400)
    to, reason = request.POST.get("to", ""), form.cleaned_data["reason"]
    releases.ask_thaw(actor_of(request), to, reason, now=database_now())
    messages.success(request, "Asked. A second person must confirm it on this page.")
    return redirect("holds")


@require_POST
def ask_release(request: HttpRequest) -> HttpResponse:
    """An administrator asks that a hold ends which no approver is left to end."""
    slug, reference = request.POST.get("campaign", ""), request.POST.get("item", "")
    name = f"two:{slug or reference}"
    form = _two(name, request.POST)
    if not form.is_valid():
        return _page(request, refused=(name, form), code=400)
    campaign, item = (_campaign(slug), None) if slug else (None, item_named(reference))
    releases.ask_release(
        actor_of(request), form.cleaned_data["reason"], campaign=campaign, item=item, now=database_now()
    )
    messages.success(request, "Asked. Another administrator must confirm it on this page.")
    return redirect("holds")


@require_POST
def decide_ending(request: HttpRequest, number: int) -> HttpResponse:
    """The second person confirms that a stop ends; or anybody says that it stays."""
    ending = get_object_or_404(StopEnding, pk=number)
    if request.POST.get("decision") == "confirm":
        releases.confirm_ending(actor_of(request), ending, now=database_now())
        messages.success(request, "Confirmed: publishing has resumed. Whoever stopped it is notified.")
    else:
        releases.drop_ending(actor_of(request), ending, now=database_now())
        messages.success(request, "The request is closed. The pause or hold remains.")
    return redirect("holds")


@require_http_methods(["GET", "HEAD", "POST"])
def take_down_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything of it, whatever state it is in, in one action that is confirmed by typing its name."""
    campaign = _campaign(slug)
    form = OperationForm(campaign, request.POST or None)
    counts = {"up": operations.copies(campaign), "items": len(operations.to_take_down(campaign))}
    if request.method == "POST" and form.is_valid():
        takedown.withdraw_operation(actor_of(request), campaign, now=database_now())
        items, copies = _number(counts["items"], "Item", "Items"), _number(counts["up"], "copy", "copies")
        messages.success(
            request,
            f"Taking down “{campaign.title}” has begun: {items}, {copies}. Each counts as down only when its platform "
            "confirms it.",
        )
        return redirect("live")
    context = {"campaign": campaign, "form": form, "counts": counts}
    return render(request, "desk/take_down_campaign.html", context, status=400 if form.errors else 200)


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _campaign(slug: str) -> Campaign:
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        raise Http404("There is no such campaign.")
    return campaign


def _page(request: HttpRequest, refused: tuple[str, ReasonForm] | None = None, code: int = 200) -> HttpResponse:
    def form(name: str) -> ReasonForm:
        return refused[1] if refused and refused[0] == name else ReasonForm(prefix=name)

    def two(item: Item | None, campaign: Campaign | None) -> ReasonForm | None:
        """Only where no approver is left, and only for those who may ask."""
        name = f"two:{item.reference if item else campaign.slug if campaign else ''}"
        if not administrator or releases.an_approver_is_left(item=item, campaign=campaign):
            return None
        return refused[1] if refused and refused[0] == name else _two(name)

    administrator = officer_of(request).administrator
    held = Item.objects.filter(held=True).exclude(state__in=["withdrawn", "expired"]).order_by("reference")
    context = {
        "rows": [
            {
                "campaign": campaign,
                "approved": Item.objects.filter(campaign=campaign, state=ItemState.APPROVED).count(),
                "form": form(campaign.slug),
                "two": two(None, campaign) if campaign.held else None,
            }
            for campaign in Campaign.objects.order_by("title")
        ],
        "held": [
            {
                "item": item,
                "form": ReasonForm(prefix="release", auto_id=f"id_{item.reference}_%s"),
                "two": two(item, None),
            }
            for item in held
        ],
        "thaw": form("thaw"),
        "too_few": releases.too_few_to_thaw(),
        "may_confirm": powers.allows(actor_of(request), "confirm_ending"),
        "asked": releases.asked_now(database_now()),
        "forms_with_errors": [refused[1]] if refused else [],
    }
    return render(request, "desk/holds.html", context, status=code)


def _two(name: str, given: QueryDict | None = None) -> ReasonForm:
    """Each on the page has ids of its own, since every held campaign and Item may have one."""
    return ReasonForm(given, prefix="two", auto_id=f"id_{name.partition(':')[2]}_%s")

"""One Item: its full-size rendition, its words, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pressqueue.holds import held_because
from pressqueue.models import Approval, Item, MediaAddress, Office, Subject
from pressqueue.moves import amendment_trial, holds, releases, takedown
from pressqueue.moves.leases import database_now
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState
from publisher.desk import decision, facts, missing, refusals, shown, verification
from publisher.desk.access import actor_of, item_named, officer_of
from publisher.desk.forms.decisions import ApproveForm
from publisher.desk.forms.reasons import ReasonForm
from publisher.desk.forms.stopping import TakeDownForm
from publisher.desk.views import deciding
from publisher.desk.views.why import asked
from publisher.scheduling import schedule_text

_ENDED = (ItemState.WITHDRAWN, ItemState.EXPIRED)
_CHANGEABLE = (ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.APPROVED)


@require_safe
def item(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of one Item; or, since they share their numbers, of one person."""
    if person := Subject.objects.filter(number=reference.upper()).first():
        return redirect("person", person.number)
    found = item_named(reference)
    return asked(request, found, request.get_full_path()) or _page(request, found)


@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """The decision, for exactly the digest that was on the page."""
    return deciding.approve(request, reference, _HERE)


@require_POST
def send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Back to its author, with a reason."""
    return deciding.send_back(request, reference, _HERE)


@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request: HttpRequest, reference: str) -> HttpResponse:
    """One reason, one button. What stands comes down, what waits is cancelled."""
    found, form = item_named(reference), TakeDownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        takedown.withdraw(actor_of(request), found, form.cleaned_data["reason"], now=database_now())
        messages.success(
            request, f"Taking {found.reference} down has begun. It counts as down only when each platform confirms it."
        )
        return redirect("live")
    posts = list(found.posts.exclude(state__in=["removed", "cancelled"]).order_by("destination"))
    code = 400 if form.errors else 200
    context = {"item": found, "files": shown.files_of(found), "form": form, "posts": posts}
    return render(request, "desk/take_down.html", context, status=code)


@require_POST
def hold(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep it from going out until it is released. Nothing comes down."""
    found, form = item_named(reference), ReasonForm(request.POST, prefix="hold")
    if not form.is_valid():
        return _page(request, found, hold=form, code=400)
    held = holds.hold(actor_of(request), found, form.cleaned_data["reason"], now=database_now())
    messages.success(request, schedule_text.held_words(held))
    return redirect("item", found.reference)


@require_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """End a hold, with a reason."""
    found, form = item_named(reference), ReasonForm(request.POST, prefix="release")
    if not form.is_valid():
        return _page(request, found, release=form, code=400)
    releases.release(actor_of(request), found, form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"{found.reference} is released.")
    return redirect("item", found.reference)


def _page(
    request: HttpRequest,
    found: Item,
    *,
    approve: ApproveForm | None = None,
    send_back: ReasonForm | None = None,
    hold: ReasonForm | None = None,
    release: ReasonForm | None = None,
    refused: Exception | None = None,
    code: int = 200,
) -> HttpResponse:
    """The Item's page; with a form that was refused it says why, and keeps what was typed."""
    now, officer = database_now(), officer_of(request)
    digest = found.package.digest if found.package else ""
    if approve is not None and digest and approve.data.get("digest") != digest:
        approve = None  # its tick was for another version
    in_review = found.state == ItemState.IN_REVIEW
    answering = Prefetch(
        "media_addresses", queryset=MediaAddress.objects.filter(gone_at__isnull=True), to_attr="still_answering"
    )
    of_item = found.posts.select_related("by_hand_by", "item__campaign").prefetch_related(answering)
    posts = list(of_item.order_by("destination", "-pk"))
    context: dict[str, Any] = {
        **facts.of(found, now),
        "rules": shown.rule_status(found, now),
        "trail": shown.trail_of(found),
        "posts": posts,
        "held_because": "" if found.state in _ENDED else held_because(Office.objects.get(), found.campaign, found),
        "in_review": in_review,
        "amendment": amendment_trial.drafted(found),
        "amendable": officer.may_author and amendment_trial.may_be_amended(found),
        **(decision.asked_of(request, found, now) if in_review else {}),
        **verification.of(found, officer, now),
        "approve": approve or ApproveForm(found, initial={"digest": digest}),
        "send_back": send_back or ReasonForm(prefix="back"),
        "hold": hold or ReasonForm(prefix="hold"),
        "release": release or ReasonForm(prefix="release"),
        "refusals": refusals.sentences(refused) if refused else [],
        "changeable": officer.may_author and found.state in _CHANGEABLE and not _public(found),
        "may_submit": officer.may_author and found.state == ItemState.DRAFT,
        "may_send_back": found.state in (ItemState.IN_REVIEW, ItemState.SUBMITTED)
        and (officer.may_author or officer.may_approve),
        "may_take_down": found.state != ItemState.WITHDRAWN,
        "forms_with_errors": [form for form in (approve, send_back, hold, release) if form is not None and form.errors],
    }
    return render(request, "desk/item.html", context, status=code)


def _public(found: Item) -> bool:
    return found.posts.filter(state__in=COUNTS_AS_PUBLIC).exists()


def _approved(item: Item, approval: Approval) -> str:
    """What follows now, and what somebody has still to do before its hour."""
    now = database_now()
    if wanting := shown.wanting(item, now):
        return f"Your approval of {item.reference} is kept. {' '.join(wanting)}"
    seen, ahead = schedule_text.of(item, now), missing.before_its_hour(item, now)
    then = " ".join(["Before then:", *(each.sentence for each in ahead)]) if ahead else ""
    return f"{item.reference} is approved. {seen.label}: {seen.words}. {then}".strip()


_HERE = deciding.Place(_page, _approved, sent_back="{} is sent back to its author.", leads_to="waiting")

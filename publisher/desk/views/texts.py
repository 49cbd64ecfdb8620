"""Texts the machine publishes by itself: what waits for a second person, what is in force, and a new draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import public_texts
from pressqueue.errors import GatesClosed
from pressqueue.models import ApprovedText, Totals
from pressqueue.moves import public_texts as public_text_moves
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, officer_of
from publisher.desk.forms.texts import TextForm
from publisher.desk.refusals import sentences


@dataclass(frozen=True, slots=True)
class Row:
    """One text. `now`: what an album would read today; `may`: whether this officer may approve it."""

    text: ApprovedText
    now: str
    may: bool
    before: ApprovedText | None  # what it would take the place of


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Words for somebody else to approve; what is refused stays typed."""
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    try:
        public_text_moves.draft_text(
            actor_of(request), given["kind"], form.campaign(), title=given["title"], body=given["body"],
            now=database_now(),
        )  # fmt: skip
    except GatesClosed as refused:
        for sentence in sentences(refused):
            form.add_error("body", sentence)
        return _page(request, form)
    messages.success(request, "Drafted. A second person approves it here.")
    return redirect("texts")


@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """In force from now on, exactly as the page showed it."""
    public_text_moves.approve_text(actor_of(request), _text(number), request.POST.get("digest", ""), now=database_now())
    messages.success(request, "Approved: this text is in use.")
    return redirect("texts")


@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """A draft is thrown away, or approved words are in force no more."""
    public_text_moves.drop_text(actor_of(request), _text(number), now=database_now())
    messages.success(request, "Dropped.")
    return redirect("texts")


def _text(number: int) -> ApprovedText:
    text = ApprovedText.objects.select_related("campaign").filter(pk=number).first()
    if text is None:
        raise Http404("There is no such text.")
    return text


def _page(request: HttpRequest, refused: TextForm | None = None) -> HttpResponse:
    officer = officer_of(request)
    totals = {each.pk: each for each in Totals.objects.all()}
    standing_now = ApprovedText.objects.filter(ended_at__isnull=True).order_by("campaign__title", "kind", "pk")
    in_force: dict[tuple[str, int | None], ApprovedText] = {}
    rows: dict[bool, list[Row]] = {True: [], False: []}
    found = list(standing_now.select_related("campaign", "drafted_by", "approved_by"))
    for text in found:
        if text.approved_at is not None:
            in_force[text.kind, text.campaign_id] = text
    for text in found:
        may = text.approved_at is None and officer.may_approve and text.drafted_by_id != officer.pk
        told = public_texts.of_totals(totals.get(text.campaign_id or 0))
        reads = public_texts.filled(text.body, told) if text.kind == ApprovedText.Kind.ALBUM else ""
        before = in_force.get((text.kind, text.campaign_id)) if text.approved_at is None else None
        rows[text.approved_at is not None].append(Row(text, reads if reads != text.body else "", may, before))
    context = {
        "waiting": rows[False],
        "in_force": rows[True],
        "may_drop": officer.may_author or officer.may_approve,
        "draft": (refused or TextForm()) if officer.may_author else None,
        "forms_with_errors": [refused] if refused else [],
    }
    return render(request, "desk/texts.html", context, status=400 if refused else 200)

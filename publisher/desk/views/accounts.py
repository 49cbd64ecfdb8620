"""The platform accounts: whether they work, and the officer's word that comments are off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import moves, policy
from pressqueue.accounts import stopped_because
from pressqueue.leases import database_now
from pressqueue.models import Account, SealedToken
from publisher.desk.access import actor_of, office


@dataclass(frozen=True, slots=True)
class Row:
    """One configured destination."""

    name: str
    kind: str
    connected: bool
    stopped: str
    account: Account | None
    attestable: bool  # only where comments cannot be closed for each post
    attested_until: datetime | None
    attested: bool


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The page."""
    now = database_now()
    rows = [_row(name, settings.kind, now) for name, settings in sorted(office().destinations.items())]
    return render(request, "desk/accounts.html", {"rows": rows})


@require_POST
def attest_comments(request: HttpRequest, name: str) -> HttpResponse:
    """Record that this officer saw the channel's comments switched off by default (R17)."""
    if name not in office().destinations:
        raise Http404("There is no such destination.")
    if request.POST.get("looked") != "yes":
        messages.error(request, "Look at the channel's settings first, then tick the box and press the button.")
        return redirect("accounts")
    moves.attest_comments_closed(actor_of(request), name, now=database_now())
    messages.success(
        request, f"Recorded for {policy.current().attestation.days} days: comments are off by default on {name}."
    )
    return redirect("accounts")


def _row(name: str, kind: str, now: datetime) -> Row:
    account = Account.objects.select_related("comments_closed_by").filter(pk=name).first()
    closed_at = account.comments_closed_at if account else None
    until = closed_at + policy.current().attestation if closed_at else None
    return Row(
        name=name,
        kind=kind,
        connected=kind == "folder" or SealedToken.objects.filter(pk=name).exists(),
        stopped=stopped_because(name, now),
        account=account,
        attestable=kind == "youtube",
        attested_until=until,
        attested=until is not None and now <= until,
    )

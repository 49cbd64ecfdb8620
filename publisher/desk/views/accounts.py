"""The platform accounts: whether they work, and the officer's word that comments are off."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import policy, powers
from pressqueue.destination_names import name_of
from pressqueue.models import Account, SealedToken
from pressqueue.moves import platform_accounts
from pressqueue.moves.accounts import stopped_because
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, office, originals
from publisher.desk.fit import needs_attestation
from publisher.desk.forms.platforms import EvidenceForm
from publisher.media.errors import BadMedia
from publisher.publishing import intake
from publisher.workers.plugins import needs_consent


@dataclass(frozen=True, slots=True)
class Row:
    """One configured destination."""

    name: str
    connected: bool
    stopped: str
    account: Account | None
    attestable: bool  # only where comments cannot be closed for each post
    attested_until: datetime | None
    attested: bool
    form: EvidenceForm


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The page."""
    now = database_now()
    rows = [_row(name, now) for name in sorted(office().destinations)]
    may_attest, days = powers.allows(actor_of(request), "attest_comments_closed"), policy.current().attestation.days
    return render(request, "desk/accounts.html", {"rows": rows, "may_attest": may_attest, "days": days})


@require_POST
def attest_comments(request: HttpRequest, name: str) -> HttpResponse:
    """Record that this officer saw the channel's comments switched off by default (R17)."""
    if name not in office().destinations:
        raise Http404("There is no such destination.")
    form = EvidenceForm(request.POST, request.FILES, prefix=name)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("accounts")
    actor, upload, now = actor_of(request), form.cleaned_data["evidence"], database_now()
    powers.demand(actor, "attest_comments_closed")  # before anything is kept
    assert isinstance(upload, TemporaryUploadedFile)
    try:
        with intake.form_of(
            actor, None, Path(upload.temporary_file_path()), upload.name or "", originals(), now
        ) as kept:
            platform_accounts.attest_comments_closed(actor, name, kept, now=now)
    except BadMedia as bad:
        messages.error(request, bad.message)
        return redirect("accounts")
    messages.success(
        request,
        f"Recorded for {policy.current().attestation.days} days: comments are off by default on {name_of(name)}.",
    )
    return redirect("accounts")


@require_safe
def evidence(request: HttpRequest, name: str) -> HttpResponseBase:
    """The picture or PDF of the channel's settings that was attached, exactly as it came in; always as a download."""
    account = get_object_or_404(Account.objects.select_related("comments_evidence"), pk=name)
    file = account.comments_evidence
    if file is None:
        raise Http404("Nothing was attached.")
    headers = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}
    named = f"{name}-settings{mimetypes.guess_extension(file.media_type) or '.bin'}"
    return FileResponse(originals().open(file.sha256), as_attachment=True, filename=named, headers=headers)


def _row(name: str, now: datetime) -> Row:
    account = Account.objects.select_related("comments_closed_by").filter(pk=name).first()
    closed_at = account.comments_closed_at if account else None
    until = closed_at + policy.current().attestation if closed_at else None
    return Row(
        name=name,
        connected=not needs_consent(office(), name) or SealedToken.objects.filter(pk=name).exists(),
        stopped=stopped_because(name, now),
        account=account,
        attestable=needs_attestation(name),
        attested_until=until,
        attested=until is not None and now <= until,
        form=EvidenceForm(prefix=name),
    )

"""The word of the officer in the case: given at the desk, or on a signed form that an approver confirms."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from pressqueue import local
from pressqueue.models import Item, Verification
from pressqueue.moves import amendment_trial, emergencies, verification
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, item_named, originals, session_of
from publisher.desk.forms.verifying import EmergencyForm, ReadForm, SignedForm
from publisher.media.errors import BadMedia
from publisher.publishing import intake


def _back(item: Item) -> HttpResponse:
    """To where it is decided: the Item's page, or that of the amendment of what is public."""
    return redirect("amendment" if amendment_trial.drafted(item) is not None else "item", item.reference)


@require_POST
def verify(request: HttpRequest, reference: str) -> HttpResponse:
    """The officer in the case has looked at exactly what was on the page."""
    item = item_named(reference)
    if request.POST.get("confirm") != "on":
        messages.error(request, "Look at it in full size and tick that it is the right person or thing first.")
        return _back(item)
    shown_digest, session = request.POST.get("digest", ""), session_of(request)
    verification.verify(actor_of(request), item, shown_digest, session=session, now=database_now())
    messages.success(request, f"{item.reference} is verified. An approver decides next.")
    return _back(item)


@require_POST
def attach(request: HttpRequest, reference: str) -> HttpResponse:
    """A signed form comes in. It counts once an approver, not its author, has confirmed it."""
    item, form = item_named(reference), SignedForm(request.POST, request.FILES, prefix="form")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return _back(item)
    upload, now = form.cleaned_data["file"], database_now()
    assert isinstance(upload, TemporaryUploadedFile)
    place, signed_at = Path(upload.temporary_file_path()), form.cleaned_data["signed_at"]
    try:
        with intake.form_of(actor_of(request), item, place, upload.name or "", originals(), now) as kept:
            verification.attach_form(
                actor_of(request), item, form.cleaned_data["digest"], kept, signed_at=signed_at, now=now
            )
    except BadMedia as bad:
        messages.error(request, bad.message)
        return _back(item)
    messages.success(request, "The form is attached. An approver compares it with the picture and confirms it.")
    return _back(item)


@require_POST
def confirm(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """An approver has opened the form, compared it with the picture and the record, and read name and rank from it."""
    item = item_named(reference)
    found = get_object_or_404(Verification, pk=number, item=item)
    form = ReadForm(request.POST, prefix=f"read{number}")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return _back(item)
    said = form.cleaned_data
    read = verification.Read(said["sha256"], said["name"], said["rank"], session_of(request))
    done = verification.confirm_form(actor_of(request), found, said["digest"], read, now=database_now())
    messages.success(
        request, f"The form of {done.read_name} ({done.read_rank}) is confirmed. Another approver must approve it too."
    )
    return _back(item)


@require_POST
def break_glass(request: HttpRequest, reference: str) -> HttpResponse:
    """Declare a threat to life: some answers may be given later."""
    item, form = item_named(reference), EmergencyForm(request.POST, prefix="glass")
    if not form.is_valid():
        messages.error(request, "Say whose life is at risk, and why it cannot wait for the missing answers.")
        return _back(item)
    declared = emergencies.break_glass(actor_of(request), item, form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"Declared. What is deferred is due by {local.at(declared.due_at)}.")
    return _back(item)

"""Tasks due: duties, the most overdue first, and recalls nobody has acknowledged."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue.models import Duty, RecallNotice
from pressqueue.moves import duties as duty_moves
from pressqueue.moves import recalls
from pressqueue.moves.duties import ROLES
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, office
from publisher.desk.forms.press import AcknowledgedForm, NoteForm
from publisher.disclosure import public_texts


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def done(request: HttpRequest, number: int) -> HttpResponse:
    """One duty is done, with a note of what was done."""
    duty, form = Duty.objects.filter(pk=number).first(), NoteForm(request.POST, prefix=f"duty{number}")
    if duty is None:
        raise Http404("There is no such duty.")
    if not form.is_valid():
        return _page(request, form)
    duty_moves.duty_done(actor_of(request), duty, form.cleaned_data["note"], now=database_now())
    messages.success(request, "Noted as done.")
    return redirect("duties")


@require_POST
def acknowledged(request: HttpRequest, number: int) -> HttpResponse:
    """A recipient said, by telephone or letter, that they stopped using it."""
    recall = RecallNotice.objects.filter(pk=number).first()
    form = AcknowledgedForm(request.POST, prefix=f"recall{number}")
    if recall is None:
        raise Http404("There is no such recall.")
    if not form.is_valid():
        return _page(request, form)
    recalls.acknowledge_for(actor_of(request), recall, form.cleaned_data["note"], now=database_now())
    messages.success(request, f"Noted: {recall.organisation} has acknowledged the recall.")
    return redirect("duties")


def _words(duty: Duty) -> str:
    """Beside a correction that is owed: the words two people approved for it, where there are any."""
    if duty.kind != "correction" or duty.item is None:
        return ""
    return public_texts.approved("correction", duty.item, office().identity.name)


def _page(request: HttpRequest, refused: forms.Form | None = None) -> HttpResponse:
    now = database_now()
    refused_prefix = refused.prefix if refused is not None else ""
    owed = []
    for duty in duty_moves.open_duties():
        prefix = f"duty{duty.pk}"
        form = refused if prefix == refused_prefix else NoteForm(prefix=prefix)
        owed.append((duty, duty.due_at <= now, ROLES.get(duty.who, duty.who), form, _words(duty)))
    recalled = []
    for recall in recalls.open_recalls():
        prefix = f"recall{recall.pk}"
        recalled.append((recall, refused if prefix == refused_prefix else AcknowledgedForm(prefix=prefix)))
    context = {"owed": owed, "recalled": recalled, "forms_with_errors": [refused] if refused else []}
    return render(request, "desk/duties.html", context, status=400 if refused else 200)

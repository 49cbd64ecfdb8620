"""Alarms of the integrity check: what was found, and the two people who end it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pressqueue import powers
from pressqueue.models import Alarm
from pressqueue.moves import alarms as alarm_moves
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of
from publisher.desk.forms.reasons import ReasonForm


@require_http_methods(["GET", "HEAD", "POST"])
def alarms(request: HttpRequest) -> HttpResponse:
    """The page, and one person's word that what was found is explained and mended."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        over = alarm_moves.end_alarms(actor_of(request), form.cleaned_data["reason"], now=database_now())
        messages.success(request, _OVER if over else "Recorded. A second person must say so too.")
        return redirect("alarms")
    open_alarms = Alarm.objects.filter(ended_at__isnull=True).select_related("first_by").order_by("pk")
    context = {
        "alarms": [(HEADINGS.get(alarm.cause, alarm.cause.capitalize()), alarm) for alarm in open_alarms],
        "may_end": powers.allows(actor_of(request), "end_alarms"),
        "form": form,
        "forms_with_errors": [form] if form.errors else [],
    }
    return render(request, "desk/alarms.html", context, status=400 if form.errors else 200)


HEADINGS = {
    "anchors": "The anchors",
    "chain": "The audit log",
    "checkpoint": "A checkpoint of the audit log",
    "guards": "The guards of the audit log",
    "head": "The end of the audit log",
    "high water": "An older database",
    "key": "The integrity key",
    "log": "Something the audit log does not tell",
    "register": "The register",
    "rows": "A row of the database",
    "seals": "The seals",
    "texts": "The texts of the audit log",
}
_OVER = "The alarms have ended. What has lost its approval is verified and approved again before it is published."

"""A decision at the desk: what it rests on, what is asked with it, and how a refusal of it is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from pressqueue import gates, sittings
from pressqueue.errors import Forbidden
from pressqueue.models import Item, Package
from pressqueue.states import ItemState
from publisher.desk import refusals, shown
from publisher.desk.access import officer_of, session_of, sitting_of
from publisher.desk.forms.decisions import ApproveForm


def said(request: HttpRequest, item: Item, form: ApproveForm | None = None, *, batch: bool = False) -> gates.Deciding:
    """What the decision rests on: what was shown is the session's to say, never the form's."""
    session, told = session_of(request), form.deciding() if form else gates.Deciding()
    sitting = sittings.decided_in(officer_of(request).pk, session, item)
    if sitting is None and batch and (going_on := sitting_of(request)):  # a feature, which nobody is asked why
        sitting = going_on.pk
    return replace(told, session=session, sitting=sitting, batch=batch)


def asked_of(
    request: HttpRequest, item: Item, now: datetime, package: Package | None = None, *, batch: bool = False
) -> dict[str, Any]:
    """For the page of what is in review: what to look at still, why not, what to let pass, what else it takes.

    `package`: of an amendment, where that is decided about; the caller tries out what it changes meanwhile.
    """
    officer = officer_of(request)
    return {
        "still_to_see": shown.still_to_see(item, officer, session_of(request), now, package),
        "why_not": shown.may_decide(item, officer, now, package, batch=batch),
        "to_let_pass": shown.to_let_pass(item, now, package),
        "wanting": shown.wanting(item, now, package),
    }


def code_of(refused: Exception, item: Item, form: ApproveForm) -> int:
    """409 where the Item is no longer what the officer looked at; else what the refusal itself says."""
    stale = item.package is None or item.package.digest != form.cleaned_data["digest"]
    moved_on = item.state != ItemState.IN_REVIEW
    return 409 if isinstance(refused, Forbidden) and (stale or moved_on) else refusals.code_of(refused)

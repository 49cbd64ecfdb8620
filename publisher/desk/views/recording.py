"""The record of an Item: why it may be published. Filled in by its authors, and asked for when it is submitted."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pressqueue import locks
from pressqueue.errors import Forbidden, GatesClosed, QueueError
from pressqueue.models import Item
from pressqueue.moves import items
from pressqueue.moves.leases import database_now
from pressqueue.states import ItemState
from publisher.desk import missing, record_form, refusals
from publisher.desk.access import actor_of, item_named, office, officer_of
from publisher.desk.record_form import RecordForm
from publisher.publishing import readiness


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """The form. Only answers that changed are saved; what is refused stays typed."""
    if not officer_of(request).may_author:
        raise Forbidden("Your account lacks the author role, so you cannot change a record. It is on the Item's page.")
    item = item_named(reference)
    if request.method != "POST":
        return _page(request, item, RecordForm(item))
    if request.POST.get("then") == "row":
        return _page(request, item, RecordForm(item, typed=request.POST))
    form = RecordForm(item, request.POST)
    if not form.is_valid():
        return _page(request, item, form, code=400)
    try:
        words = _saved(request, form)
    except QueueError as refused:
        return _kept(request, reference, refused)
    messages.success(request, words)
    if request.POST.get("then") == "submit" and item.state == ItemState.DRAFT:
        return _submit(request, item_named(reference))
    return redirect("record", item.reference)


@require_POST
def submit(request: HttpRequest, reference: str) -> HttpResponse:
    """draft -> submitted; where rules stand against it, the record's page says which and where to mend them."""
    return _submit(request, item_named(reference))


def _submit(request: HttpRequest, item: Item) -> HttpResponse:
    try:
        return submitted(request, item)
    except GatesClosed as refused:
        return unsubmitted(request, item, refused)


def submitted(request: HttpRequest, item: Item) -> HttpResponse:
    """Submit it and say so. Raises GatesClosed."""
    readiness.demand(item, office(), settings.SECRETS, database_now())
    items.submit(actor_of(request), item, now=database_now())
    messages.success(request, f"{item.reference} is submitted. It is prepared now, then a second person decides.")
    return redirect("item", item.reference)


def unsubmitted(request: HttpRequest, item: Item, refused: GatesClosed) -> HttpResponse:
    """The record's page, headed by every rule that stood against submitting."""
    return _page(request, item, RecordForm(item), code=refusals.code_of(refused), submitting=True)


def _saved(request: HttpRequest, form: RecordForm) -> str:
    """Save what changed, if nobody else changed the Item meanwhile. Raises QueueError; returns what to say."""
    changes = form.changes()
    if not changes:
        return "Nothing was changed."
    with transaction.atomic():
        held = locks.item(form.item.pk, posts=True)
        if held.item.edition != form.cleaned_data["edition"]:
            raise Forbidden(
                f"{held.item.reference} was changed while you wrote, and nothing is saved yet. What you typed stands "
                f"below; it differs from what is recorded now in: {record_form.labels(changes)}. Look at those, then "
                "save again."
            )
        items.edit(actor_of(request), held.item, now=database_now(), record=changes)
    return f"The record of {form.item.reference} is saved."


def _kept(request: HttpRequest, reference: str, refused: QueueError) -> HttpResponse:
    """What was typed, under why it was refused; ready to be saved again."""
    item, sent = item_named(reference), request.POST.copy()
    sent["edition"] = str(item.edition)
    return _page(request, item, _filled(item, sent), refused=refused, code=409)


def _filled(item: Item, sent: QueryDict) -> RecordForm:
    form = RecordForm(item, sent)
    form.is_valid()
    return form


def _page(
    request: HttpRequest,
    item: Item,
    form: RecordForm,
    *,
    refused: QueueError | None = None,
    submitting: bool = False,
    code: int = 200,
) -> HttpResponse:
    context = {
        "item": item,
        "form": form,
        "groups": list(form.groups()),
        "missing": missing.before_submission(item, database_now()),
        "submitting": submitting,
        "people": list(item.subjects.order_by("number")),
        "refusals": refusals.sentences(refused) if refused else [],
        "draft": item.state == ItemState.DRAFT,
    }
    return render(request, "desk/record.html", context, status=code)

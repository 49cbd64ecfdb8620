"""Writing a new Item, and changing one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pressqueue import locks
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed, QueueError
from pressqueue.models import Campaign, Item, Original, Subject
from pressqueue.moves import items, subjects
from pressqueue.moves.leases import database_now
from publisher.desk import fit, refusals
from publisher.desk.access import actor_of, item_named, office, officer_of, originals
from publisher.desk.forms.composing import NEXT_SLOT, WINDOW, ItemForm
from publisher.desk.views import recording
from publisher.media.errors import BadMedia
from publisher.publishing import intake, readiness, video_answers


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new Item. Whatever is refused, the words stay typed and the file stays taken in."""
    _only_authors(request)
    if request.method != "POST":
        start = {"destinations": _destinations()[:1], "kind": request.GET.get("kind", "")}
        return _page(request, _form(request, initial=start), None, None)
    form, kept = _filled(request, None)
    if not form.is_valid() or kept is None:
        return _page(request, form, None, kept, code=400)
    cleaned = form.cleaned_data
    try:
        with transaction.atomic():  # what no platform would take is never made
            locks.office()
            locks.subjects(person.pk for person in cleaned["people"])
            item = items.add_item(
                actor_of(request),
                campaign=cleaned["campaign"],
                kind=cleaned["kind"],
                original=kept,
                now=database_now(),
                subjects=_shown(actor_of(request), cleaned["campaign"], cleaned),
                **form.words(),
            )
            fit.demand(item)
    except QueueError as refused:
        return _page(request, form, None, kept, refused=refused)
    if warning := readiness.same_picture(item):
        messages.warning(request, warning)
    messages.success(request, f"{item.reference} is kept as a draft. Its record comes next: why it may be published.")
    return redirect("record", item.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change an Item; what was approved goes back to be prepared and approved again."""
    _only_authors(request)
    item = item_named(reference)
    if request.method != "POST":
        return _page(request, _form(request, item=item, initial=_present(item)), item, item.original)
    form, kept = _filled(request, item)
    if not form.is_valid():
        return _page(request, form, item, kept, code=400)
    changes = {name: value for name, value in form.words().items() if getattr(item, name) != value}
    if kept is not None and kept.pk != item.original_id:
        changes["original"] = kept
    people, more = form.cleaned_data["people"], form.cleaned_data["new_people"]
    regrouped = bool(more) or {person.pk for person in people} != set(item.subjects.values_list("pk", flat=True))
    if not changes and not regrouped:
        return _done(request, item, "Nothing was changed.")
    try:
        with transaction.atomic():
            if regrouped:
                locks.item(item.pk, posts=True, also=[person.pk for person in people])
                changes["subjects"] = _shown(actor_of(request), item.campaign, form.cleaned_data)
            item = items.edit(actor_of(request), item, now=database_now(), **changes)
            fit.demand(item)
    except QueueError as refused:
        return _page(request, form, item_named(reference), kept, refused=refused)
    return _done(request, item, f"{item.reference} is changed.")


def _shown(actor: Actor, campaign: Campaign, cleaned: dict[str, Any]) -> list[Subject]:
    """Who is shown: those chosen by number, and new people, who get their numbers now.

    Within the caller's transaction, so that a refused form gives no number; it holds every row that is locked before
    the chain head, which a new number takes.
    """
    new = [subjects.make_subject(actor, campaign, now=database_now()) for _ in range(cleaned["new_people"])]
    return [*cleaned["people"], *new]


def _done(request: HttpRequest, item: Item, message: str) -> HttpResponse:
    """Say what happened, and submit it where the officer pressed that button."""
    messages.success(request, message)
    if request.POST.get("then") != "submit" or item.state != "draft":
        return redirect("item", item.reference)
    try:
        return recording.submitted(request, item)
    except GatesClosed as refused:  # the change itself stands
        return recording.unsubmitted(request, item, refused)


def _only_authors(request: HttpRequest) -> None:
    """Said before a long form is filled in; the move asks again."""
    if not officer_of(request).may_author:
        raise Forbidden("Your account lacks the author role, so you cannot write or change Items.")


def _destinations() -> list[str]:
    return sorted(office().destinations)


def _form(request: HttpRequest, *args: Any, item: Item | None = None, **kw: Any) -> ItemForm:
    return ItemForm(*args, destinations=_destinations(), now=database_now(), item=item, **kw)


def _filled(request: HttpRequest, item: Item | None) -> tuple[ItemForm, Original | None]:
    """The form as sent, and its file: taken in even where the words need mending, so that it is sent once only."""
    form = _form(request, request.POST, request.FILES, item=item)
    form.is_valid()
    kept = _taken_in(request, form, item)
    if kept is not None:
        _demand_said(form, kept)
    return form, kept


def _demand_said(form: ItemForm, kept: Original) -> None:
    """What a film's file does not say of itself is asked for; what it says is not taken from a hidden field."""
    if not video_answers.asks_rate(kept):
        form.cleaned_data["frame_rate"] = ""
    elif fault := video_answers.fault_of_rate(kept, form.cleaned_data.get("frame_rate", "")):
        form.add_error("frame_rate", fault)
    if video_answers.films(kept) < 2:
        form.cleaned_data["track"] = 1
    elif fault := video_answers.fault_of_track(kept, form.cleaned_data.get("track") or 1):
        form.add_error("track", fault)


def _taken_in(request: HttpRequest, form: ItemForm, item: Item | None) -> Original | None:
    upload = request.FILES.get("file")
    if upload is None:
        return form.cleaned_data.get("kept") or (item.original if item else None)
    assert isinstance(upload, TemporaryUploadedFile)
    path = Path(upload.temporary_file_path())
    try:
        return intake.receive(actor_of(request), path, upload.name or "", originals(), database_now())
    except BadMedia as bad:
        form.add_error("file", bad.message)
        return None


def _present(item: Item) -> dict[str, Any]:
    """The Item as it stands, as the form shows it."""
    names = ("title", "caption", "alt_text", "destinations", "publish_from", "publish_until", "expires_at", "purpose")
    more = ("mark_style", "mark_corner", "poster_at", "audio_authorised", "comments", "frame_rate", "track")
    present = {name: getattr(item, name) for name in names + more}
    present["people"] = ", ".join(item.subjects.order_by("number").values_list("number", flat=True))
    return present | {"tags": ", ".join(item.tags), "when": WINDOW if item.publish_from else NEXT_SLOT}


def _page(
    request: HttpRequest,
    form: ItemForm,
    item: Item | None,
    kept: Original | None,
    *,
    refused: Exception | None = None,
    code: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "item": item,
        "kept": kept,
        "asks_rate": kept is not None and video_answers.asks_rate(kept),
        "films": video_answers.films(kept) if kept else 1,
        "warnings": kept.probe.get("warnings", []) if kept else [],
        "refusals": refusals.sentences(refused) if refused else [],
    }
    code = refusals.code_of(refused) if refused else code
    return render(request, "desk/compose.html", context, status=code)

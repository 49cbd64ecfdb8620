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

from pressqueue import moves
from pressqueue.errors import Forbidden, QueueError
from pressqueue.leases import database_now
from pressqueue.models import Item, Original
from publisher import intake
from publisher.desk import fit, refusals
from publisher.desk.access import actor_of, item_named, office, officer_of, originals
from publisher.desk.forms import NEXT_SLOT, WINDOW, ItemForm
from publisher.media.errors import BadMedia


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new Item. Whatever is refused, the words stay typed and the file stays taken in."""
    _only_authors(request)
    if request.method != "POST":
        start = {"destinations": _destinations()[:1], "kind": request.GET.get("kind", Item.Kind.FEATURE)}
        return _page(request, _form(request, initial=start), None, None)
    form, kept = _filled(request, None)
    if not form.is_valid() or kept is None:
        return _page(request, form, None, kept, code=400)
    cleaned = form.cleaned_data
    try:
        with transaction.atomic():  # what no platform would take is never made
            item = moves.add_item(
                actor_of(request),
                campaign=cleaned["campaign"],
                kind=cleaned["kind"],
                original=kept,
                now=database_now(),
                **form.words(),
            )
            fit.demand(item)
    except QueueError as refused:
        return _page(request, form, None, kept, refused=refused)
    return _done(request, item, f"{item.reference} is kept as a draft.")


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
    if not changes:
        return _done(request, item, "Nothing was changed.")
    try:
        with transaction.atomic():
            item = moves.edit(actor_of(request), item, now=database_now(), **changes)
            fit.demand(item)
    except QueueError as refused:
        return _page(request, form, item_named(reference), kept, refused=refused)
    return _done(request, item, f"{item.reference} is changed.")


def _done(request: HttpRequest, item: Item, words: str) -> HttpResponse:
    """Say what happened, and submit it where the officer pressed that button."""
    if request.POST.get("then") == "submit" and item.state == "draft":
        moves.submit(actor_of(request), item, now=database_now())
        words = f"{item.reference} is submitted. It is prepared now, then a second person decides."
    messages.success(request, words)
    return redirect("item", item.reference)


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
    upload = request.FILES.get("file")
    if upload is None:
        return form, form.cleaned_data.get("kept") or (item.original if item else None)
    assert isinstance(upload, TemporaryUploadedFile)
    path = Path(upload.temporary_file_path())
    try:
        return form, intake.receive(actor_of(request), path, upload.name or "", originals(), database_now())
    except BadMedia as bad:
        form.add_error("file", bad.words)
        return form, None


def _present(item: Item) -> dict[str, Any]:
    """The Item as it stands, as the form shows it."""
    names = ("title", "caption", "alt_text", "destinations", "publish_from", "publish_until", "expires_at", "purpose")
    more = ("mark_style", "mark_corner", "poster_at", "audio_authorised", "comments")
    present = {name: getattr(item, name) for name in names + more}
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
        "warnings": kept.probe.get("warnings", []) if kept else [],
        "refusals": refusals.sentences(refused) if refused else [],
    }
    code = refusals.code_of(refused) if refused else code
    return render(request, "desk/compose.html", context, status=code)

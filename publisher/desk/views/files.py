"""Pictures and films: exact bytes from the vaults, to officers who are signed in.

Every read of a file goes through `_opened`, which knows who reads what of which Item.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from pressqueue import sittings
from pressqueue.errors import Forbidden
from pressqueue.models import Item, Verification
from pressqueue.moves import notices, viewing
from pressqueue.moves.leases import database_now
from publisher.desk import ranges
from publisher.desk.access import actor_of, item_named, originals, renditions, session_of, sitting_of
from publisher.desk.views.why import asked
from publisher.media import previews
from publisher.media.errors import Damaged
from publisher.media.pieces import Checked
from publisher.media.vault import Vault

PREVIEW_SIDE = 480  # pixels: twice the size it is shown at, for sharp screens
# What a browser may show itself. Everything else is handed over as a download, never as something to run.
SHOWN = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4"}
ENDINGS = {**SHOWN, "application/pdf": ".pdf"}


@require_safe
def rendition(request: HttpRequest, reference: str, sha256: str) -> HttpResponseBase:
    """The exact bytes that are, or would be, published; in parts where a player asks for parts."""
    item = item_named(reference)
    made = item.renditions.filter(sha256=sha256).first()
    if made is None:
        raise Http404("There is no such rendition of this Item.")
    return asked(request, item, request.get_full_path()) or _shown(
        request, item, renditions(), sha256, made.media_type, item.reference
    )


@require_safe
def preview(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """A small picture of a still rendition, for lists."""
    item = item_named(reference)
    if not item.renditions.filter(sha256=sha256, media_type__startswith="image/").exists():
        raise Http404("There is no such picture of this Item.")
    if question := asked(request, item, reverse("item", args=[item.reference])):
        return question
    with _opened(renditions(), sha256, item) as file:
        body = previews.preview(file, sha256, PREVIEW_SIDE)
    response = HttpResponse(body, content_type="image/jpeg")
    _named(response, f"{item.reference}-small", "image/jpeg")
    consulted(request, item, sha256)
    return response


@require_safe
def original(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The file as it was received, so that an approver can compare the two (R6)."""
    item = item_named(reference)
    file = item.original
    return asked(request, item, request.get_full_path()) or _shown(
        request, item, originals(), file.sha256, file.media_type, f"{item.reference}-original"
    )


@require_safe
def form(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """The form an officer in the case signed, exactly as it came in."""
    item = item_named(reference)
    found = get_object_or_404(Verification.objects.select_related("form"), pk=number, item=item, form__isnull=False)
    assert found.form is not None
    return asked(request, item, request.get_full_path()) or _shown(
        request, item, originals(), found.form.sha256, found.form.media_type, f"{item.reference}-form"
    )


def _shown(request: HttpRequest, item: Item, vault: Vault, sha256: str, media_type: str, name: str) -> HttpResponseBase:
    """The whole file or a part of it, and what of it was handed over to this session (R6)."""
    file = _opened(vault, sha256, item)
    actor, session, size, began = actor_of(request), session_of(request), file.size, database_now()

    def handed(first: int, to: int) -> None:
        viewing.handed_over(
            actor, session, item, sha256, (first, to), size=size, began_at=began, now=database_now()
        )  # fmt: skip

    response = ranges.answer(request, file, media_type, sha256, handed)
    if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        consulted(request, item, sha256)
    return _named(response, name, media_type)


def consulted(request: HttpRequest, item: Item, sha256: str) -> None:
    """Bytes of a person sought are about to go out: who, when, what and in which sitting is logged first (R37)."""
    if request.method == "HEAD" or not sittings.asks_why(item):
        return
    sitting = sitting_of(request)
    if sitting is None:  # it ended since it was asked for
        raise Forbidden("Your viewing session has ended. Open the Item's page and give a reason for viewing.")
    viewing.record_view(actor_of(request), sitting, item, sha256, now=database_now())


def _opened(vault: Vault, sha256: str, item: Item) -> Checked:
    """The open file, of which only bytes with the right hash can be read. Raises Damaged, after telling somebody."""
    if item.purged_at is not None:
        raise Http404(f"{item.reference} was purged: there is no file any more.")

    def told(damage: Damaged) -> None:
        notices.notify(f"damaged:{sha256}", damage.message, database_now(), item.reference)

    return vault.open(sha256, told)


def _named(response: HttpResponseBase, name: str, media_type: str) -> HttpResponseBase:
    """Our reference is the file's name; the name it was received under may hold a person's."""
    shown = media_type in SHOWN
    if not shown:
        response.headers["Content-Type"] = "application/octet-stream"
    how = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}{ENDINGS.get(media_type, ".bin")}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

"""Pictures and films: exact bytes from the vaults, to officers who are signed in.

Every read of a file goes through `_opened`, which knows who reads what of which Item.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from pressqueue import notices
from pressqueue.leases import database_now
from pressqueue.models import Item
from publisher.desk import ranges
from publisher.desk.access import item_named, originals, renditions
from publisher.media import previews
from publisher.media.errors import Damaged
from publisher.media.vault import Vault

PREVIEW_SIDE = 480  # pixels: twice the size it is shown at, for sharp screens
# What a browser may show itself. Everything else is handed over as a download, never as something to run.
SHOWN = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4"}


@require_safe
def rendition(request: HttpRequest, reference: str, sha256: str) -> HttpResponseBase:
    """The exact bytes that are, or would be, published; in parts where a player asks for parts."""
    item = item_named(reference)
    made = item.renditions.filter(sha256=sha256).first()
    if made is None:
        raise Http404("There is no such rendition of this Item.")
    path = _opened(renditions(), sha256, item)
    response = ranges.answer(request, path, made.media_type, sha256)
    return _named(response, item.reference, made.media_type)


@require_safe
def preview(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """A small picture of a still rendition, for lists."""
    item = item_named(reference)
    if not item.renditions.filter(sha256=sha256, media_type__startswith="image/").exists():
        raise Http404("There is no such picture of this Item.")
    body = previews.preview(_opened(renditions(), sha256, item), PREVIEW_SIDE)
    response = HttpResponse(body, content_type="image/jpeg")
    _named(response, f"{item.reference}-small", "image/jpeg")
    return response


@require_safe
def original(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The file as it was received, so that an approver can compare the two (R6)."""
    item = item_named(reference)
    path = _opened(originals(), item.original_id, item)
    response = ranges.answer(request, path, item.original.media_type, item.original_id)
    return _named(response, f"{item.reference}-original", item.original.media_type)


def _opened(vault: Vault, sha256: str, item: Item) -> Path:
    """The file's place, its bytes hashed again. Raises Damaged, after telling somebody."""
    if item.purged_at is not None:
        raise Http404(f"{item.reference} was purged: there is no file any more.")
    path = vault.path(sha256)
    try:
        found = path.stat() if path.exists() else None
        if found is None:
            vault.verify(sha256)
            raise Http404
        _verified(vault, sha256, found.st_ino, found.st_mtime_ns, found.st_size)
    except Damaged as damage:
        notices.tell(f"damaged:{sha256}", damage.words, database_now(), item.reference)
        raise
    return path


@lru_cache(maxsize=1024)
def _verified(vault: Vault, sha256: str, inode: int, written_ns: int, size: int) -> None:
    """Hash a file once for each time it was written: a film is asked for in hundreds of parts."""
    vault.verify(sha256)


def _named(response: HttpResponseBase, name: str, media_type: str) -> HttpResponseBase:
    """Our reference is the file's name; the name it was received under may hold a person's."""
    shown = media_type in SHOWN
    if not shown:
        response.headers["Content-Type"] = "application/octet-stream"
    how = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}{SHOWN.get(media_type, ".bin")}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

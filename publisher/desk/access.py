"""Who is at the desk, and which thing they mean. What they may do with it is decided by the moves."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest

from pressqueue import sittings
from pressqueue.actors import Actor
from pressqueue.models import Item, Officer, ReviewSession
from pressqueue.moves.leases import database_now
from publisher.configuration.office_file import Misconfigured, Office
from publisher.media.vault import Vault


def officer_of(request: HttpRequest) -> Officer:
    """The officer who is signed in; the middleware lets nobody else through."""
    if not isinstance(request.user, Officer):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """The same person, as a move wants them."""
    return Actor(officer_of(request).pk, "desk")


def session_of(request: HttpRequest) -> str:
    """SHA-256 of the key of the signed-in session, 64 hex digits: names it, and opens nothing."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()


def sitting_of(request: HttpRequest) -> ReviewSession | None:
    """The sitting that goes on in this session; None where its officer must say why they look (R37)."""
    return sittings.current(officer_of(request).pk, session_of(request), database_now())


def item_named(reference: str) -> Item:
    """The Item with this reference, with what every page of it shows. Raises Http404."""
    item = (
        Item.objects.select_related("campaign", "author", "original", "original__received_by", "package")
        .filter(reference=reference.upper())
        .first()
    )
    if item is None:
        raise Http404(f"There is no Item {reference}.")
    return item


def office() -> Office:
    """The office's configuration. Raises Misconfigured where the desk was started without one."""
    found: Office | None = settings.OFFICE
    if found is None:
        raise Misconfigured("The desk was started without an office: set PUBLISHER_OFFICE to its folder.")
    return found


def originals() -> Vault:
    """Where files lie as they were received."""
    return Vault(_media() / "originals")


def renditions() -> Vault:
    """Where the files lie that are published."""
    return Vault(_media() / "renditions")


def _media() -> Path:
    return office().media

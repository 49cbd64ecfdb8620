"""What a door asks before it submits: whether the Item could go out at all. What its answers lack is for the gates.

The domain knows no accounts; and what is sent back unseen, or waits for an hour that never comes, is said at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pressqueue.destination_names import name_of
from pressqueue.errors import GatesClosed
from pressqueue.models import Item
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.workers.plugins import needs_consent
from publisher.workers.token_store import TokenStore


def faults(item: Item, office: Office, secrets: Secrets | None, now: datetime) -> list[tuple[str, str]]:
    """(rule number, sentence) of everything that stands against its ever going out.

    `secrets`: None where this process may not open tokens, so that nobody can say what is connected.
    """
    away = _unconnected(item, office, secrets) if secrets is not None else []
    found = [("R5", each) for each in (_without_hours(item, now), *away)]
    return [(number, sentence) for number, sentence in found if sentence]


def demand(item: Item, office: Office, secrets: Secrets | None, now: datetime) -> None:
    """Raise GatesClosed where anything does."""
    if found := faults(item, office, secrets, now):
        raise GatesClosed(found)


def same_picture(item: Item) -> str:
    """A warning where the same file is public or queued already as another Item; empty where it is not."""
    others = Item.objects.filter(original_id=item.original_id).exclude(pk=item.pk)
    live = others.filter(posts__state__in=COUNTS_AS_PUBLIC - {PostState.REMOVING}).distinct().order_by("reference")
    if live:
        return f"The same file is public already, as {_and(live)}."
    queued = others.exclude(state__in=[ItemState.WITHDRAWN, ItemState.EXPIRED]).order_by("reference")
    return f"The same file is queued already, as {_and(queued)}." if queued else ""


def _and(items: Iterable[Item]) -> str:
    return ", ".join(item.reference for item in items)


def _without_hours(item: Item, now: datetime) -> str:
    if item.publish_from is not None or item.campaign.has_hours(now):
        return ""
    return (
        f"“{item.campaign.title}” has no publishing times, so “At the campaign's next available slot” never comes. "
        "Choose “Between two times” (--from on the command line), or add a time "
        f"(`publisher slot add {item.campaign.slug} --at 08:00`)."
    )


def _unconnected(item: Item, office: Office, secrets: Secrets) -> list[str]:
    """Destinations that could not be spoken to: each with the way out."""
    return [words for name in item.destinations if (words := hindrance(name, office, secrets))]


def hindrance(name: str, office: Office, secrets: Secrets) -> str:
    """Why nothing can go to this destination; empty where something can."""
    if name not in office.destinations:
        there = ", ".join(office.destinations) or "none"
        return f"“{name}” is no destination of this office: {office.file} has {there}. Choose another."
    if needs_consent(office, name) and TokenStore(secrets.seal_key).load(name) is None:
        return f"Nobody has connected {name_of(name)} yet: `publisher connect {name}`, then submit it again."
    return ""

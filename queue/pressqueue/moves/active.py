"""Whether somebody may act at all."""

from __future__ import annotations

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Officer


def demand_active(actor: Actor, what: str) -> None:
    """Raises Forbidden for anyone but a person with an active account."""
    if actor.officer_id is None or not Officer.objects.filter(pk=actor.officer_id, is_active=True).exists():
        raise Forbidden(f"Only a person with an active account may {what}.")

"""Preparing an Item for review: the claim of the process that makes its Renditions, and the Renditions it made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from pressqueue.models import Item, Rendition
from pressqueue.moves import claims
from pressqueue.states import ItemState

LOOKED_AT = 20  # submitted Items that are tried to be claimed in one go


def claim_next(now: datetime, claim: timedelta) -> Item | None:
    """Claim the next submitted Item by one conditional UPDATE, which counts as a try; None where there is none."""
    free = waiting(now)
    for pk in free.order_by("pk").values_list("pk", flat=True)[:LOOKED_AT]:
        claimed = free.filter(pk=pk).update(rendering_until=now + claim, rendering_tries=F("rendering_tries") + 1)
        if claimed:
            return Item.objects.select_related("original", "campaign").get(pk=pk)
    return None


def waiting(now: datetime) -> QuerySet[Item]:
    """Returns the submitted Items that nobody has claimed."""
    return Item.objects.filter(claims.free(now, "rendering_until"), state=ItemState.SUBMITTED)


def renew(item: Item, until: datetime) -> None:
    """Extend the claim while a video is being made."""
    _mine(item).update(rendering_until=until)


def try_later(item: Item, until: datetime, *, tried: bool) -> None:
    """Let nobody claim the Item before `until`. `tried`: whether this was a try."""
    _mine(item).update(rendering_until=until, rendering_tries=F("rendering_tries") - (0 if tried else 1))


def hand_back(item: Item, now: datetime) -> None:
    """End a claim early: a shutdown is no fault of the file, and counts as no try."""
    _mine(item).filter(rendering_until__gt=now).update(rendering_until=None, rendering_tries=F("rendering_tries") - 1)


def keep(item: Item, role: str, sha256: str, recipe: str, **facts: Any) -> Rendition:
    """Returns the Rendition with these bytes, made by this recipe. `facts`: its other fields, where it is new."""
    rendition, _ = Rendition.objects.get_or_create(item=item, role=role, sha256=sha256, recipe=recipe, defaults=facts)
    return rendition


def _mine(item: Item) -> QuerySet[Item]:
    """The row while it is the same text in the same state: an edit ends the claim."""
    return Item.objects.filter(pk=item.pk, edition=item.edition, state=ItemState.SUBMITTED)

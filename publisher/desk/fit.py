"""Whether the platforms would take an Item's words and kind: said while its author is still looking."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from pressqueue.errors import QueueError
from pressqueue.models import Item
from publisher.desk.access import office
from publisher.destinations.base import Limits
from publisher.media.formats import published_type
from publisher.publishing.parcels import as_approved, faults
from publisher.workers.worker import limits_of

_known: dict[tuple[Path, str], Limits] = {}  # building a destination takes a second; what it takes does not change


class Unfit(QueueError):
    """One or more destinations would not take this. Lists every reason, not the first."""

    def __init__(self, found: list[str]) -> None:
        self.found = found
        super().__init__(" ".join(found))


def demand(item: Item, *, amending: bool = False) -> None:
    """Raise Unfit unless each destination would take it.

    The size of the finished file is looked at when the Item is prepared. `amending`: other texts for what is public.
    """
    media_type = published_type(item.original.kind)
    found = [
        sentence
        for name in item.destinations
        if (limits := _limits(name)) is not None
        for sentence in faults(item, media_type, 0, as_approved(limits, item, name) if amending else limits, name)
    ]
    if found:
        raise Unfit(list(dict.fromkeys(found)))


def alt_text_fields(item: Item) -> set[str]:
    """The Item's destinations that have a field of their own for the alternative text."""
    return {name for name in item.destinations if (limits := _limits(name)) is not None and limits.alt_text_field}


def _limits(name: str) -> Limits | None:
    key = (office().folder, name)
    if key not in _known and (found := limits_of(office(), settings.SECRETS, name)) is not None:
        _known[key] = found
    return _known.get(key)


def needs_attestation(name: str) -> bool:
    """Whether an officer attests that comments are closed there."""
    limits = _limits(name)
    return limits is not None and limits.needs_comment_attestation

"""Whether the platforms would take an Item's words and kind: said while its author is still looking."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.conf import settings

from pressqueue.errors import QueueError
from pressqueue.models import Item
from publisher.desk.access import office
from publisher.destinations.base import Limits
from publisher.publishing.parcels import faults
from publisher.workers.token_store import TokenUnreadable
from publisher.workers.worker import build_destination

_known: dict[tuple[Path, str], Limits] = {}  # building a destination takes a second; what it takes does not change


class Unfit(QueueError):
    """One or more destinations would not take this. Lists every reason, not the first."""

    def __init__(self, found: list[str]) -> None:
        self.found = found
        super().__init__(" ".join(found))


def demand(item: Item) -> None:
    """Raise Unfit unless each destination that is connected would take it.

    Those not connected are asked when the Item is prepared; so is the size of the finished file.
    """
    media_type = "video/mp4" if item.original.kind == "footage" else "image/jpeg"
    found = [
        sentence
        for name in item.destinations
        if (limits := _limits(name)) is not None
        for sentence in faults(item, media_type, 0, limits, name)
    ]
    if found:
        raise Unfit(list(dict.fromkeys(found)))


def _limits(name: str) -> Limits | None:
    key = (office().folder, name)
    if key not in _known and settings.SECRETS is not None:
        with suppress(ValueError, TokenUnreadable):  # not connected, or no longer
            _known[key] = build_destination(office(), settings.SECRETS, name).limits()
    return _known.get(key)


def needs_attestation(name: str) -> bool:
    """Whether an officer attests that comments are closed there; no, where it is not connected."""
    limits = _limits(name)
    return limits is not None and limits.needs_comment_attestation

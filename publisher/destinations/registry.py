"""Which destinations there are: ours, and whatever else is installed under `publisher.destinations`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from publisher.destinations.base import Account, Destination

GROUP = "publisher.destinations"
log = logging.getLogger(__name__)

# As in pyproject.toml, for a checkout that was never installed; and they win over a plug-in that takes
# one of these names, since a stranger's "flickr" would be handed the office's consent.
OURS = tuple(
    EntryPoint(name, f"publisher.destinations.{name}.plugin:build", GROUP) for name in ("flickr", "youtube", "folder")
)

Build = Callable[[Account], Destination]


def load() -> dict[str, Build]:
    """Every destination by name, ready to be built from an Account.

    A plug-in that cannot be imported is logged and left out: the other destinations go on, and its own
    accounts are refused by name where they are configured.
    """
    return _loaded([*OURS, *(point for point in entry_points(group=GROUP) if point not in OURS)])


def _loaded(points: Iterable[EntryPoint]) -> dict[str, Build]:
    found: dict[str, Build] = {}
    names = {point.name for point in OURS}
    for point in points:
        if point.name in names and point not in OURS:
            log.error("The plug-in %s takes the name of one of ours and is left out.", point.value)
            continue
        if point.name in found:
            log.error("Two plug-ins are called %s; %s is left out.", point.name, point.value)
            continue
        build = _build_of(point)
        if build is not None:
            found[point.name] = build
    return found


def _build_of(point: EntryPoint) -> Build | None:
    try:
        build: Any = point.load()
    except Exception:  # a stranger's module may fail in any way, and must not take the others along
        log.exception("The destination %s (%s) cannot be loaded and is left out.", point.name, point.value)
        return None
    if not callable(build):
        log.error("The destination %s (%s) is no function and is left out.", point.name, point.value)
        return None
    found: Build = build
    return found

"""Which destinations there are: ours, and whatever else is installed under `publisher.destinations`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from publisher.destinations.plugin import Plugin

GROUP = "publisher.destinations"
log = logging.getLogger(__name__)

# As in pyproject.toml, for a checkout that was never installed; and they win over a plug-in that takes
# one of these names, since a stranger's "flickr" would be handed the office's consent.
OURS = tuple(
    EntryPoint(name, f"publisher.destinations.{name}.plugin:PLUGIN", GROUP) for name in ("flickr", "youtube", "folder")
)


def load() -> dict[str, Plugin]:
    """Returns every kind of destination by its name.

    A plug-in that cannot be imported is logged and left out: the other destinations go on, and the configuration
    refuses its accounts by name.
    """
    return _loaded([*OURS, *(point for point in entry_points(group=GROUP) if point not in OURS)])


def _loaded(points: Iterable[EntryPoint]) -> dict[str, Plugin]:
    found: dict[str, Plugin] = {}
    names = {point.name for point in OURS}
    for point in points:
        if point.name in names and point not in OURS:
            log.error("The plug-in %s takes the name of one of ours and is left out.", point.value)
            continue
        if point.name in found:
            log.error("Two plug-ins are called %s; %s is left out.", point.name, point.value)
            continue
        plugin = _plugin_of(point)
        if plugin is not None:
            found[point.name] = plugin
    return found


def _plugin_of(point: EntryPoint) -> Plugin | None:
    try:
        named: Any = point.load()
    except Exception:  # a stranger's module may fail in any way, and must not take the others along
        log.exception("The destination %s (%s) cannot be loaded and is left out.", point.name, point.value)
        return None
    if isinstance(named, Plugin):
        return named
    if callable(named):  # as plug-ins were before they could say more: the function that builds one
        return Plugin(display_name=point.name.capitalize(), build=named)
    log.error("The destination %s (%s) is no Plugin and is left out.", point.name, point.value)
    return None

"""A folder, as the rest of the product knows it."""

from __future__ import annotations

from publisher.destinations.folder.gallery import build, limits
from publisher.destinations.plugin import Plugin

PLUGIN = Plugin(display_name="Folder", build=build, limits=limits)

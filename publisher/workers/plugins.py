"""The plug-in of a configured destination, and what it says before one is built."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from publisher.configuration.office_file import Misconfigured, Office
from publisher.destinations import registry
from publisher.destinations.plugin import Plugin


def plugin_of(office: Office, name: str) -> Plugin | None:
    """None where the configuration has no such destination, or nothing of its kind is installed."""
    options = office.destinations.get(name)
    return registry.load().get(options.kind) if options is not None else None


def known(office: Office, name: str) -> Plugin:
    """That of a destination which the configuration has. Raises Misconfigured, naming what is installed."""
    plugins, kind = registry.load(), office.destinations[name].kind
    if kind not in plugins:
        raise Misconfigured(
            f"{office.file}: [destinations.{name}] kind “{kind}” is not known. "
            f"Installed are: {', '.join(sorted(plugins))}."
        )
    return plugins[kind]


def written(name: str) -> str:
    """As `display_name`, in the office of this process. A kind's own name is known without one."""
    if settings.OFFICE is not None and name in settings.OFFICE.destinations:
        return display_name(settings.OFFICE, name)
    return _kind_named(name) or _capital(name)


@cache
def _kind_named(kind: str) -> str:
    """The display name of an installed kind; empty where there is none. Looking for plug-ins reads the disk."""
    plugin = registry.load().get(kind)
    return plugin.display_name if plugin is not None else ""


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def display_name(office: Office, name: str) -> str:
    """How officers write it: `YouTube`; `YouTube (appeals)` where the configuration gives it a name of its own."""
    options = office.destinations.get(name)
    written = _kind_named(options.kind) if options is not None else ""
    if options is None or not written:
        return _capital(name)
    return f"{written} ({name})" if name.casefold() != options.kind.casefold() else written


def temporary_keys(office: Office, name: str) -> tuple[str, ...]:
    """The keys of a Post's Journal that must not be used again once its copy is known not to be there."""
    plugin = plugin_of(office, name)
    return plugin.temporary_keys if plugin is not None else ()


def needs_consent(office: Office, name: str) -> bool:
    """Whether somebody must agree in a browser before anything goes out there."""
    plugin = plugin_of(office, name)
    return plugin is not None and plugin.consent is not None

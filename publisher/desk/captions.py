"""The caption as each platform shows it: with the alternative text below it, or without."""

from __future__ import annotations

from dataclasses import dataclass

from pressqueue import packages
from pressqueue.models import Item, Package
from publisher.desk import fit
from publisher.publishing.parcels import description_of


@dataclass(frozen=True, slots=True)
class Caption:
    """One way in which the caption is shown, with the destinations that show it so."""

    text: str
    destinations: tuple[str, ...]


def of(item: Item, package: Package | None) -> list[Caption]:
    """Returns each way once: one where every platform shows the same.

    `package`: as it was approved, or is to be. Without one, as the platforms would show it today.
    """
    if package is not None:
        content = packages.content_of(package)
        apart = {name for name in content["files"] if packages.has_alt_text_field(content, name)}
        names = list(content["files"])
    else:
        apart, names = fit.alt_text_fields(item), list(item.destinations)
    below = tuple(name for name in names if name not in apart)
    found = [Caption(description_of(item.caption, item.alt_text), below)] if below or not apart else []
    return found + ([Caption(item.caption.strip(), tuple(sorted(apart)))] if apart else [])

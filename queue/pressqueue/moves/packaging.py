"""Packages are written down here: the same content of the same Item gives the same row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pressqueue.hashing import canonical
from pressqueue.models import Item, Package
from pressqueue.packages import accounts_of, describe, digest


def make(item: Item, files: dict[str, dict[str, Any]], now: datetime) -> Package:
    """Returns the Package of this Item as it is now."""
    return keep(item, canonical(describe(item, files, accounts=accounts_of(item))), now)


def keep(item: Item, content: str, now: datetime) -> Package:
    """Returns the row of this canonical JSON, created where there is none."""
    package, _ = Package.objects.get_or_create(
        item=item, digest=digest(content), defaults={"content": content, "made_at": now}
    )
    return package

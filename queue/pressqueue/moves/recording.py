"""The record of an Item is written down here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pressqueue import records
from pressqueue.models import Item


def fill(item: Item, answers: Mapping[str, Any]) -> list[str]:
    """Write these answers and leave the others. The caller holds the Item. Returns the names of the changed ones.

    Raises Forbidden, naming the field, for a value it cannot hold.
    """
    record, changed = records.filled(item, answers)
    if changed or record._state.adding:
        record.save()
    return changed

"""Claims on rows: one conditional UPDATE says who works on a row until when, and whoever lost it changes nothing.

A claim is an owner and an end; where both may be met twice, a fence that rises with each claim tells them apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from pressqueue.errors import LeaseLost

RELEASED: dict[str, Any] = {"owner": "", "until": None}


def free(now: datetime, until: str = "until") -> Q:
    """Returns a condition for rows that nobody has claimed, or whose claim has ended.

    `until` names the field with the claim's end.
    """
    return Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__lte": now})


def claim(rows: QuerySet[Any], owner: str, until: datetime, now: datetime, *, fenced: bool = False) -> bool:
    """Claim the one row of `rows` until `until`. False where another worker has it.

    `fenced`: its fence rises by one.
    """
    more = {"fence": F("fence") + 1} if fenced else {}
    return rows.filter(free(now)).update(owner=owner, until=until, **more) == 1


def lost(row: str, fence: int) -> LeaseLost:
    """Returns the error for an UPDATE that named the fence and changed no row: `row` is "Post 7"."""
    return LeaseLost(f"{row}: the lease with fence {fence} is over.")

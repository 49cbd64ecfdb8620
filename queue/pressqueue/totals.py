"""R33: running totals of a campaign that never tell which number was meant.

{shown} counts people who were ever published, {removed} people whose appeal came down, for whatever reason. Both are
public, so both follow what is true from a distance: seldom, in whole steps, and never with the newest removals in it.
Pure: what is true is counted by `pressqueue.moves.totals`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LEAST_STEP = 5  # whatever a policy says: the rule is "in steps of five or more"


@dataclass(frozen=True, slots=True)
class PublishedTotals:
    """What the public reads, and how many had come down when {removed} last rose."""

    shown: int
    removed: int
    removed_then: int
    published_at: datetime


def follow(
    published: PublishedTotals, *, shown: int, removed: int, now: datetime, every: timedelta, step: int
) -> PublishedTotals:
    """Returns what the public may read from now on: `published` itself where nothing may change yet.

    {removed} rises only when at least two steps more have come down than at its last rise, and then to at least one
    step below the true count. An observer who notices which pictures vanish can therefore never say of a person that
    they are among those counted: the uncounted are always at least a step more than the rise. {shown} hides nobody,
    since pictures are public by themselves; it keeps the same pace and step so that it dates nothing.
    """
    if now - published.published_at < every:
        return published
    step = max(step, LEAST_STEP)
    changed = replace(published, shown=published.shown + _whole(shown - published.shown, step))
    if removed - published.removed_then >= 2 * step:
        risen = published.removed + _whole(removed - step - published.removed, step)
        changed = replace(changed, removed=risen, removed_then=removed)
    if (changed.shown, changed.removed) == (published.shown, published.removed):
        return published
    return replace(changed, published_at=now)


def _whole(more: int, step: int) -> int:
    """The largest multiple of `step` that is not above `more`; nothing where there is less than one."""
    return max(0, more // step * step)

"""Being told to end: nothing new is taken, what is in hand is finished or handed back, within a bound.

Whoever hands back leaves what a death would leave (a sending is out of sight and is looked for), only at once and not
when its lease runs out: the next worker goes on where this one stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from pressqueue import errors
from pressqueue.models import Post
from pressqueue.moves import leases, posts
from pressqueue.states import PostState

log = logging.getLogger(__name__)

SHUTDOWN_REQUESTED = "The process that was sending it was told to end."


class Shutdown:
    """Whether a process was told to end, and when, in seconds of a clock that never jumps."""

    def __init__(self) -> None:
        self._requested_at: float | None = None

    def request(self, now: float) -> None:
        """Told to end. Asking again does not lengthen the time that is left."""
        if self._requested_at is None:
            self._requested_at = now

    @property
    def requested(self) -> bool:
        """Nothing new is taken any more."""
        return self._requested_at is not None

    def over(self, now: float, within: float) -> bool:
        """The time for finishing is over: what can be broken off is broken off."""
        return self._requested_at is not None and now >= self._requested_at + within


def hand_back(names: Iterable[str], now: datetime) -> int:
    """Hand back every Post these workers of ours still hold; returns how many.

    Albums keep their lease: one is made by a request that may be under way, and must not be made twice.
    """
    handed = 0
    for post in Post.objects.filter(owner__in=list(names), until__isnull=False).order_by("pk"):
        try:
            if post.state == PostState.SENDING:
                posts.mark_unconfirmed(post, post.fence, message=SHUTDOWN_REQUESTED, not_before=now, now=now)
            else:
                leases.give_back(post, post.fence, now)
            handed += 1
        except errors.LeaseLost as lost:
            log.warning("%s", lost)
    return handed

"""R39: what a platform answered stands in the log by its own clock and by ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pressqueue.models import Entry, Post
from pressqueue.moves import takedown
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock


@pytest.mark.parametrize("platform", ["flickr", "youtube"])
def test_each_answer_stands_in_the_log_by_both_clocks(
    platform: str, queued: Callable[..., Post], rounds: Callable[..., list[str]], worker: Worker, clock: Clock
) -> None:
    clock.on(days=-3)  # our clock is wrong by days, and the platform's shows it
    post = queued(platform)
    rounds("live")
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    rounds("removed")
    for act in ("post_sent", "post_seen", "post_gone"):
        entry = Entry.objects.get(act=act)
        theirs = datetime.fromisoformat(json.loads(entry.about)["platform_at"])
        assert abs(datetime.now(UTC) - theirs) < timedelta(minutes=5), act
        assert theirs - datetime.fromisoformat(entry.at) > timedelta(days=2), act

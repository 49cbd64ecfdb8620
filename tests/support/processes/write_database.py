"""Writes to one database as fast as it can, or as a person would; each says when, by the clock all processes share."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta

import django

django.setup()

from pressqueue.errors import Forbidden
from pressqueue.models import Post
from pressqueue.moves import holds, leases
from pressqueue.moves import posts as post_moves
from publisher.workers.sqlite_in_turn.base import DatabaseWrapper, stand_behind_people

from support import factories
from support.processes.starting import wait_for_the_others

LEASE = timedelta(seconds=600)


def hammer(seconds: float, pause: float) -> dict[str, list[float]]:
    """Take, renew, put back: a worker that never waits for a platform. Answers when it made each transaction."""
    stand_behind_people()
    until, made = time.monotonic() + seconds, list[float]()
    posts = list(Post.objects.order_by("?"))
    while time.monotonic() < until:
        for post in posts:
            taken = leases.take(post, f"h{len(made)}", LEASE, now=leases.database_now())
            made.append(time.monotonic())
            if taken is not None:
                leases.renew(taken.pk, taken.fence, LEASE, now=leases.database_now())
                made.append(time.monotonic())
                post_moves.later(
                    taken, taken.fence, message="", not_before=leases.database_now(), now=leases.database_now()
                )
                made.append(time.monotonic())
            threading.Event().wait(pause) if pause else None
            if time.monotonic() > until:
                break
    return {"made": made}


def person(turns: int, pause: float) -> dict[str, list[tuple[float, float]]]:
    """Freezes and thaws, with a moment to think between. Answers when each began and had its answer.

    Only features: what the hammers take are appeals. Where another ended the freeze, or asked for that, a moment
    before, the refusal is the answer, and took its turn like any other.
    """
    took, approver = [], factories.approver()
    for turn in range(turns):
        began = time.monotonic()
        now = leases.database_now()
        with suppress(Forbidden):
            if turn % 2:
                factories.thaw(now=now)
            else:
                holds.freeze(approver, "features", now=now)
        took.append((began, time.monotonic()))
        threading.Event().wait(pause)
    return {"took": took}


def hire() -> None:
    """Everybody who freezes or thaws, before two processes find at once that they are not there."""
    factories.approver()
    factories.bystander()
    factories.officer("thea", "author")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["hammer", "person", "hire"])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--without-turns", action="store_true", help="a control: whoever asks first, by chance")
    given = parser.parse_args()
    if given.without_turns:
        DatabaseWrapper._turn_file = lambda _: None  # type: ignore[method-assign]
    if given.what == "hire":
        hire()
        sys.stdout.write("{}\n")
        return
    wait_for_the_others()
    result: object = hammer(given.seconds, given.pause) if given.what == "hammer" else person(given.turns, given.pause)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()

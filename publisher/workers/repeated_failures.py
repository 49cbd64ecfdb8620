"""A Post that fails again and again while its account answers: a person is told within minutes, with what to do.

Where the account itself is down nobody gets so far: its breaker holds its Posts back, and is told of by itself.
"""

from __future__ import annotations

from datetime import datetime

from pressqueue.destination_names import name_of
from pressqueue.models import Post
from pressqueue.moves import circuit_breaker, notices
from pressqueue.states import PostState
from publisher.destinations.base import Receipt
from publisher.workers.worker import Worker

AFTER = 3  # failures in a row

WHAT_TO_DO: dict[str, str] = {
    PostState.WAITING: "Nothing of it is public, and it is tried again by itself. If it goes on, withdraw it and "
    "submit it anew with another file.",
    PostState.UNSURE: "Look there whether it arrived, then say so: `publisher settle {reference} {destination} "
    "--there ID` or `--absent`.",
    PostState.CONCEALED: "It lies there, private: {url}. Open it there and see what the platform says of it, or "
    "withdraw it. It is tried again by itself.",
    PostState.REVEALING: "Open {url} there: it may be public already. Withdraw it if it must not be.",
    PostState.LIVE: "The published copy still has its old text: {url}. Change it there by hand, or withdraw it.",
    PostState.REMOVING: "It may still be up. {by_hand}",
}


def stands_alone(destination: str, failed: int, now: datetime) -> bool:
    """Whether the account of what has failed `failed` times in a row, a moment ago once more, answered in between."""
    return (
        not circuit_breaker.resting(now).filter(pk=destination).exists()
        and circuit_breaker.in_a_row(destination) < failed
    )


def notify(worker: Worker, post: Post, message: str, *, counted: bool = False) -> None:
    """Says it once, until the Post gets on. `counted`: this failure is among the Post's `tries` already."""
    now, reference, tries = worker.clock(), post.item.reference, post.tries + (not counted)
    if tries < AFTER or not stands_alone(post.destination, tries, now):
        return
    by_hand = worker.destinations[post.destination].by_hand(Receipt(post.remote_id or "", post.url))
    advice = WHAT_TO_DO.get(post.state, WHAT_TO_DO[PostState.WAITING]).format(
        reference=reference, destination=post.destination, url=post.url or name_of(post.destination), by_hand=by_hand
    )
    sentence = f"{reference} has failed {tries} times in a row at {name_of(post.destination)}. {message} {advice}"
    notices.notify(f"failing:{post.pk}", sentence, now, reference)

"""One Post from wherever it is to seen gone: conceal, tidy, remove, look, until the platform says it is not there."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from pressqueue import errors
from pressqueue.models import Album, Post
from pressqueue.moves import leases, media_addresses, notices, posts, takedown
from pressqueue.states import PostState
from publisher.destinations import platform_clock
from publisher.destinations.base import Destination, Receipt, Seen, Visibility
from publisher.destinations.errors import Later, Refused
from publisher.publishing.delivery import receipt_of
from publisher.workers import repeated_failures
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

TELL_AFTER = timedelta(minutes=15)  # R26: a person is told while thirty minutes have not yet passed
BOUND = timedelta(minutes=30)
ELSEWHERE = "{} is another account than the one it was published at, so not finding it there says nothing."
BREACH = "This is a breach of the 30-minute bound for take-downs."


def take_away(worker: Worker, post: Post) -> bool:
    """One round: look, conceal what is public, remove, look again. False where another worker has it.

    Down is what two looks, some seconds apart, did not find: a platform may for a moment not know what it holds
    (tokland/youtube-upload#305).
    """
    mine = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if mine is None:
        return False
    try:
        _round(worker, mine)
    except Later as error:
        _again(worker, mine, error.words, error)
    except Refused as error:
        _again(worker, mine, error.words, None)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)
    return True


def _round(worker: Worker, mine: Post) -> None:
    destination = worker.destinations[mine.destination].as_withdrawal()
    receipt = receipt_of(mine)
    try:
        with platform_clock.listening() as heard:
            seen = destination.look(receipt)
    except Later as error:
        if error.trouble and repeated_failures.stands_alone(mine.destination, mine.tries + 1, worker.clock()):
            unseen(destination, receipt)
        raise
    if not seen.exists and mine.looks:
        return _confirm(worker, mine, heard.at)
    elsewhere = mine.account and destination.limits().account != mine.account and mine.by_hand_at is None
    if not seen.exists and elsewhere:
        return _again(worker, mine, ELSEWHERE.format(mine.destination), None)
    if seen.exists and mine.looks:
        mine = posts.seen_there(mine, mine.fence)
    hindrance = ""
    if seen.exists and seen.visibility is not Visibility.PRIVATE:
        try:
            destination.conceal(receipt)
        except (Later, Refused) as error:  # removing it hides it as well
            hindrance = error.words
    if seen.exists and not hindrance and mine.answered_failures == 0:
        _tidy(destination, mine, seen)
    try:
        destination.remove(receipt)  # also what was not seen: already gone is success
    except (Later, Refused):
        if seen.exists:  # else a person may have removed what we are not allowed to: looking decides
            raise
    if destination.look(receipt).exists:
        words = hindrance or f"{mine.destination} was asked to remove it and still shows it."
        return _again(worker, mine, words, None)
    now = worker.clock()
    posts.seen_gone(mine, mine.fence, at=now, not_before=now + _apart(worker))
    return None


def unseen(destination: Destination, receipt: Receipt) -> None:
    """What cannot be read can still be taken down; that it is gone is for a later look to say."""
    try:
        destination.conceal(receipt)
        destination.remove(receipt)
    except (Later, Refused) as error:
        log.info("%s could not be removed unseen: %s", receipt.remote_id, error.words)


def _tidy(destination: Destination, mine: Post, seen: Seen) -> None:
    """Once it is out of sight and before it is gone: what will not be asked again.

    Its direct addresses, where none were noted while it stood; its albums' covers and entries. Best effort, and only
    until the platform has refused a round: an album that cannot be mended must not keep a picture up.
    """
    receipt = receipt_of(mine)
    try:
        if seen.media_urls or not mine.media_urls:  # more may have been made since it went up: YouTube's larger sizes
            media_addresses.note_media(mine, mine.fence, seen.media_urls or destination.media(receipt))
        albums = Album.objects.filter(account=mine.destination, key=mine.item.campaign.slug).exclude(remote_id="")
        if filed := tuple(albums.values_list("remote_id", flat=True)):
            destination.unfile(receipt, filed)
    except (Later, Refused) as error:
        log.info("Post %s: its albums or addresses were not seen to: %s", mine.pk, error.words)


def _confirm(worker: Worker, mine: Post, platform_at: datetime | None) -> None:
    now = worker.clock()
    first = datetime.fromisoformat(mine.looks[0])
    if now - first < _apart(worker):
        leases.give_back(mine, mine.fence, first + _apart(worker))
        return
    posts.gone(mine, mine.fence, platform_at=platform_at, now=now)
    for cause in ("takedown", "byhand"):
        notices.clear(f"{cause}:{mine.pk}", now)


def tell_overdue(worker: Worker) -> None:
    """Every Post whose withdrawal is not confirmed: told at fifteen minutes, and of the breach at thirty."""
    now = worker.clock()
    open_states = [PostState.REMOVING, PostState.SENDING, PostState.UNSURE]
    overdue = Post.objects.filter(state__in=open_states, take_down_asked_at__lte=now - TELL_AFTER)
    for post in overdue.select_related("item").order_by("pk"):
        reference = post.item.reference
        where = f" Take it down there by hand: {post.url}" if post.url else " Look there by hand."
        words = f"{reference} is still not confirmed down at {post.destination}. {post.words}".strip() + where
        notices.tell(f"takedown:{post.pk}", words, now, reference)
        if is_breach(post, now):
            words = f"{reference} at {post.destination}: {BREACH} It is not confirmed down.{where}"
            notices.tell(f"takedown:{post.pk}:breach", words, now, reference)


def is_breach(post: Post, now: datetime) -> bool:
    """Whether thirty minutes have passed since this was asked to come down."""
    return post.take_down_asked_at is not None and now - post.take_down_asked_at >= BOUND


def _apart(worker: Worker) -> timedelta:
    return timedelta(seconds=worker.office.pace.confirm)


def _again(worker: Worker, mine: Post, words: str, error: Later | None) -> None:
    """For ever, at least every five minutes: a withdrawal is never given up, only told to a person as well."""
    pace, now = worker.office.pace, worker.clock()
    longest = timedelta(seconds=pace.withdraw_most)
    wait = min(worker.backoff(mine.tries, pace.withdraw_first, pace.withdraw_most), longest)
    not_before = now + wait
    if error is not None and error.retry_at is not None:
        not_before = max(not_before, min(error.retry_at, now + longest))
    answered = error is None or error.answered
    if error is not None and error.trouble:  # its account answers, so asking this one again may be in vain
        answered = answered or repeated_failures.stands_alone(mine.destination, mine.tries + 1, now)
    if error is None or error.retry_at is None:
        repeated_failures.tell(worker, mine, words)
    if answered and mine.answered_failures + 1 >= pace.hand_over:
        _hand_over(worker, mine, words)
    takedown.still_up(
        mine, mine.fence, words=words, not_before=not_before, answered=answered, hand_over=pace.hand_over, now=now
    )


def _hand_over(worker: Worker, mine: Post, words: str) -> None:
    """Told first and moved then: a death in between tells it again. Trying goes on beside the person."""
    reference = mine.item.reference
    steps = worker.destinations[mine.destination].by_hand(receipt_of(mine))
    told = (
        f"{mine.destination} answers and does not take {reference} down: {words} Do it by hand. {steps} "
        f"Then say so: `publisher withdraw {reference} --by-hand {mine.destination}`."
    )
    notices.tell(f"byhand:{mine.pk}", told, worker.clock(), reference)

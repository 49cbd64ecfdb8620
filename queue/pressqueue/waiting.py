"""Why a Post does not go on: one sentence for an officer, from everything that can keep it waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pressqueue.holds import held_because
from pressqueue.local import at
from pressqueue.models import Account, Office, Post, Spend
from pressqueue.moves import accounts, leases
from pressqueue.states import ENDED, ItemState, PostState

STUCK = (PostState.FAILED, PostState.BLOCKED, PostState.MISSING)


def why_waiting(post: Post, now: datetime) -> str:
    """The first of its reasons, as a sentence; empty where it is live, or at its end.

    `post` comes with its Item and campaign (`select_related("item__campaign")`). Reads, and changes nothing.
    """
    if post.state in ENDED or (post.state == PostState.LIVE and post.amending_id is None):
        return ""
    reasons = _removing(post, now) if _comes_down(post) else _going_out(post, now)
    return next((reason for reason in reasons if reason), f"{post.words} It goes on in the next round.".strip())


def _comes_down(post: Post) -> bool:
    return post.state == PostState.REMOVING or post.take_down_asked_at is not None


def _removing(post: Post, now: datetime) -> Iterator[str]:
    if post.handed_at is not None:
        yield f"{post.destination} refuses to remove it: an officer must remove it there by hand."
    yield _resting(post, now)
    yield _in_hand(post, now)
    yield _tried_later(post, now)


def _going_out(post: Post, now: datetime) -> Iterator[str]:
    item = post.item
    if post.parked_at is not None:
        yield f"An officer must act. {post.words}".strip()
    if post.state in STUCK:
        yield post.words or "An officer must act."
    if post.state == PostState.WAITING:
        yield held_because(Office.objects.get(), item.campaign, item)
        if item.state != ItemState.APPROVED:
            yield f"{item.reference} is not approved."
    yield _in_hand(post, now)
    if accounts.closed_to(post, now):
        yield _resting(post, now) or accounts.stopped_because(post.destination, now)
    yield _used_up(post, now)
    if leases.makes_way(post, now):
        yield f"Publisher is removing something from {post.destination} first."
    yield _tried_later(post, now)


def _in_hand(post: Post, now: datetime) -> str:
    return "Publisher is working on it now." if post.until is not None and post.until > now else ""


def _resting(post: Post, now: datetime) -> str:
    until = Account.objects.filter(pk=post.destination, broken_until__gt=now).values_list("broken_until", flat=True)
    if (again := until.first()) is None:
        return ""
    return f"{post.destination} does not answer properly. Publisher asks it again at {at(again)}."


def _used_up(post: Post, now: datetime) -> str:
    told = Spend.objects.filter(destination=post.destination, exhausted_until__gt=now).order_by("-exhausted_until")
    if (until := told.values_list("exhausted_until", flat=True).first()) is None:
        return ""
    return f"The quota of {post.destination} is used up until {at(until)}."


def _tried_later(post: Post, now: datetime) -> str:
    if post.not_before <= now:
        return ""
    if post.tries == 0 and not post.words:
        return f"It is due at {at(post.not_before)}."
    return f"{post.words} Publisher tries again at {at(post.not_before)}.".strip()

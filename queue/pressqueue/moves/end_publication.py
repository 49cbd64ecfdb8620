"""What becomes of an Item's Posts and Booking when it is no longer to go out, or no longer to stay up."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from pressqueue.audit import Log
from pressqueue.locks import Held
from pressqueue.models import Amendment, Booking, Item, Post
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, OUT_OF_SIGHT, PostMove, PostState, next_post_state


def end_publication(log: Log, held: Held, reason: str, now: datetime) -> None:
    """End every Post the caller holds locked: cancel the waiting, remove the published, flag the unconfirmed."""
    end_amendments(log, held.item, reason, now)
    for post in held.posts:
        end_post(log, post, reason, now)
    reopen_booking(log, held, now)


def end_amendments(log: Log, item: Item, reason: str, now: datetime) -> None:
    """End the Item's amendments: drafts are dropped, approved texts are written to no further copy."""
    for amendment in Amendment.objects.filter(item=item, state__in=["drafted", "approved"]).order_by("pk"):
        end_amendment(log, amendment, reason, now)


def end_amendment(log: Log, amendment: Amendment, reason: str, now: datetime, message: str = "") -> None:
    """End one amendment, whose Item the caller holds locked. Approvals of one that never took effect become void."""
    amendment.state, amendment.ended_at = Amendment.State.DROPPED, now
    amendment.ended_reason, amendment.refusal = reason, message.strip()
    amendment.save(update_fields=["state", "ended_at", "ended_reason", "refusal"])
    if amendment.approved_at is None:
        amendment.package.approvals.filter(void_at__isnull=True).update(void_at=now, void_reason=reason)
    Post.objects.filter(amending=amendment).update(amending=None)
    log.note("amendment_dropped", text=message, item=amendment.item_id, amendment=amendment.pk, reason=reason)


def end_post(log: Log, post: Post, reason: str, now: datetime) -> None:
    """End one Post; the caller holds its Item and it. One that has ended, or is already coming down, stays as it is."""
    state = PostState(post.state)
    if state in ENDED or state is PostState.REMOVING:
        return
    if state in OUT_OF_SIGHT:
        if post.take_down_asked_at is None:
            _another_may_be_due(post)
            # The worker's lease stands: it learns of this when it next renews, and must not lose its outcome.
            _write(post, take_down_asked_at=now, reason=reason, not_before=now)
            log.note("take_down_asked", post=post.pk, state=str(state), reason=reason)
        return
    _another_may_be_due(post)
    move = PostMove.CANCEL if state in (PostState.WAITING, PostState.FAILED) else PostMove.TAKE_DOWN
    target = next_post_state(state, move)
    # A higher fence takes the Post from whoever works on it: their next write touches nothing.
    _write(
        post,
        state=target,
        reason=reason,
        take_down_asked_at=now,
        not_before=now,
        fence=F("fence") + 1,
        owner="",
        until=None,
        tries=0,
        looks=[],
        parked_at=None,
        words="",
    )
    log.note(f"post_{move}", post=post.pk, was=str(state), now=str(target), reason=reason)


def _another_may_be_due(post: Post) -> None:
    """The timetable looks at its Item again: a Post is to stand at each destination of an approved one."""
    Item.objects.filter(pk=post.item_id, posts_made_at__isnull=False).update(posts_made_at=None)


def reopen_booking(log: Log, held: Held, now: datetime) -> None:
    """Reopen a Booking whose Item ended before anything was revealed; its day number returns."""
    booking = held.booking
    if booking is None or booking.state != Booking.State.FILLED:
        return
    if any(PostState(post.state) in COUNTS_AS_PUBLIC and post.revealing_at for post in held.posts):
        return
    if booking.day is not None:
        held.campaign.returned_days = sorted({*held.campaign.returned_days, booking.day})
        held.campaign.save(update_fields=["returned_days"])
    log.note("booking_reopened", booking=booking.pk, item=booking.item_id, day=booking.day)
    booking.state, booking.item, booking.day = Booking.State.OPEN, None, None
    booking.save(update_fields=["state", "item", "day"])


def _write(post: Post, **changes: object) -> None:
    Post.objects.filter(pk=post.pk).update(**changes)
    post.refresh_from_db()

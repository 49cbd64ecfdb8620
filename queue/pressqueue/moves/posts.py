"""Posts: each move is one UPDATE that names the fence; no row changed means the lease was lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from pressqueue import gates, locks, powers
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.destination_names import name_of
from pressqueue.errors import Forbidden
from pressqueue.models import Attempt, Booking, MediaAddress, Post, Step
from pressqueue.moves import claims, live_checks, notices
from pressqueue.publishable import check_publishable
from pressqueue.states import NotAllowed, PostMove, PostState, next_post_state

# Notices about one Post, each named by its cause and the Post's number.
CAUSES = ("gates", "failed", "parked", "blocked", "unsure", "fault", "revealing", "missing")
POINTED_AT = "officer.pointed_at"  # Journal: where an officer says the copy is


@clean_texts
def sent(
    post: Post, fence: int, *, remote_id: str, url: str, media_urls: Iterable[str], platform_at: datetime | None = None,
    now: datetime,
) -> Post:  # fmt: skip
    """sending -> concealed: the platform holds it. If it was withdrawn meanwhile: straight on to removing.

    `platform_at`, here and below: when that was, by the platform's own clock (R39).
    """
    return _arrived(post, fence, PostMove.SENT, remote_id, url, media_urls, platform_at, now)


@clean_texts
def found(
    post: Post, fence: int, *, remote_id: str, url: str, media_urls: Iterable[str], platform_at: datetime | None = None,
    now: datetime,
) -> Post:  # fmt: skip
    """unsure -> concealed: a look found the copy, by session URI or Mark."""
    return _arrived(post, fence, PostMove.FOUND, remote_id, url, media_urls, platform_at, now)


def _arrived(
    post: Post, fence: int, move: PostMove, remote_id: str, url: str, media_urls: Iterable[str],
    platform_at: datetime | None, now: datetime,
) -> Post:  # fmt: skip
    with moving(MACHINE, now) as log:
        target = _target(post, move)
        if target is PostState.REVEALING:  # Item and Booking before the Post, as everybody locks them
            live_checks.begin(post.item_id, now)
            Booking.objects.select_for_update(no_key=True).filter(pk=post.booking_id or 0).first()
        receipt: dict[str, Any] = {
            "remote_id": remote_id,
            "url": url,
            "media_urls": list(media_urls),
            "looks": [],
            "sight_lost_at": None,
        }
        if target is PostState.REVEALING:
            receipt["revealing_at"] = now
        if move is PostMove.FOUND:  # who found it goes no further with it: anybody may at once, not when the lease ends
            receipt |= {"owner": "", "until": None}
        # Two UPDATEs, one of which finds the row: a withdrawal may set the flag between a look at it and a write.
        wanted = Q(take_down_asked_at__isnull=True)
        if not _try(log, post, fence, move, target, wanted, platform_at=platform_at, **receipt):
            # Free at once: the withdrawal must not wait for the lease of whoever sent or found it.
            # And no longer a person's, where it was out of sight for long: it can be removed now.
            free: dict[str, Any] = {"owner": "", "until": None, "not_before": now, "handed_at": None}
            _write(log, post, fence, move, PostState.REMOVING, platform_at=platform_at, **{**receipt, **free})
        if target is PostState.REVEALING and post.booking_id is not None:
            Booking.objects.filter(pk=post.booking_id, state=Booking.State.FILLED).update(state=Booking.State.KEPT)
        _close_attempt(post, fence, str(move), "", now)
    return _fresh(post)


@clean_texts
def later(post: Post, fence: int, *, message: str, not_before: datetime, now: datetime, failed: bool = True) -> Post:
    """sending -> waiting (certainly not sent), or concealed -> concealed (processing, hold, a Step to repeat).

    `failed` counts towards the tries after which an officer must act; waiting for processing does not.
    """
    with moving(MACHINE, now) as log:
        target = _target(post, PostMove.LATER)
        tries = post.tries + 1 if failed else post.tries
        free: dict[str, Any] = {"owner": "", "until": None, "not_before": not_before, "tries": tries, "words": message}
        if target is PostState.CONCEALED:
            _write(log, post, fence, PostMove.LATER, target, quiet=not failed, **free)
        elif not _try(log, post, fence, PostMove.LATER, target, Q(take_down_asked_at__isnull=True), **free):
            _write(log, post, fence, PostMove.LATER, PostState.CANCELLED, owner="", until=None, words=message)
        _close_attempt(post, fence, "later", message, now)
    return _fresh(post)


@clean_texts
def refuse(post: Post, fence: int, *, message: str, now: datetime) -> Post:
    """sending -> failed: a permanent error, with a text for the officer."""
    with moving(MACHINE, now) as log:
        target = _target(post, PostMove.REFUSE)
        free: dict[str, Any] = {"owner": "", "until": None, "words": message}
        if not _try(log, post, fence, PostMove.REFUSE, target, Q(take_down_asked_at__isnull=True), **free):
            _write(log, post, fence, PostMove.REFUSE, PostState.CANCELLED, **free)
        _close_attempt(post, fence, "refused", message, now)
    return _fresh(post)


@clean_texts
def mark_unconfirmed(post: Post, fence: int, *, message: str, not_before: datetime, now: datetime) -> Post:
    """sending -> unsure: bytes left, or the lease ran out. Looks begin at `not_before`."""
    with moving(MACHINE, now) as log:
        _write(
            log, post, fence, PostMove.LOSE_SIGHT, _target(post, PostMove.LOSE_SIGHT),
            owner="", until=None, words=message, sight_lost_at=now, looks=[], not_before=not_before,
        )  # fmt: skip
        _close_attempt(post, fence, "unsure", message, now)
    return _fresh(post)


@clean_texts
def record_empty_listing(post: Post, fence: int, *, began_at: datetime, not_before: datetime) -> Post:
    """unsure stays unsure: records one complete listing without the Mark."""
    looks = [*post.looks, began_at.isoformat()]
    _count(post, fence, looks=looks, not_before=not_before, owner="", until=None)
    return _fresh(post)


@clean_texts
def seen_gone(post: Post, fence: int, *, at: datetime, not_before: datetime) -> Post:
    """removing stays removing: records one look that found nothing; a second must confirm it."""
    _count(post, fence, looks=[*post.looks, at.isoformat()], not_before=not_before, owner="", until=None)
    return _fresh(post)


@clean_texts
def seen_there(post: Post, fence: int) -> Post:
    """removing stays removing: a look found the copy again, so earlier looks no longer count."""
    _count(post, fence, looks=[])
    return _fresh(post)


@clean_texts
def absent(
    post: Post, fence: int, *, forget: Iterable[str] = (), not_before: datetime | None = None, now: datetime
) -> Post:
    """unsure -> waiting: the platform does not hold it; or -> cancelled where it is no longer wanted.

    `forget`: keys of the Journal that must not be used again (a session that is gone); its plug-in names them.
    """
    with moving(MACHINE, now) as log:
        free: dict[str, Any] = {
            "owner": "", "until": None, "looks": [], "sight_lost_at": None, "not_before": not_before or now,
            "journal": _without(post.journal, forget), "tries": post.tries + 1,
        }  # fmt: skip
        target = _target(post, PostMove.ABSENT)
        if not _try(log, post, fence, PostMove.ABSENT, target, Q(take_down_asked_at__isnull=True), **free):
            _write(log, post, fence, PostMove.DROP, PostState.CANCELLED, **free)
    return _fresh(post)


@clean_texts
def settle(actor: Actor, post: Post, *, there: str | None, forget: Iterable[str], now: datetime) -> Post:
    """Record an officer's answer to "unsure": the remote id of the copy, or None for "it is not there".

    A remote id is a place to look, not a finding: the machine reads the Mark there before it accepts it, so that a
    typing error cannot publish, or later delete, somebody else's picture. `forget`: as for `absent`. Raises Forbidden.
    """
    powers.demand(actor, "settle")
    with moving(actor, now) as log:
        held = locks.item(post.item_id, posts=True)
        locked = next(each for each in held.posts if each.pk == post.pk)
        if locked.state != PostState.UNSURE:
            raise Forbidden(f"{held.item.reference} at {name_of(locked.destination)} is {locked.state}, not unsure.")
        journal = _without(locked.journal, forget)
        changes: dict[str, Any] = {"state": locked.state, "journal": {**journal, POINTED_AT: there}}
        if there is None:
            move = PostMove.DROP if locked.take_down_asked_at else PostMove.ABSENT
            changes = {"state": _target(locked, move), "journal": journal, "looks": [], "sight_lost_at": None}
        changes |= {"owner": "", "until": None, "not_before": now, "parked_at": None, "tries": 0, "words": ""}
        Post.objects.filter(pk=locked.pk).update(fence=locked.fence + 1, **changes)
        log.note("post_settled", post=locked.pk, was=locked.state, now=str(changes["state"]), remote_id=there)
    return _fresh(post)


@clean_texts
def claimed_id_rejected(post: Post, fence: int, *, message: str, now: datetime) -> Post:
    """unsure stays unsure: the remote id that an officer gave is not this Post's copy."""
    _count(
        post, fence, journal=_without(post.journal, [POINTED_AT]), words=message, not_before=now, owner="", until=None
    )
    return _fresh(post)


@clean_texts
def metadata_applied(post: Post, fence: int) -> None:
    """Record that thumbnail, captions and terms are in place, so that they are not set again."""
    _count(post, fence, dressed=True, tries=0, words="")


@clean_texts
def asked_public(post: Post, fence: int, *, now: datetime) -> Post:
    """Record that the platform accepted the reveal. From the first time on it is given a while to show it."""
    changes = {"asked_public_at": post.asked_public_at or now, "asked_public": post.asked_public + 1}
    _count(post, fence, **changes)
    return _with(post, **changes)


@clean_texts
def begin_reveal(post: Post, fence: int, *, needs_attestation: bool, account: str | None = None, now: datetime) -> Post:
    """concealed -> revealing: the deciding commit. Raises GatesClosed, Forbidden (held) or LeaseLost.

    One transaction that holds the Item's row evaluates gates, holds and digest, and changes the state.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(post.item_id)
        check_publishable(held, post, gates.Step.BEGIN_REVEAL, needs_attestation, now, account)
        if held.booking is not None and post.booking_id == held.booking.pk:
            Booking.objects.filter(pk=held.booking.pk).update(state=Booking.State.KEPT)
        live_checks.begin(post.item_id, now)
        target = _target(post, PostMove.BEGIN_REVEAL)
        changes: dict[str, Any] = {"revealing_at": now, "tries": 0, "words": ""}
        _write(log, post, fence, PostMove.BEGIN_REVEAL, target, **changes)
    return _with(post, state=target, **changes)


@clean_texts
def seen(
    post: Post, fence: int, *, now: datetime, steps: Iterable[str] = (), platform_at: datetime | None = None
) -> Post:
    """revealing, blocked or missing -> live: the copy was read back as approved."""
    changes: dict[str, Any] = {
        "live_at": post.live_at or now, "owner": "", "until": None, "tries": 0, "words": "", "parked_at": None,
    }  # fmt: skip
    target = _target(post, PostMove.SEEN)
    with moving(MACHINE, now) as log:
        _write(log, post, fence, PostMove.SEEN, target, platform_at=platform_at, **changes)
        for kind in steps:
            Step.objects.get_or_create(post=post, kind=kind, defaults={"not_before": now})
    return _with(post, state=target, **changes)


@clean_texts
def unseen(post: Post, fence: int, *, message: str, now: datetime) -> Post:
    """revealing -> blocked: the reveal was accepted and the copy is still not public. An officer must act."""
    return _stop(post, fence, PostMove.UNSEEN, message, now)


@clean_texts
def vanished(post: Post, fence: int, *, message: str, now: datetime) -> Post:
    """live -> missing: the copy is gone or was changed by somebody else."""
    return _stop(post, fence, PostMove.VANISHED, message, now)


def _stop(post: Post, fence: int, move: PostMove, message: str, now: datetime) -> Post:
    with moving(MACHINE, now) as log:
        _write(log, post, fence, move, _target(post, move), owner="", until=None, words=message, parked_at=now)
    return _fresh(post)


@clean_texts
def gone(post: Post, fence: int, *, platform_at: datetime | None = None, now: datetime) -> Post:
    """removing -> removed: the platform itself reports it gone. Requests to its direct addresses begin now."""
    with moving(MACHINE, now) as log:
        target = _target(post, PostMove.GONE)
        _write(
            log, post, fence, PostMove.GONE, target, platform_at=platform_at,
            removed_at=now, owner="", until=None, words="", parked_at=None,
        )  # fmt: skip
        fresh = _fresh(post)
        MediaAddress.objects.bulk_create(
            MediaAddress(post=fresh, url=url, noted_at=now, not_before=now) for url in dict.fromkeys(fresh.media_urls)
        )
    return fresh


@clean_texts
def park(post: Post, fence: int, *, message: str, not_before: datetime, now: datetime) -> Post:
    """Hand a Post to an officer. It keeps its state; the machine goes on trying what it still can."""
    with moving(MACHINE, now) as log:
        changed = Post.objects.filter(pk=post.pk, fence=fence).update(
            parked_at=now, words=message, not_before=not_before, owner="", until=None
        )
        if changed != 1:
            raise claims.lost(f"Post {post.pk}", fence)
        log.note("post_parked", post=post.pk, state=post.state)
    return _fresh(post)


@clean_texts
def retry(actor: Actor, post: Post, *, now: datetime) -> Post:
    """failed -> waiting, or a parked Post taken up again, by an officer. Raises Forbidden."""
    powers.demand(actor, "retry")
    with moving(actor, now) as log:
        held = locks.item(post.item_id, posts=True)
        locked = next(each for each in held.posts if each.pk == post.pk)
        if locked.state == PostState.FAILED:
            state = _target(locked, PostMove.RETRY)
        elif locked.parked_at is not None and locked.state not in (PostState.BLOCKED, PostState.MISSING):
            state = PostState(locked.state)
        else:
            raise Forbidden(
                f"{held.item.reference} at {name_of(locked.destination)} is {locked.state}: there is nothing to retry."
            )
        Post.objects.filter(pk=locked.pk).update(
            state=state, not_before=now, tries=0, words="", parked_at=None, fence=locked.fence + 1, owner="", until=None
        )
        notices.clear_all([f"{cause}:{locked.pk}" for cause in CAUSES], now)  # if it fails again, that is told again
        log.note("post_retry", post=locked.pk, was=locked.state)
    return _fresh(post)


def _without(journal: dict[str, Any], forget: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in journal.items() if key not in set(forget)}


def _target(post: Post, move: PostMove) -> PostState:
    try:
        return next_post_state(post.state, move, conceals=post.conceals)
    except NotAllowed as error:
        raise Forbidden(str(error)) from None


def _try(
    log: Log,
    post: Post,
    fence: int,
    move: PostMove,
    target: PostState,
    condition: Q,
    *,
    quiet: bool = False,
    platform_at: datetime | None = None,
    **changes: Any,
) -> bool:
    changed = Post.objects.filter(condition, pk=post.pk, fence=fence, state=post.state).update(state=target, **changes)
    if changed and not quiet:
        log.note(
            f"post_{move}",
            post=post.pk,
            fence=fence,
            was=post.state,
            now=str(target),
            remote_id=changes.get("remote_id"),
            **({"platform_at": platform_at.isoformat()} if platform_at is not None else {}),
        )
    return changed == 1


def _write(log: Log, post: Post, fence: int, move: PostMove, target: PostState, **changes: Any) -> None:
    if not _try(log, post, fence, move, target, Q(), **changes):
        raise claims.lost(f"Post {post.pk}", fence)


def _count(post: Post, fence: int, **changes: Any) -> None:
    """A write that changes no state and needs no Entry."""
    if Post.objects.filter(pk=post.pk, fence=fence, state=post.state).update(**changes) != 1:
        raise claims.lost(f"Post {post.pk}", fence)


def _close_attempt(post: Post, fence: int, outcome: str, message: str, now: datetime) -> None:
    # Up to this fence: the Attempt of a worker that died is closed by whoever found its Post.
    Attempt.objects.filter(post=post, fence__lte=fence, ended_at__isnull=True).update(
        ended_at=now, outcome=outcome[:12], words=message
    )


def _with(post: Post, **changes: Any) -> Post:
    """The same Post with what was just written to its row: every later write names the fence and the state again."""
    for name, value in changes.items():
        setattr(post, name, value)
    return post


def _fresh(post: Post) -> Post:
    return Post.objects.select_related("item", "item__campaign", "package").get(pk=post.pk)

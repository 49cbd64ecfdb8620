"""Leases: who works on a Post until when. Taken, renewed and given back by conditional UPDATEs.

Read-change-save lets 4 processes claim hundreds of 400 rows twice on PostgreSQL 15 and none on SQLite, so a wrong
claim passes every SQLite test; one UPDATE whose row count says who won gives none on either (measured).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Q, QuerySet

from pressqueue import gates, locks, packages, texts
from pressqueue.actors import MACHINE
from pressqueue.audit import Log, moving
from pressqueue.errors import Forbidden
from pressqueue.models import Attempt, Booking, Campaign, Office, Post, UnmanagedMedia
from pressqueue.moves import accounts, circuit_breaker, claims
from pressqueue.publishable import check_publishable
from pressqueue.states import OUT_OF_SIGHT, ItemState, PostState


def database_now() -> datetime:
    """Returns the time that leases are compared by: on PostgreSQL the database's own clock, which all hosts share."""
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def due(now: datetime, *, destinations: Iterable[str], withdrawing: bool = False) -> QuerySet[Post]:
    """Returns the Posts that need work now, appeals first. "Due" is this query, never a state."""
    posts = Post.objects.filter(destination__in=list(destinations), not_before__lte=now)
    if withdrawing:
        posts = posts.exclude(destination__in=circuit_breaker.resting(now).values("destination"))
        wanted = Q(state=PostState.REMOVING) | Q(state=PostState.UNSURE, take_down_asked_at__isnull=False)
        coming_down = posts.filter(state__in=[PostState.REMOVING, PostState.UNSURE])  # what an index can be asked for
        return coming_down.filter(claims.free(now), wanted).order_by("not_before", "pk")
    # Each found by an index; of what is live only the few with a text to be written.
    states = [PostState.WAITING, PostState.UNSURE, PostState.CONCEALED, PostState.REVEALING]
    under_way = posts.filter(state__in=states).values("pk")
    to_amend = posts.filter(state=PostState.LIVE, amending__isnull=False).values("pk")
    full = accounts.stopped(now, sending=True).values("destination")
    waiting = ~Q(destination__in=full) & Q(
        state=PostState.WAITING, item__state=ItemState.APPROVED, item__held=False, item__campaign__held=False
    )
    # A restored ledger does not know how far the others got since: reconciling looks first.
    going = ~Q(state=PostState.WAITING) & Q(~Exists(Office.objects.filter(recovering_since__isnull=False)))
    asked = Q(state=PostState.UNSURE, take_down_asked_at__isnull=False)
    return (
        Post.objects.filter(pk__in=under_way.union(to_amend, all=True))
        .filter(claims.free(now), waiting | going, parked_at__isnull=True)
        .exclude(destination__in=accounts.stopped(now).values("destination"))
        .exclude(asked)
        .exclude(~Q(state=PostState.UNSURE), pending_takedown("destination", now))
        .order_by("urgency", "due_at", "pk")
    )


def pending_takedown(field: str, now: datetime) -> Q:
    """Returns a condition for rows whose account, named by `field`, has a pending takedown: publishing waits for it.

    Looking goes on. A withdrawal that was handed to an officer holds nothing back: it may take days. Nor does one that
    failed and waits for its next try: what always fails may be peculiar to it, and where the account itself is down,
    its breaker holds everything back and makes it due at once when the account answers.
    """
    trying = Q(tries=0) | Q(not_before__lte=now) | Q(until__gt=now) | ~Q(looks=[])
    coming_down = Q(state=PostState.REMOVING) | Q(state__in=OUT_OF_SIGHT, take_down_asked_at__isnull=False)
    posts = Post.objects.filter(coming_down, trying, handed_at__isnull=True).values("destination")
    inherited = UnmanagedMedia.objects.filter(
        trying, take_down_asked_at__isnull=False, removed_at__isnull=True, handed_at__isnull=True
    )
    return Q(**{f"{field}__in": posts}) | Q(**{f"{field}__in": inherited.values("destination")})


def yields_to_takedown(post: Post, now: datetime) -> bool:
    """Whether this Post must wait for a takedown; checked again before each Post of a round, since one may be new."""
    return Post.objects.filter(~Q(state=PostState.UNSURE), pending_takedown("destination", now), pk=post.pk).exists()


def _claim(post: Post, owner: str, until: datetime, now: datetime, **texts: str) -> None:
    """waiting -> sending in one conditional UPDATE, with the words it goes out with. Raises LeaseLost.

    The caller read it while it held the Item's row, without which nobody takes a Post.
    """
    changes: dict[str, Any] = {
        "state": PostState.SENDING, "owner": owner, "until": until, "fence": post.fence + 1,
        "words": "", "amending": None, **texts,  # nothing of it is at the platform: it is sent with the newest words
    }  # fmt: skip
    if _free(post, now).filter(fence=post.fence).update(**changes) != 1:
        raise claims.lost(f"Post {post.pk}", post.fence)
    for name, value in changes.items():
        setattr(post, name, value)


def _free(post: Post, now: datetime) -> QuerySet[Post]:
    unheld = claims.free(now)  # nobody is taking a copy that was found for its own
    return Post.objects.filter(unheld, pk=post.pk, state=PostState.WAITING, not_before__lte=now, parked_at__isnull=True)


def take(
    post: Post, owner: str, lease: timedelta, *, now: datetime, needs_attestation: bool = False,
    account: str | None = None,
) -> Post | None:  # fmt: skip
    """Claim a waiting Post and write its Attempt in the same transaction; None where another worker was quicker.

    `account`: whose account the destination is, as it says; None: as it was last known to be. Raises GatesClosed or
    Forbidden (held, changed) with nothing claimed, and LeaseLost where it was put off meanwhile.
    """
    if not _free(post, now).exists():
        return None  # every worker reads the same queue: what another has already taken is not worth a lock
    with moving(MACHINE, now) as log:
        held = locks.item(post.item_id)
        taken = _free(post, now).select_related("package").first()
        if taken is None:
            return None
        goes_to = check_publishable(held, taken, gates.Step.TAKE, needs_attestation, now, account)
        filled = packages.filled(packages.content_of(taken.package), _day_of(log, held, taken))
        _claim(taken, owner, now + lease, now, account=goes_to, title=filled["title"], caption=filled["caption"])
        taken.item = held.item
        Attempt.objects.create(post=taken, fence=taken.fence, owner=owner, began_at=now)
        log.note("post_take", post=taken.pk, fence=taken.fence, owner=owner)
    return taken


def _day_of(log: Log, held: locks.Held, post: Post) -> int | None:
    """The Booking's day number, allotted under the Campaign's lock when its first Post is taken."""
    booking, campaign = held.booking, held.campaign
    if not texts.wants_day(held.item.title, held.item.caption, *held.item.tags):
        return None
    if booking is None or post.booking_id != booking.pk:
        raise Forbidden(f"{held.item.reference} asks for a day number, which only a campaign's own hour gives.")
    if booking.day is None:
        booking.day = _next_day(campaign)
        Booking.objects.filter(pk=booking.pk).update(day=booking.day)
        log.note("day_allotted", campaign=campaign.pk, booking=booking.pk, day=booking.day)
    return booking.day


def _next_day(campaign: Campaign) -> int:
    if campaign.returned_days:
        day, *campaign.returned_days = sorted(campaign.returned_days)
    else:
        day, campaign.next_day = campaign.next_day, campaign.next_day + 1
    campaign.save(update_fields=["returned_days", "next_day"])
    return int(day)


def pick_up(post: Post, owner: str, lease: timedelta, *, now: datetime) -> Post | None:
    """Lease a Post that is past sending, in the state it was read in; None where another worker was quicker."""
    changed = Post.objects.filter(claims.free(now), pk=post.pk, state=post.state, not_before__lte=now).update(
        owner=owner, until=now + lease, fence=F("fence") + 1
    )
    return Post.objects.select_related("item", "item__campaign", "package").get(pk=post.pk) if changed else None


def seize(post: Post, owner: str, lease: timedelta, *, now: datetime) -> Post | None:
    """Lease a Post whose copy was found, whatever hour it waits for. None where somebody works on it."""
    changed = Post.objects.filter(claims.free(now), pk=post.pk, state=post.state, remote_id=post.remote_id).update(
        owner=owner, until=now + lease, fence=F("fence") + 1
    )
    return Post.objects.select_related("item", "item__campaign", "package").get(pk=post.pk) if changed else None


def renew(post_id: int, fence: int, lease: timedelta, *, now: datetime) -> bool:
    """Extend a lease that is still held. False: somebody asked for a withdrawal. Raises LeaseLost."""
    changed = Post.objects.filter(pk=post_id, fence=fence, until__gt=now).update(until=now + lease)
    if changed != 1:
        raise claims.lost(f"Post {post_id}", fence)
    return not Post.objects.filter(pk=post_id, take_down_asked_at__isnull=False).exists()


def renew_held(post_id: int, owner: str, lease: timedelta, *, now: datetime) -> bool:
    """Extend the lease that `owner` holds of this Post, between two requests.

    False where there is no lease, or where the Post is to come down and its upload must end.
    """
    leased = Post.objects.filter(pk=post_id, owner=owner, until__gt=now)
    unwanted = Q(state=PostState.SENDING, take_down_asked_at__isnull=False)
    return leased.exclude(unwanted).update(until=now + lease) == 1


def wanted(post_id: int, fence: int) -> bool:
    """Whether a Post being sent is still wanted, by one cheap query. Raises LeaseLost where another worker has it."""
    asked = Post.objects.filter(pk=post_id, fence=fence).values_list("take_down_asked_at", flat=True).first()
    if asked is None and not Post.objects.filter(pk=post_id, fence=fence).exists():
        raise claims.lost(f"Post {post_id}", fence)
    return asked is None


def give_back(post: Post, fence: int, not_before: datetime, message: str = "", *, failed: bool = False) -> None:
    """End a lease early, keeping the state. Does nothing where the lease was already lost."""
    changes: dict[str, object] = {"owner": "", "until": None, "not_before": not_before}
    if message:
        changes["words"] = message
    if failed:
        changes["tries"] = F("tries") + 1
    Post.objects.filter(pk=post.pk, fence=fence).update(**changes)


def put_off(post: Post, not_before: datetime, message: str) -> None:
    """Let a waiting Post that may not go now wait until `not_before`."""
    Post.objects.filter(pk=post.pk, state=PostState.WAITING, fence=post.fence).update(
        not_before=not_before, words=message
    )


def save_journal(post_id: int, fence: int, journal: dict[str, str]) -> None:
    """Write a Post's Journal, durable when this returns. Raises LeaseLost where another worker has the Post."""
    if Post.objects.filter(pk=post_id, fence=fence).update(journal=journal) != 1:
        raise claims.lost(f"Post {post_id}", fence)


def run_out(now: datetime) -> QuerySet[Post]:
    """Returns the Posts being sent whose lease has ended: their worker crashed or was stopped."""
    return Post.objects.filter(state=PostState.SENDING, until__lte=now).order_by("pk")

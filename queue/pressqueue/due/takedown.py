"""What is to come down, what is to be looked at while it is up, and what should have gone by now."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from pressqueue.due.base import Scope
from pressqueue.models import Item, MediaAddress, Post, UnmanagedMedia
from pressqueue.moves import circuit_breaker, claims, leases, media_addresses, unmanaged
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

NOTIFY_AFTER = timedelta(minutes=15)  # R26: an officer is notified before thirty minutes have passed
_SHOWN = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC).exclude(state=PostState.REMOVING)


def items_expired(scope: Scope) -> QuerySet[Item]:
    """Returns approved Items that have run out."""
    return Item.objects.filter(state=ItemState.APPROVED, expires_at__lte=scope.now).order_by("pk")


def items_expired_in_review(scope: Scope) -> QuerySet[Item]:
    """Returns Items that have run out and are public while they are reviewed, as a restored office may find them."""
    states = [ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW]
    return Item.objects.filter(Exists(_SHOWN), state__in=states, expires_at__lte=scope.now).order_by("pk")


def items_to_watch(scope: Scope) -> QuerySet[Item]:
    """Returns Items that are, or were, public and whose rules were not asked for an hour, the longest ago first."""
    return Item.objects.filter(watch_at__lte=scope.now).order_by("watch_at", "pk")


def posts_coming_down(scope: Scope) -> QuerySet[Post]:
    """Returns Posts to be taken down at these accounts now, or looked for first."""
    return leases.due(scope.now, destinations=scope.accounts, withdrawing=True)


def posts_overdue(scope: Scope) -> QuerySet[Post]:
    """Returns Posts whose takedown was asked for fifteen minutes ago and is not confirmed."""
    states = [PostState.REMOVING, PostState.SENDING, PostState.UNSURE]
    late = Post.objects.filter(state__in=states, take_down_asked_at__lte=scope.now - NOTIFY_AFTER)
    return late.select_related("item").order_by("pk")


def unmanaged_coming_down(scope: Scope) -> QuerySet[UnmanagedMedia]:
    """Returns media that no Post made, to be taken down at these accounts now."""
    due = unmanaged.coming_down().filter(claims.free(scope.now), not_before__lte=scope.now)
    due = due.filter(destination__in=scope.accounts)
    return due.exclude(destination__in=circuit_breaker.resting(scope.now).values("destination")).order_by(
        "not_before", "pk"
    )


def unmanaged_overdue(scope: Scope) -> QuerySet[UnmanagedMedia]:
    """Returns those whose takedown was asked for fifteen minutes ago and is not confirmed."""
    return unmanaged.coming_down().filter(take_down_asked_at__lte=scope.now - NOTIFY_AFTER).order_by("pk")


def addresses_to_ask(scope: Scope) -> QuerySet[MediaAddress]:
    """Returns direct addresses of what was removed at these accounts, to be requested again now."""
    return media_addresses.addresses_due(scope.now, scope.accounts)


def addresses_overdue(scope: Scope) -> QuerySet[MediaAddress]:
    """Returns direct addresses that still answer fifteen minutes after the takedown was asked for."""
    late = MediaAddress.objects.filter(gone_at__isnull=True, post__take_down_asked_at__lte=scope.now - NOTIFY_AFTER)
    return late.select_related("post__item").order_by("post", "pk")

"""What the timetable moves on: Items, Bookings and Posts whose time has come, or is over."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from pressqueue.due.base import Scope
from pressqueue.models import Amendment, Approval, Booking, Item, Office, Post, Slot
from pressqueue.moves import amendments, campaigns
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState

LOOK_BACK = timedelta(days=60)  # Bookings missed longer ago than this are not made up, only counted as skipped
_SEEKING = (Item.Kind.APPEAL, Item.Kind.WANTED)
_PUBLIC = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC)
_OF_APPROVED = Item.objects.filter(pk=OuterRef("item"), state=ItemState.APPROVED)
_NOT_PUBLIC = sorted(set(PostState) - COUNTS_AS_PUBLIC - ENDED)


def late_items(scope: Scope) -> QuerySet[Item]:
    """Returns approved Items of which nothing is public and whose window is over."""
    return _private().filter(publish_until__lte=scope.now).order_by("pk")


def lapsed_items(scope: Scope) -> QuerySet[Item]:
    """Returns approved Items of which nothing is public and whose Approval is too old (R4)."""
    valid = Approval.objects.filter(package__item=OuterRef("pk"), void_at__isnull=True)
    appeals = Q(Exists(valid.filter(at__lt=scope.now - scope.force.appeal_life)), kind__in=_SEEKING)
    features = Q(Exists(valid.filter(at__lt=scope.now - scope.force.feature_life)), kind=Item.Kind.FEATURE)
    return _private().filter(appeals | features).order_by("pk")


def _private() -> QuerySet[Item]:
    """Approved Items of which nothing is public, found by what they wait for: a Post to be made, or to become public.

    Not among all that are approved: those that are public stay so, and are more each day.
    """
    posts_to_make = Item.objects.filter(state=ItemState.APPROVED, posts_made_at__isnull=True).values("pk")
    posts_under_way = Post.objects.filter(Exists(_OF_APPROVED), state__in=_NOT_PUBLIC).values("item")
    return Item.objects.filter(~Exists(_PUBLIC), pk__in=posts_to_make.union(posts_under_way, all=True))


def posts_left_behind(_: Scope) -> QuerySet[Post]:
    """Returns Posts not yet public of an approved Item that is public elsewhere. Which may still go out: see there."""
    public = Post.objects.filter(item=OuterRef("item"), state__in=COUNTS_AS_PUBLIC).exclude(state=PostState.REMOVING)
    hidden = [PostState.WAITING, PostState.FAILED, PostState.CONCEALED]
    return Post.objects.filter(Exists(public), Exists(_OF_APPROVED), state__in=hidden).select_related(
        "item", "item__campaign", "booking__campaign"
    )


def slots(_: Scope) -> QuerySet[Slot]:
    """Returns every publishing time; which dates of it are to be booked is counted in its campaign's time zone."""
    return Slot.objects.select_related("campaign").order_by("pk")


def bookings_skipped_early(scope: Scope) -> QuerySet[Booking]:
    """Returns skipped Bookings that are in time after all: a clock that ran ahead skipped them."""
    return campaigns.skipped_in_time(scope.now)


def bookings_unfilled(scope: Scope) -> QuerySet[Booking]:
    """Returns Bookings whose hour has come and for which nothing is public yet."""
    states = [Booking.State.OPEN, Booking.State.FILLED]
    return Booking.objects.filter(state__in=states, due_at__lt=scope.now).select_related("campaign")


def bookings_open(scope: Scope) -> QuerySet[Booking]:
    """Returns Bookings whose hour has come and that have no Item yet, the earliest first."""
    due = Booking.objects.filter(state=Booking.State.OPEN, due_at__lte=scope.now)
    return due.select_related("campaign", "item").order_by("due_at", "pk")


def bookings_failed(_: Scope) -> QuerySet[Booking]:
    """Returns Bookings of which a Post failed: the next Item takes their place."""
    return Booking.objects.filter(state=Booking.State.FILLED, posts__state=PostState.FAILED).distinct()


def bookings_running(scope: Scope) -> QuerySet[Booking]:
    """Returns Bookings with an Item that lacks a Post, while it may still be published for them."""
    taken = Booking.objects.filter(state__in=[Booking.State.FILLED, Booking.State.KEPT], item__isnull=False)
    lacking = taken.filter(item__state=ItemState.APPROVED, item__posts_made_at__isnull=True)
    running = lacking.filter(due_at__gt=scope.now - LOOK_BACK, due_at__lte=scope.now)
    return campaigns.in_time(running, scope.now).select_related("campaign", "item").order_by("due_at", "pk")


def windows_open(scope: Scope) -> QuerySet[Item]:
    """Returns approved Items whose own time has come, that lack a Post, and that nothing holds or freezes."""
    due = Item.objects.filter(
        state=ItemState.APPROVED, posts_made_at__isnull=True, publish_from__lte=scope.now, publish_until__gt=scope.now,
        held=False, campaign__held=False,
    )  # fmt: skip
    stopped = Office.objects.filter(Q(frozen="all") | Q(recovering_since__isnull=False))
    features = Exists(Office.objects.filter(frozen="features"))
    due = due.filter(~Exists(stopped)).exclude(features, kind=Item.Kind.FEATURE)
    return due.select_related("campaign").order_by("pk")


def posts_nowhere(scope: Scope) -> QuerySet[Post]:
    """Returns Posts that are not public yet and whose destination is not configured, or not connected, any more."""
    hidden = [PostState.WAITING, PostState.CONCEALED]
    waiting = Post.objects.filter(Exists(_OF_APPROVED), state__in=hidden).exclude(destination__in=scope.accounts)
    return waiting.select_related("item").order_by("pk")


def amendments_written(_: Scope) -> QuerySet[Amendment]:
    """Returns approved amendments that wait for no copy any more."""
    return amendments.without_unwritten_copies()


def items_to_foresee(scope: Scope) -> QuerySet[Item]:
    """Returns approved Items of which nothing is public, when the rules of their hour are to be asked again."""
    due = Q(foresee_at__isnull=True) | Q(foresee_at__lte=scope.now)
    return _private().filter(due).select_related("campaign", "package").order_by("foresee_at", "pk")


def items_foreseen_no_more(_: Scope) -> QuerySet[Item]:
    """Returns Items that are looked at beforehand and that were published, sent back or withdrawn."""
    over = ~Q(state=ItemState.APPROVED) | Q(posts__state__in=COUNTS_AS_PUBLIC)
    return Item.objects.filter(over, foresee_at__isnull=False).distinct()


def offices_recovering(_: Scope) -> QuerySet[Office]:
    """Returns the office while it was restored and its accounts are not reconciled yet."""
    return Office.objects.filter(recovering_since__isnull=False)

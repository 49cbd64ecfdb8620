"""Row locks, always in the same order, so that two moves never wait for each other in a ring.

Office, Subject, Campaign, Item (each ascending by id), Booking, Post; the chain head comes last, in `audit`. A
campaign's ApprovedText and Totals come after it, and an Officer after them.
Every lock is taken with `no_key=True`: PostgreSQL checks a new row's references when its transaction commits, after the
head was locked, and must not wait there for somebody who holds what is referred to and waits for the head.
SQLite has no row locks and needs none: there a transaction begins by taking the one write lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from pressqueue.errors import NotFound
from pressqueue.models import Booking, Campaign, Item, Office, Post, Subject


@dataclass(slots=True)
class Held:
    """What a move holds: the Item with everything that stands above and below it."""

    office: Office
    campaign: Campaign
    item: Item
    booking: Booking | None
    posts: list[Post]
    subjects: list[Subject] | None = None  # whom the Item shows, by number; None: many Items were locked at once


def office() -> Office:
    """Lock and return the office, the first row in the order of locks."""
    return Office.objects.select_for_update(no_key=True).get()


def campaign(pk: int) -> Campaign:
    """Lock and return one campaign. Raises Campaign.DoesNotExist."""
    return Campaign.objects.select_for_update(no_key=True).get(pk=pk)


def subjects(pks: Iterable[int]) -> list[Subject]:
    """Lock and return these Subjects in ascending order, in whatever order they were named."""
    return list(Subject.objects.select_for_update(no_key=True).filter(pk__in=list(pks)).order_by("pk"))


def item(pk: int, *, posts: bool = False, also: Iterable[int] = ()) -> Held:
    """Lock one Item from the top down; with `posts` its Posts too. Raises NotFound.

    `also`: Subjects that it does not show yet and is to be linked with.
    """
    held_office = office()
    held_subjects = _subjects_of(pk, tuple(also))
    above = Item.objects.filter(pk=pk).values("campaign_id")
    held_campaign = Campaign.objects.select_for_update(no_key=True).filter(pk__in=above).first()
    if held_campaign is None:
        raise NotFound(f"There is no Item with the number {pk}.")
    held_item = Item.objects.select_for_update(no_key=True).get(pk=pk)
    held_item.campaign = held_campaign
    booking = (
        Booking.objects.select_for_update(no_key=True)
        .filter(item=held_item, state__in=[Booking.State.FILLED, Booking.State.KEPT])
        .first()
    )
    held_posts = (
        list(Post.objects.select_for_update(no_key=True).filter(item=held_item).order_by("pk")) if posts else []
    )
    return Held(held_office, held_campaign, held_item, booking, held_posts, held_subjects)


def _subjects_of(item: int, also: tuple[int, ...]) -> list[Subject]:
    """Lock the Subjects of the Item, and others; returns its own, by their numbers."""
    shown = Item.subjects.through.objects.filter(item=item).values("subject")
    rows = Subject.objects.select_for_update(no_key=True)
    locked = list(rows.filter(Q(pk__in=shown) | Q(pk__in=also) if also else Q(pk__in=shown)).order_by("pk"))
    if also:
        own = set(shown.values_list("subject", flat=True))
        locked = [each for each in locked if each.pk in own]
    return sorted(locked, key=lambda each: each.number)


def items(pks: Iterable[int], held_office: Office) -> list[Held]:
    """Lock many Items with their Campaigns, Bookings and Posts, each kind ascending by id.

    The caller holds the Office, and every Subject it decides about.
    """
    wanted = list(pks)
    above = Item.objects.filter(pk__in=wanted).values("campaign_id")
    campaigns = {
        each.pk: each for each in Campaign.objects.select_for_update(no_key=True).filter(pk__in=above).order_by("pk")
    }
    held = [
        Held(held_office, campaigns[each.campaign_id], each, None, [])
        for each in Item.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    ]
    by_item = {each.item.pk: each for each in held}
    for each in held:
        each.item.campaign = each.campaign
    taken = Booking.objects.select_for_update(no_key=True).filter(item__in=by_item, state__in=["filled", "kept"])
    for booking in taken.order_by("pk"):
        by_item[booking.item_id or 0].booking = booking
    for post in Post.objects.select_for_update(no_key=True).filter(item__in=by_item).order_by("pk"):
        by_item[post.item_id].posts.append(post)
    return held

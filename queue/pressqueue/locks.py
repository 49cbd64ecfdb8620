"""Row locks, always in the same order, so that two moves never wait for each other in a ring.

Office, Subject, Campaign, Item (each ascending by id), Booking, Post; the chain head comes last, in `audit`.
SQLite has no row locks and needs none: there a transaction begins by taking the one write lock.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def office() -> Office:
    return Office.objects.select_for_update().get()


def campaign(pk: int) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=pk)


def item(pk: int, *, posts: bool = False) -> Held:
    """Lock one Item from the top down; with `posts` its Posts as well. Raises NotFound."""
    try:
        campaign_id = Item.objects.values_list("campaign_id", flat=True).get(pk=pk)
    except Item.DoesNotExist:
        raise NotFound(f"There is no Item with the number {pk}.") from None
    held_office = office()
    shown = Item.subjects.through.objects.filter(item_id=pk).values("subject_id")
    list(Subject.objects.select_for_update().filter(pk__in=shown).order_by("pk"))
    held_campaign = campaign(campaign_id)
    held_item = Item.objects.select_for_update().get(pk=pk)
    held_item.campaign = held_campaign
    booking = (
        Booking.objects.select_for_update()
        .filter(item=held_item, state__in=[Booking.State.FILLED, Booking.State.KEPT])
        .first()
    )
    held_posts = list(Post.objects.select_for_update().filter(item=held_item).order_by("pk")) if posts else []
    return Held(held_office, held_campaign, held_item, booking, held_posts)

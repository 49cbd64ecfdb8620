"""When an Item is expected to go out, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils import timezone

from pressqueue.models import Booking, Campaign, Item
from pressqueue.states import ItemState
from publisher.desk.templatetags.desk import moment
from publisher.timetable import instant

FAR = 120  # days looked ahead


def when_out(item: Item, now: datetime) -> str:
    """A window, a booked hour, or the hour its place in the campaign's queue leads to if nothing changes."""
    if item.publish_from and item.publish_until:
        return f"Between {moment(item.publish_from)} and {moment(item.publish_until)}"
    booking = item.bookings.filter(state__in=[Booking.State.FILLED, Booking.State.KEPT]).first()
    if booking is not None:
        return f"{moment(booking.due_at)}, its campaign's hour"
    if item.state != ItemState.APPROVED:
        return f"At the next free hour of “{item.campaign.title}”"
    place = _place_in_queue(item)
    hour = next(islice(hours_of(item.campaign, now), place, None), None)
    if hour is None:
        return f"Number {place + 1} in the queue of “{item.campaign.title}”, which has no free hour"
    return f"{moment(hour)}, if nothing changes: number {place + 1} in the queue of “{item.campaign.title}”"


def hours_of(campaign: Campaign, now: datetime) -> Iterator[datetime]:
    """The campaign's coming hours that nothing is booked for, soonest first."""
    slots = list(campaign.slots.all())
    taken = set(campaign.bookings.filter(date__gte=timezone.localdate(now)).values_list("date", flat=True))
    today = now.astimezone(ZoneInfo(campaign.zone)).date()
    for on in (today + timedelta(days=ahead) for ahead in range(FAR)):
        for slot in slots:
            begun = slot.starts_on <= on and (slot.ends_on is None or on <= slot.ends_on)
            hour = instant(on, slot.wall_time, campaign.zone)
            if begun and on.weekday() in slot.weekdays and on not in taken and hour > now:
                yield hour


def _place_in_queue(item: Item) -> int:
    """How many Items of its campaign go before it."""
    waiting = Item.objects.filter(
        campaign=item.campaign, state=ItemState.APPROVED, held=False, publish_from__isnull=True
    ).exclude(bookings__state__in=[Booking.State.FILLED, Booking.State.KEPT])
    before = waiting.filter(queue_order__lt=item.queue_order) | waiting.filter(
        queue_order=item.queue_order, pk__lt=item.pk
    )
    return before.distinct().count()

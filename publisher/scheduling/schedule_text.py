"""When an Item is expected to go out, and what its page may say of that: only what is true of its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils import timezone

from pressqueue import gates
from pressqueue.holds import held_because
from pressqueue.localtime import first_instant
from pressqueue.models import Booking, Campaign, Item, Office, Post
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

FAR = 120  # days looked ahead
GOES_OUT, PLANNED, PUBLIC, OVER = "Goes out", "Planned for", "Public", "Publication ended"
UNSURE, REFUSED = "Sent", "Not going out"
PUBLISHED, WAS_PUBLISHED = "What is published", "What was published"


@dataclass(frozen=True, slots=True)
class Outlook:
    """`label` and `words` as the page shows them beside each other; `picture` heads the published files."""

    label: str
    words: str
    picture: str

    @property
    def is_public(self) -> bool:
        return self.label == PUBLIC

    @property
    def file(self) -> str:
        """How the page names the bytes that were approved."""
        if self.picture in (PUBLISHED, WAS_PUBLISHED):
            return "Exact file published"
        return "Exact file approved" if self.label == OVER else "Exact file to be published"


def of(item: Item, now: datetime) -> Outlook:
    """What may be said of an Item in its state, with its holds and its Posts."""
    posts = list(item.posts.all())
    public = [post for post in posts if PostState(post.state) in COUNTS_AS_PUBLIC - {PostState.REMOVING}]
    if item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED):
        return Outlook(OVER, _over(posts), WAS_PUBLISHED if _was_public(posts) else "What was approved")
    if public:
        return Outlook(PUBLIC, _public(public), PUBLISHED)
    if item.state != ItemState.APPROVED:
        return Outlook(PLANNED, when_out(item, now), "What is to be decided")
    if any(post.state == PostState.UNSURE for post in posts):
        return Outlook(UNSURE, "not confirmed, Publisher is checking with the platform", "What was approved")
    if posts and {post.destination for post in posts if post.state == PostState.FAILED} >= set(item.destinations):
        return Outlook(REFUSED, "every platform refused it, see the Action needed page", "What was approved")
    if because := held_because(Office.objects.get(), item.campaign, item):
        return Outlook(PLANNED, f"{when_out(item, now)}, but held: {because.rstrip('.')}", "What was approved")
    return Outlook(GOES_OUT, when_out(item, now), "What will be published")


def ahead_of(item: Item, now: datetime, attest: Callable[[str], bool]) -> list[gates.Ahead]:
    """What fails at the hour of an approved Item that is not public yet; nothing of any other."""
    if item.state != ItemState.APPROVED or item.posts.filter(state__in=COUNTS_AS_PUBLIC).exists():
        return []
    hour = hour_of(item, now)
    return gates.at_the_hour(item, hour, now, attest) if hour is not None else []


def _over(posts: list[Post]) -> str:
    if any(post.take_down_asked_at and post.state not in ("removed", "cancelled") for post in posts):
        return "published copies are being removed"
    return "every published copy was removed" if _was_public(posts) else "no copy was ever published"


def _was_public(posts: list[Post]) -> bool:
    return any(post.revealing_at for post in posts)


def _public(posts: list[Post]) -> str:
    since = [post.live_at for post in posts if post.live_at]
    return f"since {moment(min(since))}" if since else "it is being made public now"


def when_out(item: Item, now: datetime) -> str:
    """A window, a booked hour, or the hour its place in the campaign's queue leads to if nothing changes."""
    if item.publish_from and item.publish_until:
        return _window(item.publish_from, item.publish_until, now)
    booking = item.bookings.filter(state__in=[Booking.State.FILLED, Booking.State.KEPT]).first()
    if booking is not None:
        come = "" if booking.due_at >= now else ", which has come: it is being sent"
        return f"{moment(booking.due_at)}, its publishing time{come}"
    if item.state != ItemState.APPROVED:
        if not item.campaign.has_hours(now):
            return f"no time yet: “{item.campaign.title}” has no publishing times, so enter two times"
        return f"the next available slot of “{item.campaign.title}”"
    place = _place_in_queue(item)
    hour = next(islice(hours_of(item.campaign, now), place, None), None)
    if hour is None:
        return f"when “{item.campaign.title}” has an available slot: number {place + 1} in its queue"
    return f"{moment(hour)}, if nothing changes: number {place + 1} in the queue of “{item.campaign.title}”"


def _window(begins: datetime, ends: datetime, now: datetime) -> str:
    if now >= ends:
        return f"a time that has passed: it ended {moment(ends)}"
    if now >= begins:
        return f"now: its time began {moment(begins)} and ends {moment(ends)}"
    return f"between {moment(begins)} and {moment(ends)}"


def hour_of(item: Item, now: datetime) -> datetime | None:
    """The moment at which an approved Item is expected to go out; None where no hour leads to it."""
    if item.publish_from is not None:
        return max(item.publish_from, now)
    booking = item.bookings.filter(state__in=[Booking.State.FILLED, Booking.State.KEPT]).first()
    if booking is not None:
        return max(booking.due_at, now)
    return next(islice(hours_of(item.campaign, now), _place_in_queue(item), None), None)


def hours_of(campaign: Campaign, now: datetime) -> Iterator[datetime]:
    """The campaign's coming hours that nothing is booked for, soonest first."""
    slots = list(campaign.slots.all())
    taken = set(campaign.bookings.filter(date__gte=timezone.localdate(now)).values_list("date", flat=True))
    today = now.astimezone(ZoneInfo(campaign.zone)).date()
    for on in (today + timedelta(days=ahead) for ahead in range(FAR)):
        for slot in slots:
            begun = slot.starts_on <= on and (slot.ends_on is None or on <= slot.ends_on)
            hour = first_instant(on, slot.wall_time, campaign.zone)
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


def moment(value: datetime) -> str:
    """“Mon 3 Aug 2026, 08:00”, in the office's zone."""
    local = timezone.localtime(value)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def held_words(item: Item) -> str:
    """What a hold that was just placed did, and what it did not: it takes nothing down."""
    posts = [PostState(post.state) for post in item.posts.all()]
    if any(state in COUNTS_AS_PUBLIC - {PostState.REMOVING} for state in posts):
        return (
            f"{item.reference} is held, and STAYS PUBLIC: a hold takes nothing down. To take it down: "
            f"`publisher withdraw {item.reference}`, or “Take down” on its page."
        )
    if PostState.REMOVING in posts:
        return f"{item.reference} is held. It is coming down already; no platform has confirmed all of it yet."
    if item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED):
        return f"{item.reference} is {item.state}: it would not have gone out in any case."
    return f"{item.reference} is held. It does not go out until it is released."


def campaign_held_words(campaign: Campaign) -> str:
    """The same of a whole campaign."""
    public = Post.objects.filter(item__campaign=campaign, state__in=COUNTS_AS_PUBLIC - {PostState.REMOVING})
    if count := public.values("item").distinct().count():
        kept = f"{count} of its Items STAY PUBLIC" if count > 1 else "1 of its Items STAYS PUBLIC"
        return (
            f"The campaign {campaign.slug} is held: nothing more of it goes out. {kept}: a hold takes nothing down. "
            f"To take all of it down: `publisher withdraw --operation {campaign.slug}`."
        )
    return f"The campaign {campaign.slug} is held: nothing of it goes out until it is released."

"""Campaigns and their Bookings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet

from pressqueue import locks, powers
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.gates import wording
from pressqueue.hours import is_late
from pressqueue.models import ApprovedText, Booking, Campaign, Item, Post, Slot
from pressqueue.moves.campaign_changes import demand_timing, make_slot, weekdays_of
from pressqueue.moves.end_publication import end_post, end_publication
from pressqueue.moves.public_texts import drafted
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState

LONGEST = timedelta(days=60)  # no lateness is longer than this


@clean_texts
def make_campaign(
    actor: Actor,
    *,
    slug: str,
    title: str,
    kind: str,
    prefix: str,
    now: datetime,
    zone: str = "Europe/London",
    lateness: timedelta = timedelta(hours=4),
    first_day: int = 1,
    **texts: str,
) -> Campaign:
    """Create a Campaign.

    Raises Forbidden for a slug or prefix in use, an unknown kind or zone; GatesClosed where its texts say what no
    campaign may say of people. An album's text is drafted with it: nothing is filed before a second person has approved
    that text.
    """
    planner = powers.demand(actor, "make_campaign")
    if kind not in Campaign.Kind.values:
        raise Forbidden(f"“{kind}” is no kind of campaign: {', '.join(Campaign.Kind.values)}.")
    if not (prefix.isascii() and prefix.isalpha() and 2 <= len(prefix) <= 8):
        raise Forbidden("A campaign's prefix is two to eight letters, such as POD or WTN.")
    if Campaign.objects.filter(slug=slug).exists():
        raise Forbidden(f"There is a campaign with the name “{slug}” already: choose another name.")
    if used := Campaign.objects.filter(prefix=prefix.upper()).first():
        raise Forbidden(f"The campaign {used.slug} has the prefix {prefix.upper()} already: choose another prefix.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Forbidden(f"“{zone}” is not a time zone. Example: Europe/London.") from None
    said = wording.named(title, texts.get("album_title", ""), texts.get("album_description", ""))
    if failures := wording.faults_of_campaign(kind, prefix, said):
        raise GatesClosed(failures)
    with moving(actor, now) as log:
        campaign = Campaign.objects.create(
            slug=slug, title=title, kind=kind, prefix=prefix.upper(), zone=zone, lateness=lateness,
            next_day=first_day, created_at=now, **texts,
        )  # fmt: skip
        log.note("campaign_made", text=title, campaign=campaign.pk, slug=slug)
        if campaign.album_title:
            words = campaign.album_title, campaign.album_description
            drafted(log, planner, ApprovedText.Kind.ALBUM, campaign, *words, now)
    return campaign


@clean_texts
def add_slot(
    actor: Actor, campaign: Campaign, *, weekdays: list[int], wall_time: time, starts_on: date, now: datetime
) -> Slot:
    """Add a weekly hour. A campaign has at most one a day (R45), so weekdays may not overlap.

    Where Items wait to be published, the new hour decides when they go out: then only an approver who wrote none of
    them may add it. Raises Forbidden.
    """
    officer = powers.demand(actor, "add_slot")
    days = weekdays_of(weekdays)
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        demand_timing(officer, held, now)
        return make_slot(log, held, days, wall_time, starts_on, now)


@clean_texts
def book(slot: Slot, on: date, due_at: datetime) -> Booking:
    """Returns the Booking of this Slot on this date, created once however many schedulers run."""
    booking, _ = Booking.objects.get_or_create(
        campaign=slot.campaign, date=on, defaults={"slot": slot, "due_at": due_at}
    )
    return booking


@clean_texts
def fill(booking: Booking, *, now: datetime) -> Item | None:
    """open -> filled with the next Item of the queue; None where there is none or another worker was quicker."""
    with moving(MACHINE, now) as log:
        office = locks.office()
        campaign = locks.campaign(booking.campaign_id)
        if campaign.held or office.frozen == "all" or office.recovering_since is not None:
            return None
        frozen = [Item.Kind.FEATURE] if office.frozen == "features" else []
        item = (
            Item.objects.select_for_update(no_key=True)
            .filter(
                campaign=campaign,
                state=ItemState.APPROVED,
                held=False,
                publish_from__isnull=True,
                package__isnull=False,
            )
            .exclude(kind__in=frozen)
            .exclude(bookings__state__in=[Booking.State.FILLED, Booking.State.KEPT])
            .exclude(posts__in=Post.objects.exclude(state__in=ENDED))
            .order_by("queue_order", "pk")
            .first()
        )
        if item is None:
            return None
        changed = Booking.objects.filter(pk=booking.pk, state=Booking.State.OPEN).update(
            state=Booking.State.FILLED, item=item
        )
        if changed != 1:
            return None
        log.note("booking_filled", booking=booking.pk, item=item.pk)
    return item


@clean_texts
def skip(booking: Booking, *, now: datetime) -> bool:
    """open or filled -> skipped: its lateness limit has passed with nothing revealed. It keeps no day number.

    Returns False where one of its Posts counts as public after all. Its Item returns to the queue.
    """
    with moving(MACHINE, now) as log:
        if booking.item_id is None:
            locks.office()
            campaign = locks.campaign(booking.campaign_id)
            locked = Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
            if locked.state != Booking.State.OPEN:
                return False
        else:
            held = locks.item(booking.item_id, posts=True)
            campaign = held.campaign
            if held.booking is None or held.booking.pk != booking.pk or held.booking.state != Booking.State.FILLED:
                return False
            locked = held.booking
            posts = [post for post in held.posts if post.booking_id == locked.pk]
            if any(PostState(post.state) in COUNTS_AS_PUBLIC and post.revealing_at for post in posts):
                return False
            for post in posts:
                end_post(log, post, "skipped", now)
        _return_day(log, campaign, locked)
        Booking.objects.filter(pk=locked.pk).update(state=Booking.State.SKIPPED, item=None, day=None)
        log.note("booking_skipped", booking=locked.pk)
    return True


@clean_texts
def pass_over(booking: Booking, *, now: datetime) -> bool:
    """filled -> open: every destination refused its Item, which is held for an officer; the next one takes its hour."""
    with moving(MACHINE, now) as log:
        if booking.item_id is None:
            return False
        held = locks.item(booking.item_id, posts=True)
        posts = [post for post in held.posts if post.booking_id == booking.pk and post.state not in ENDED]
        if held.booking is None or held.booking.pk != booking.pk or held.booking.state != Booking.State.FILLED:
            return False
        if not posts or any(post.state != PostState.FAILED for post in posts):
            return False
        held.item.held = True
        held.item.save(update_fields=["held"])
        log.note("item_hold", item=held.item.pk, reason="refused")
        end_publication(log, held, "refused", now)
    return True


def skipped_in_time(now: datetime) -> QuerySet[Booking]:
    """Returns skipped Bookings that are not later than their campaign allows."""
    skipped = Booking.objects.filter(state=Booking.State.SKIPPED, due_at__gt=now - LONGEST)
    return in_time(skipped, now).select_related("campaign").order_by("pk")


def in_time(bookings: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    """Returns those that are not later than their campaign allows, whether or not its next hour has come since."""
    latest = ExpressionWrapper(F("due_at") + F("campaign__lateness"), DateTimeField())
    return bookings.annotate(latest=latest).filter(latest__gte=now)


@clean_texts
def bring_back(now: datetime) -> int:
    """skipped -> open where the lateness limit has not passed after all: a clock that ran ahead skipped them.

    Returns how many.
    """
    early = [one.pk for one in skipped_in_time(now) if not is_late(one, now)]
    if not early:
        return 0
    with moving(MACHINE, now) as log:
        brought = Booking.objects.filter(pk__in=early, state=Booking.State.SKIPPED).update(state=Booking.State.OPEN)
        log.note("bookings_brought_back", bookings=early)
    return brought


def _return_day(log: Log, campaign: Campaign, booking: Booking) -> None:
    if booking.day is not None:
        campaign.returned_days = sorted({*campaign.returned_days, booking.day})
        campaign.save(update_fields=["returned_days"])
        log.note("day_returned", campaign=campaign.pk, day=booking.day)

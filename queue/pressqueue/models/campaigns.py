"""Campaigns, their weekly hours, and each hour's one booking on one date."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from pressqueue.tracking import SealedRow, SealedRows


class Campaign(SealedRow):
    """What Items belong to: a daily series, an operation (a gallery), a countdown."""

    SEALED = ("held",)
    objects = SealedRows.as_manager()

    class Kind(models.TextChoices):
        SERIES = "series"
        OPERATION = "operation"
        COUNTDOWN = "countdown"

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    zone = models.CharField(max_length=60, default="Europe/London")
    prefix = models.CharField(max_length=8)  # of reference numbers: POD-0001
    next_number = models.PositiveIntegerField(default=1)
    next_day = models.PositiveIntegerField(default=1)
    returned_days = models.JSONField(default=list)  # numbers allotted, never public, free for the next Booking
    lateness = models.DurationField()  # how long after its hour a Booking may still be filled or revealed
    held = models.BooleanField(default=False)
    album_title = models.CharField(max_length=200, blank=True)
    album_description = models.TextField(blank=True)
    contact = models.TextField(blank=True)
    thumbnail_optional = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # takes no new Item, and has no hours any more

    def __str__(self) -> str:
        return self.title

    def has_hours(self, now: datetime) -> bool:
        """Whether any of its publishing times is still to come."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        return self.slots.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today)).exists()


class Slot(models.Model):
    """A recurring wall-clock time in the campaign's zone. `weekdays` holds 0 (Monday) to 6."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="slots")
    weekdays = models.JSONField(default=list)
    wall_time = models.TimeField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)


class Booking(models.Model):
    """One Slot on one date, filled once or skipped for good.

    open: nobody has it yet; filled: an Item has it; kept: something of it was revealed; skipped: the
    lateness limit passed. A Booking whose Item falls away before anything was revealed is open again.
    """

    class State(models.TextChoices):
        OPEN = "open"
        FILLED = "filled"
        KEPT = "kept"
        SKIPPED = "skipped"

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="bookings")
    date = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    item = models.ForeignKey("Item", null=True, on_delete=models.PROTECT, related_name="bookings")
    day = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "date"], name="one_booking_per_slot_and_date"),
            # R45: exactly one feature per campaign-day.
            models.UniqueConstraint(fields=["campaign", "date"], name="one_booking_per_campaign_and_date"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=["filled", "kept"]), name="an_item_is_booked_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "day"], condition=Q(day__isnull=False), name="a_day_number_is_used_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "skipped"], item__isnull=True)
                | Q(state__in=["filled", "kept"], item__isnull=False),
                name="a_filled_booking_has_an_item",
            ),
        ]
        indexes = [models.Index(F("state"), F("due_at"), name="bookings_due")]

"""Stops: what keeps an Item, a campaign or the office from publishing, who placed each, and who ends it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pressqueue.models.campaigns import Campaign
from pressqueue.models.items import Item
from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows


class Stop(SealedRow):
    """One person's hold or freeze. While it is open, nobody who placed it ends it.

    Of an Item, of a campaign, or of the office where both are empty: then `what` is "features" or "all". The flags
    that publishing reads (`Item.held`, `Campaign.held`, `Office.frozen`) stay where they are; this is whose they are.
    """

    SEALED = ("item_id", "campaign_id", "what", "placed_by_id", "placed_at", "ended_by_id", "ended_at")
    objects = SealedRows.as_manager()

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="stops")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="stops")
    what = models.CharField(max_length=8, blank=True)
    placed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")  # empty: the machine
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["item", "campaign"], condition=Q(ended_at__isnull=True), name="stops_open")]


class StopEnding(SealedRow):
    """One person asks that a freeze ends, or a hold that too few may end; another confirms it. `to`: what remains."""

    SEALED = (
        "item_id",
        "campaign_id",
        "to",
        "reason",
        "asked_by_id",
        "asked_at",
        "decided_by_id",
        "decided_at",
        "confirmed",
    )
    objects = SealedRows.as_manager()

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="+")
    to = models.CharField(max_length=8, default="none")  # of a freeze: "none", or "features" where "all" is loosened
    reason = models.TextField()
    asked_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)

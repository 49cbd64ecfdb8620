"""Changes of what is live, approved while the approved text stays published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pressqueue.models.items import Item, Package
from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows


class Amendment(SealedRow):
    """New words, or after a review new dates, for what is live, while what was approved stays up.

    The Package is made when it is drafted and approved like any other; its words are then written in place.
    """

    SEALED = (
        "item_id",
        "state",
        "package_id",
        "before_id",
        "drafted_by_id",
    )
    objects = SealedRows.as_manager()

    class State(models.TextChoices):
        DRAFTED = "drafted"
        APPROVED = "approved"
        WRITTEN = "written"  # every Post of it was read back with the new words
        DROPPED = "dropped"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="amendments")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFTED)
    is_review = models.BooleanField(default=False)  # it was looked at again: `reason` is why it is still necessary
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")  # the new one
    before = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")  # the one that was live
    changes = models.JSONField(default=dict)  # "item" and "record": field -> its new value, moments in ISO 8601
    reason = models.TextField()
    drafted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=40, blank=True)  # why it was dropped, as a code
    refusal = models.TextField(blank=True)  # the same in words, for whoever drafted it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="drafted"), name="one_amendment_to_decide_per_item"
            )
        ]
        indexes = [models.Index(F("state"), F("item"), name="amendments_open")]

"""Who was given a press pack, and whether they were told to stop using it once it came down."""

from __future__ import annotations

from django.db import models

from pressqueue.models.items import Item, Package
from pressqueue.models.people import Officer


class Disclosure(models.Model):
    """One press pack as one recipient got it: written before its first byte goes out, never changed after."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="disclosures")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="disclosures")
    digest = models.CharField(max_length=64)  # the Package's
    archive = models.CharField(max_length=64)  # SHA-256 of the very file that was handed over
    files = models.JSONField(default=list)  # [{"name": ..., "sha256": ..., "size": bytes}] within it
    organisation = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    conditions = models.TextField()  # of use, as handed over
    embargo_until = models.DateTimeField(null=True)
    recall_address = models.EmailField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    door = models.CharField(max_length=10)


# Why a press pack is called back although its Item goes on: it was sent back to be changed, or its words were.
CALLED_BACK = ("reopened", "amended")


class RecallNotice(models.Model):
    """One recipient is told that what they were given stands no longer: until they, or an officer for them,
    acknowledge it.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        ACKNOWLEDGED = "acknowledged"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="recalls")
    organisation = models.CharField(max_length=120)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254)  # in lower case
    recall_address = models.EmailField()
    reason = models.CharField(max_length=40)  # why it came down; the mail says no more of it than it must
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)  # why the last try failed
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)  # an officer's: who acknowledged it, and how

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "email", "reason"],
                condition=~models.Q(reason__in=CALLED_BACK),
                name="a_recall_once_per_recipient_and_reason",
            )
        ]
        indexes = [
            models.Index(fields=["state", "next_at"], name="recalls_due"),
            models.Index(
                fields=["queued_at"], name="recalls_unacknowledged", condition=models.Q(acknowledged_at__isnull=True)
            ),
        ]


class RecallAttempt(models.Model):
    """One try to mail a recall notice, written before it is sent. Of the link's token only its hash is kept."""

    recall = models.ForeignKey(RecallNotice, on_delete=models.PROTECT, related_name="attempts")
    token = models.CharField(max_length=64, unique=True)  # SHA-256 of the random token
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True)

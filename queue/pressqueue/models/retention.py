"""How long the evidence is kept, apart from how long a thing is public: holds, reviews and purges (R40)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pressqueue.models.items import Item, Subject
from pressqueue.models.people import Officer


class LegalHold(models.Model):
    """While it stands nothing of this Item, or of anything that shows this person, is purged."""

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="legal_holds")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="legal_holds")
    why = models.TextField()
    authority = models.TextField()  # who ordered it, and when
    placed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_authority = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, subject__isnull=True) | Q(item__isnull=True, subject__isnull=False),
                name="a_legal_hold_is_on_one_thing",
            )
        ]


class RetentionReview(models.Model):
    """Somebody looked whether the evidence is still needed, and until when it is kept. The newest date counts."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="retention_reviews")
    until = models.DateField()
    why = models.TextField()
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Purge(models.Model):
    """Asked by one, confirmed by another, then carried out: what remains of an Item is this stub and its hashes."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="purges")
    authority = models.TextField()  # which retention decision allows it, by whom; kept
    asked_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")  # NULL: a restore
    asked_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)  # the texts, in the transaction that noted the files
    original = models.CharField(max_length=64, blank=True)  # SHA-256 of what it was made of
    renditions = models.JSONField(default=list)  # SHA-256 of every Rendition
    forms = models.JSONField(default=list)  # SHA-256 of signed forms that belonged to it alone
    files_gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(dropped_at__isnull=True), name="one_purge_per_item")
        ]
        indexes = [
            models.Index(
                F("confirmed_at"), name="purges_open", condition=Q(dropped_at__isnull=True, erased_at__isnull=True)
            ),
            models.Index(F("erased_at"), name="purges_with_files", condition=Q(files_gone_at__isnull=True)),
        ]

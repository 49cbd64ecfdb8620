"""Who viewed which picture, when and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pressqueue.models.items import Item
from pressqueue.models.people import Officer


class ReviewSession(models.Model):
    """One stretch of looking at pictures in one signed-in session; why is asked once (DPA 2018 s.62)."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="sittings")
    session = models.CharField(max_length=64)  # SHA-256 of the session's key
    why = models.TextField()
    began_at = models.DateTimeField()
    used_at = models.DateTimeField()  # the last look, to the minute: what its idleness is counted from
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "pressqueue_sitting"
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "session"], condition=Q(ended_at__isnull=True), name="one_open_sitting_a_session"
            )
        ]


class Consultation(models.Model):
    """One picture of a person sought, read in one sitting; logged once, however many parts it was read in."""

    sitting = models.ForeignKey(ReviewSession, on_delete=models.PROTECT, related_name="consultations")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="consultations")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sitting", "item", "sha256"], name="a_consultation_once_a_sitting")
        ]


class Viewing(models.Model):
    """Bytes that were handed over in full to one person's own session: what R6 asks before a decision counts."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="viewings")
    session = models.CharField(max_length=64)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="viewings")
    sha256 = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    parts = models.JSONField(default=list)  # [from, to) in bytes, merged, of what was handed over so far
    whole_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "session", "item", "sha256"], name="a_viewing_once_a_session")
        ]

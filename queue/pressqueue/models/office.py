"""The installation itself: what it is bound to, what is frozen, which part ran last, what a person must know."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pressqueue.tracking import SealedRow, SealedRows


class Office(SealedRow):
    """One row. `exercise` is decided when the office is made and can never change."""

    SEALED = (
        "exercise",
        "frozen",
        "recovering_since",
        "high_water_at",
    )
    objects = SealedRows.as_manager()

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    exercise = models.BooleanField()
    frozen = models.CharField(max_length=8, default="none")  # none, features, all
    # Set by a restore, or when the chain's head is lower than the high-water file says: nothing is sent or revealed
    # until every account was reconciled.
    recovering_since = models.DateTimeField(null=True)
    high_water_at = models.DateTimeField(null=True)  # since when a high-water file with a MAC lies beside the register
    # What of the configuration decides where and what is published, when last looked at: setting -> keyed digest.
    configuration = models.JSONField(default=dict)
    made_at = models.DateTimeField()


class Heartbeat(models.Model):
    """When each part of the service last did a round, to within some seconds."""

    name = models.CharField(max_length=40, primary_key=True)
    rung_at = models.DateTimeField()

    class Meta:
        db_table = "pressqueue_bell"


class Notice(models.Model):
    """One thing a person must know, once per cause. Never holds a face, a name or a caption."""

    cause = models.CharField(max_length=160, unique=True)
    words = models.TextField()
    reference = models.CharField(max_length=20, blank=True)
    people = models.JSONField(default=list)  # accounts it is mailed to besides the office's own address
    raised_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("sent_at"), name="notices_standing", condition=Q(cleared_at__isnull=True))]


class SealedToken(models.Model):
    """A platform account's token, encrypted; the key lies outside the database."""

    destination = models.CharField(max_length=40, primary_key=True)
    box = models.BinaryField()
    saved_at = models.DateTimeField()

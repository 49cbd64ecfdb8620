"""Seals of rows, checkpoints of the log, and alarms: what shows that something was written past this program."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows


class Seal(models.Model):
    """What one row said after one transaction, with a MAC whose key lies outside the database.

    Only ever added to: the newest of a row counts. Each is chained to the one before, so that none can be taken away.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    scope = models.CharField(max_length=90)  # what the row belongs to, such as "item:7": looked up by it
    kind = models.CharField(max_length=20)
    row = models.CharField(max_length=64)  # its primary key
    values = models.TextField()  # canonical JSON of the columns that are sealed: ids, codes, times, digests
    entry = models.PositiveBigIntegerField()  # the Entry of that transaction which tells of it; 0: none does
    entry_hash = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)  # the MAC of the Seal before it
    mac = models.CharField(max_length=64, blank=True)  # empty: written while the key was missing

    class Meta:
        indexes = [models.Index(fields=["scope", "number"], name="seals_by_scope")]
        constraints = [models.UniqueConstraint(fields=["kind", "row", "number"], name="a_seal_of_a_row_once")]


class Checkpoint(models.Model):
    """How far the log, and the Seals, were found to hold; keyed, so that what lies before it need not be walked."""

    number = models.PositiveBigIntegerField(primary_key=True)  # of the last Entry that was checked
    hash = models.CharField(max_length=64)
    seals = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    mac = models.CharField(max_length=64)


class Alarm(SealedRow):
    """Something does not agree with the keys of this office: nothing is sent or revealed until two people end it."""

    SEALED = ("cause", "first_by_id", "second_by_id", "ended_at", "accepted_at")
    objects = SealedRows.as_manager()

    cause = models.CharField(max_length=160)
    words = models.TextField()
    raised_at = models.DateTimeField()
    first_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)  # files that it was about were taken as they were from then on

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause"], condition=Q(ended_at__isnull=True), name="one_alarm_of_a_cause")
        ]

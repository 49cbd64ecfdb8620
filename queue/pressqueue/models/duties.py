"""What somebody must do by a time, after something happened."""

from __future__ import annotations

from django.db import models

from pressqueue.models.items import Item, Subject
from pressqueue.models.people import Officer


class Duty(models.Model):
    """What somebody must do by a time, after something happened. Done once; overdue is told."""

    rule = models.CharField(max_length=4)
    kind = models.CharField(max_length=20)
    cause = models.CharField(max_length=160, unique=True)  # so that it falls due once for each trigger
    words = models.TextField()
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="duties")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="duties")
    who = models.CharField(max_length=20)  # the role whose work it is
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)  # what was done

    class Meta:
        indexes = [models.Index(fields=["done_at", "due_at"], name="duties_open")]

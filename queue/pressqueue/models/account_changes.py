"""Changes of accounts that wait for a second administrator."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows


class AccountChange(SealedRow):
    """What one administrator asked to be done to an account, and a second one confirmed or dropped."""

    SEALED = (
        "officer_id",
        "kind",
        "roles",
        "rank",
        "before",
        "after",
        "asked_by_id",
        "decided_by_id",
        "decided_at",
        "confirmed",
    )
    objects = SealedRows.as_manager()

    class Kind(models.TextChoices):
        ROLES = "roles"
        RANK = "rank"
        CODE = "code"  # a fresh one-time code: whoever holds it sets the password
        ENABLE = "enable"  # a disabled account that decides may sign in again

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    roles = models.JSONField(default=list)  # as they will be
    rank = models.CharField(max_length=40, blank=True)
    # The whole account when it was asked, and as it will be: "roles", "rank", "active". What is confirmed is all of it.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "kind"], condition=Q(decided_at__isnull=True), name="one_open_change_of_a_kind"
            )
        ]

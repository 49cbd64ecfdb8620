"""What others say of a case: checks of proceedings, the word of the officer in the case, a declared threat to life."""

from __future__ import annotations

from django.db import models

from pressqueue.models.items import Item, Original, Package, Subject
from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows


class ProceedingsCheck(models.Model):
    """Somebody looked where proceedings are recorded, and what they found.

    The newest that counts is the Subject's state, and any that forbids more than what stood before.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="checks")
    state = models.CharField(max_length=22)
    at = models.DateTimeField()  # when it was looked up
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")  # who recorded it
    name = models.CharField(max_length=120)  # of the check: PNC, Niche, the OIC by telephone
    confirmed_by = models.CharField(max_length=120, blank=True)  # whose word it is, where not the recorder's
    recorded_at = models.DateTimeField()
    note = models.BooleanField(default=False)  # by somebody whose word confirmed nothing then (R24)


class Verification(SealedRow):
    """The investigator says: this is the right person and picture, and the record is true (College of Policing APP).

    By the investigator's own account; or by a signed form, kept as an exhibit, which an approver confirms. Then `name`
    and `rank` are what the author wrote of that officer, and count for nothing; `read_name` and `read_rank` are what
    the confirmer read from the form.
    """

    SEALED = (
        "item_id",
        "package_id",
        "digest",
        "investigator_id",
        "rank",
        "form_id",
        "attached_by_id",
        "confirmed_by_id",
        "confirmed_at",
        "read_name",
        "read_rank",
        "earlier_rule",
        "void_at",
    )
    objects = SealedRows.as_manager()

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="verifications")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="verifications")
    digest = models.CharField(max_length=64)
    investigator = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    rank = models.CharField(max_length=40)
    at = models.DateTimeField()
    form = models.ForeignKey(Original, null=True, on_delete=models.PROTECT, related_name="+")
    attached_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    read_name = models.CharField(max_length=120, blank=True)
    read_rank = models.CharField(max_length=40, blank=True)
    # Confirmed before name and rank had to be read from it, for a Package that was approved then: it goes on counting.
    earlier_rule = models.BooleanField(default=False)
    void_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=40, blank=True)


class BreakGlass(SealedRow):
    """Somebody's word that a life is at risk, so that some answers of an appeal may be given later."""

    SEALED = (
        "item_id",
        "declared_by_id",
        "declared_at",
        "due_at",
        "ended_at",
    )
    objects = SealedRows.as_manager()

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="break_glass")
    reason = models.TextField()
    declared_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    due_at = models.DateTimeField()  # what was deferred is answered by then, or the copies come down
    ended_at = models.DateTimeField(null=True)  # every answer was given

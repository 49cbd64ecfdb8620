"""What the machine says in public without a person for each text: words two people approved once, and the totals."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pressqueue.models.campaigns import Campaign
from pressqueue.models.items import fresh_salt
from pressqueue.models.people import Officer
from pressqueue.tracking import SealedRow, SealedRows

_WAITS = Q(approved_at__isnull=True, ended_at__isnull=True)
_IN_FORCE = Q(approved_at__isnull=False, ended_at__isnull=True)
_OF_OFFICE, _OF_CAMPAIGN = Q(campaign__isnull=True), Q(campaign__isnull=False)


class ApprovedText(SealedRow):
    """Words with placeholders that the machine publishes: drafted by one, approved by another, in force until ended.

    Without a campaign they are the whole office's. `digest` binds the approval to exactly these words.
    """

    SEALED = (
        "kind",
        "campaign_id",
        "digest",
        "drafted_by_id",
        "approved_by_id",
        "approved_at",
        "rank",
        "ended_at",
    )
    objects = SealedRows.as_manager()

    class Kind(models.TextChoices):
        ALBUM = "album"  # title and description of a campaign's album or playlist
        TOMBSTONE = "tombstone"  # what stands where an appeal was
        CORRECTION = "correction"  # what is said where somebody was shown wrongly

    kind = models.CharField(max_length=10, choices=Kind.choices)
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="standing_texts")
    title = models.TextField(blank=True)  # of an album
    body = models.TextField()
    salt = models.CharField(max_length=32, default=fresh_salt)  # of the digest: what was purged cannot be guessed
    digest = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    rank = models.CharField(max_length=40, blank=True)  # the approver's at that moment
    ended_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=20, blank=True)  # dropped, replaced, approver_left

    class Meta:
        db_table = "pressqueue_standingtext"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "campaign"], condition=_IN_FORCE & _OF_CAMPAIGN, name="one_text_in_force_per_campaign"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=_IN_FORCE & _OF_OFFICE, name="one_text_in_force_per_office"
            ),
            models.UniqueConstraint(
                fields=["kind", "campaign"], condition=_WAITS & _OF_CAMPAIGN, name="one_text_waits_per_campaign"
            ),
            models.UniqueConstraint(fields=["kind"], condition=_WAITS & _OF_OFFICE, name="one_text_waits_per_office"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
                name="a_text_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="an_approved_text_has_an_approver",
            ),
            models.CheckConstraint(
                condition=~Q(kind="album") | (_OF_CAMPAIGN & ~Q(title="")) | Q(ended_at__isnull=False),
                name="an_album_has_a_campaign_and_a_title",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Totals(models.Model):
    """What a campaign's album says of how many were shown and came down (R33); see `pressqueue.totals`."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="totals", primary_key=True)
    shown = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    removed_then = models.PositiveIntegerField(default=0)  # how many had come down when `removed` last rose
    published_at = models.DateTimeField()  # when either last changed, or the change was last written at a platform
    counted_at = models.DateTimeField()

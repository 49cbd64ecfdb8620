"""What the platforms hold beside our ledger, and where the two differ."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pressqueue.models.items import Subject
from pressqueue.models.people import Officer
from pressqueue.models.posts import Post


class UnmanagedMedia(models.Model):
    """A thing that stood at an account before us, or that somebody put there by hand, and what was decided of it.

    Publisher takes down a withdrawn one itself: leased, looked at and removed like a Post.
    """

    class Decision(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        REVIEW = "review"
        LINKED = "linked"
        WITHDRAWN = "withdrawn"

    destination = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=80)
    title = models.TextField(blank=True)
    url = models.TextField(blank=True)
    media_urls = models.JSONField(default=list)
    visibility = models.CharField(max_length=10)
    uploaded_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()

    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    review_owner = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="inherited")

    reason = models.CharField(max_length=40, blank=True)
    take_down_asked_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    answered_failures = models.PositiveIntegerField(default=0)
    handed_at = models.DateTimeField(null=True)  # a person's as well: it holds nothing else back
    looks = models.JSONField(default=list)
    words = models.TextField(blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "pressqueue_inherited"
        constraints = [
            models.UniqueConstraint(fields=["destination", "remote_id"], name="an_inherited_thing_once_per_account")
        ]
        indexes = [
            models.Index(F("decision"), F("not_before"), name="unmanaged_due", condition=Q(removed_at__isnull=True)),
            models.Index(
                F("destination"),
                name="unmanaged_coming_down",
                condition=Q(take_down_asked_at__isnull=False, removed_at__isnull=True),
            ),
            models.Index(
                F("decision"), F("expires_at"), name="unmanaged_in_review", condition=Q(expires_at__isnull=False)
            ),
        ]


class Difference(models.Model):
    """One way in which a platform and the ledger differ. Reported until it ends or somebody acknowledges it."""

    class Kind(models.TextChoices):
        UNKNOWN = "unknown"  # there, and not in the ledger
        GONE = "gone"  # live in the ledger, and not there
        VISIBILITY = "visibility"
        TITLE = "title"
        DESCRIPTION = "description"
        MARK = "mark"  # what recovery knows it by
        TAGS = "tags"
        TERMS = "terms"  # safety level, licence, comments
        LEFT_UP = "left_up"  # should be gone, and is there

    destination = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=80)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    seen = models.CharField(max_length=64)  # SHA-256 of what was seen: another change is another difference
    words = models.TextField()
    ours = models.TextField(blank=True)  # what the ledger says
    theirs = models.TextField(blank=True)  # what the platform says
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "remote_id", "kind", "seen"],
                condition=Q(ended_at__isnull=True),
                name="a_difference_stands_once",
            )
        ]


class ReconciliationRun(models.Model):
    """One complete listing of an account held against the ledger."""

    destination = models.CharField(max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    listed = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()

    class Meta:
        db_table = "pressqueue_reckoning"
        indexes = [models.Index(F("destination"), F("began_at"), name="runs_of_an_account")]


class RegisterLine(models.Model):
    """A line for the withdrawal register outside the database, written in the transaction it tells of.

    `written_at` is set once the line is safe in the register; a line written twice does no harm there.
    """

    line = models.TextField()
    made_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(F("id"), name="register_unwritten", condition=Q(written_at__isnull=True)),
            # Counted in every round: the file must not have fewer lines.
            models.Index(F("id"), name="register_written", condition=Q(written_at__isnull=False)),
        ]

"""Items, what they are made of, what was approved and by whom."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import F, Q

from pressqueue.models.campaigns import Campaign
from pressqueue.models.people import Officer
from pressqueue.states import ItemState
from pressqueue.tracking import SealedRow, SealedRows


def fresh_salt() -> str:
    """Returns 128 random bits, as 32 hex digits."""
    return secrets.token_hex(16)


class Subject(SealedRow):
    """A person sought, by a public number that is never used again.

    About this person before their face is shown is answered here; empty: not answered yet.
    """

    SEALED = (
        "outcome",
        "proceedings",
        "proceedings_at",
        "proceedings_by_id",
        "proceedings_asked",
    )
    objects = SealedRows.as_manager()

    class Category(models.TextChoices):
        SUSPECT = "suspect"
        WITNESS = "witness"
        VICTIM = "victim"
        CONVICTED = "convicted"

    class Age(models.TextChoices):
        """Whether the person appears to be under 18."""

        YES = "yes"
        NO = "no"
        UNSURE = "unsure"  # counts as yes

    number = models.CharField(max_length=20, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="subjects")
    created_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, blank=True)  # what became of the search; "" while it goes on
    outcome_at = models.DateTimeField(null=True)
    outcome_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=9, choices=Category.choices, blank=True)
    name = models.TextField(blank=True)  # of a wanted person only
    appears_under_18 = models.CharField(max_length=6, choices=Age.choices, blank=True)
    appears_under_10 = models.BooleanField(null=True)
    age_basis = models.TextField(blank=True)  # what the answer rests on
    vulnerable = models.BooleanField(null=True)
    vulnerability = models.TextField(blank=True)
    proceedings = models.CharField(max_length=22, blank=True)  # as last checked; "" where nobody ever looked
    proceedings_at = models.DateTimeField(null=True)
    # Who recorded that. NULL: before it was asked who did; it counts until it is too old.
    proceedings_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    proceedings_asked = models.BooleanField(default=False)  # they named whom they asked
    salt = models.CharField(max_length=32, default=fresh_salt)  # of its answers' digest

    def __str__(self) -> str:
        return self.number

    @property
    def may_be_a_child(self) -> bool:
        """Whether the person may be under 18; unsure counts as yes."""
        return self.appears_under_18 in (self.Age.YES, self.Age.UNSURE)


class Original(SealedRow):
    """The file as received, by SHA-256. Read-only: no publication step alters or deletes it."""

    SEALED = ("received_by_id",)
    objects = SealedRows.as_manager()

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)
    kind = models.CharField(max_length=8)  # "still" or "footage"
    filename = models.CharField(max_length=255)  # as received; never published
    probe = models.JSONField()
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    purged_at = models.DateTimeField(null=True)  # its bytes are gone, or going; received anew it stands again


class Item(SealedRow):
    """One feature or appeal: one Original, its words, and when it is to go out."""

    SEALED = (
        "kind",
        "campaign_id",
        "author_id",
        "original_id",
        "state",
        "held",
        "package_id",
    )
    objects = SealedRows.as_manager()

    class Kind(models.TextChoices):
        FEATURE = "feature"
        APPEAL = "appeal"
        WANTED = "wanted"

    class Purpose(models.TextChoices):
        SUSPECT = "suspect"
        WITNESS = "witness"
        PROPERTY = "property"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in ItemState], default=ItemState.DRAFT)
    held = models.BooleanField(default=False)
    author = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="items")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="items")
    subjects = models.ManyToManyField(Subject, related_name="items", blank=True)

    title = models.TextField()
    caption = models.TextField()
    alt_text = models.TextField()
    tags = models.JSONField(default=list)
    destinations = models.JSONField(default=list)
    licence = models.CharField(max_length=4, default="0")
    comments = models.BooleanField(default=False)
    audio_authorised = models.BooleanField(default=False)
    poster_at = models.FloatField(default=1.0)  # seconds into the footage
    frame_rate = models.CharField(max_length=16, default="", blank=True)  # said of a bare stream: 25, 12.5 or 25/2
    track = models.PositiveSmallIntegerField(default=1)  # which film of a file that holds several
    mark_style = models.CharField(max_length=8, default="strip")
    mark_corner = models.CharField(max_length=12, default="bottom-left")
    redactions = models.JSONField(default=list)  # boxes x, y, width, height; footage also start, end in seconds

    # Either a fixed window or the next slot of the campaign (both empty).
    publish_from = models.DateTimeField(null=True, blank=True)
    publish_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    edition = models.PositiveIntegerField(default=1)  # raised by every edit: a rendering of an older one is dropped
    queue_order = models.BigIntegerField(default=0)
    package = models.ForeignKey("Package", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)
    rendering_until = models.DateTimeField(null=True, blank=True)
    rendering_tries = models.PositiveSmallIntegerField(default=0)
    watch_at = models.DateTimeField(null=True)  # when the rules are asked again of what is up; NULL: nothing is
    refusal = models.TextField(blank=True)  # why it was sent back, for the author
    purged_at = models.DateTimeField(null=True)  # its texts are erased, what remains are hashes
    foresee_at = models.DateTimeField(null=True)  # when the rules of its publishing time are asked beforehand again
    # When a Post stood at each of its destinations; NULL: the timetable has to make one, once its time has come.
    posts_made_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(F("state"), F("campaign"), F("queue_order"), name="items_queue"),
            # Conditions on NULL: SQLite is given values apart from the statement and would not see that they match.
            models.Index(F("state"), F("publish_from"), name="items_to_post", condition=Q(posts_made_at__isnull=True)),
            models.Index(F("watch_at"), name="items_watched", condition=Q(watch_at__isnull=False)),
            models.Index(F("state"), F("expires_at"), name="items_expiring", condition=Q(expires_at__isnull=False)),
            models.Index(F("foresee_at"), name="items_foreseen", condition=Q(foresee_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(publish_from__isnull=True, publish_until__isnull=True)
                | Q(publish_from__isnull=False, publish_until__gt=F("publish_from")),
                name="a_window_has_two_ends",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Edit(SealedRow):
    """Who wrote or changed an Item, by whatever door: none of them may ever approve it."""

    SEALED = (
        "item_id",
        "officer_id",
    )
    objects = SealedRows.as_manager()

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="edits")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    door = models.CharField(max_length=10)


class Rendition(models.Model):
    """Bytes made for publishing: Original + Recipe, by SHA-256. Made before approval, never again after."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="renditions")
    role = models.CharField(max_length=10)  # "main" or "thumbnail"
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    seconds = models.FloatField(null=True)
    recipe = models.TextField()  # canonical JSON
    warnings = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "role", "sha256", "recipe"], name="a_rendition_once")]


class BlockedImage(SealedRow):
    """Bytes that may not be queued again: they came down for a reason that outlives the Item (R29).

    An Original's hash, or a Rendition's, so that a copy fetched back from a platform is known as well.
    """

    SEALED = (
        "sha256",
        "lifted_at",
    )
    objects = SealedRows.as_manager()

    sha256 = models.CharField(max_length=64)
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="blocked_images")
    # NULL: the Item was lost with a database, the register still knows the image.
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="blocked_images")
    reason = models.CharField(max_length=40)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(lifted_at__isnull=True), name="an_image_is_blocked_once"
            )
        ]


class Package(models.Model):
    """Exactly what is approved. `content` is canonical JSON; `digest` its SHA-256 with a domain prefix."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="packages")
    digest = models.CharField(max_length=64)
    content = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "digest"], name="a_package_once_per_item")]


class Approval(SealedRow):
    """Who approved which digest, and when. Void is for ever; a later Approval is a row of its own."""

    SEALED = (
        "package_id",
        "digest",
        "approver_id",
        "at",
        "rank",
        "reason",
        "batch",
        "others",
        "overrides",
        "break_glass",
        "void_at",
    )
    objects = SealedRows.as_manager()

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    approver = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rank = models.CharField(max_length=40, blank=True)  # the approver's at that moment
    sitting = models.ForeignKey("ReviewSession", null=True, on_delete=models.PROTECT, related_name="approvals")
    seconds = models.FloatField(null=True)  # between the first byte shown and the decision
    reason = models.TextField(blank=True)  # why, where a rule asks for one with each picture
    batch = models.BooleanField(default=False)  # one of several decided in a row (R50)
    others = models.CharField(max_length=20, blank=True)  # R12: the record's answer, which the approver declared too
    overrides = models.JSONField(default=dict)  # rule number -> reason, where the rule lets an approver decide
    break_glass = models.BooleanField(default=False)  # some answers are deferred: threat to life
    void_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package", "approver"], condition=Q(void_at__isnull=True), name="one_valid_approval_each"
            )
        ]


class SentBack(models.Model):
    """The other decision: who sent which Package back, and after how long a look (R50). Its reason is in the log."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="sent_back")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sitting = models.ForeignKey("ReviewSession", null=True, on_delete=models.PROTECT, related_name="sent_back")
    seconds = models.FloatField(null=True)  # between the first byte shown and the decision
    batch = models.BooleanField(default=False)

"""One approved Package at one Destination, each try of it, and what each platform account has left."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pressqueue.models.campaigns import Booking
from pressqueue.models.items import Item, Package
from pressqueue.states import PostState
from pressqueue.tracking import SealedRow, SealedRows


class Post(SealedRow):
    """The machine moves it; `fence` counts the leases, and every write names the fence it holds."""

    SEALED = (
        "item_id",
        "package_id",
        "booking_id",
        "destination",
        "account",
        "conceals",
        "mark",
        "title",
        "caption",
    )
    objects = SealedRows.as_manager()

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="posts")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="posts")
    booking = models.ForeignKey(Booking, null=True, on_delete=models.PROTECT, related_name="posts")
    destination = models.CharField(max_length=40)
    # Whose account it was taken for, as the platform says who we are there.
    account = models.CharField(max_length=160, blank=True, default="", db_default="")
    conceals = models.BooleanField(default=True)
    mark = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=[(s, s) for s in PostState], default=PostState.WAITING)
    urgency = models.PositiveSmallIntegerField(default=1)  # 0 an appeal, 1 a feature
    due_at = models.DateTimeField()
    not_before = models.DateTimeField()

    owner = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)

    take_down_asked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    journal = models.JSONField(default=dict)
    title = models.TextField(blank=True)  # as filled when taken
    caption = models.TextField(blank=True)
    remote_id = models.CharField(max_length=80, null=True)  # NULL: UNIQUE lets it repeat
    url = models.TextField(blank=True)
    media_urls = models.JSONField(default=list)
    dressed = models.BooleanField(default=False)
    # The approved Amendment whose words this copy lacks still; nothing of it is revealed with the old ones.
    amending = models.ForeignKey("Amendment", null=True, on_delete=models.PROTECT, related_name="posts")

    tries = models.PositiveIntegerField(default=0)  # failures in a row in this state
    words = models.TextField(blank=True)  # the last refusal or delay, for the officer
    sight_lost_at = models.DateTimeField(null=True)
    looks = models.JSONField(default=list)  # when each complete listing without the Mark began, ISO 8601
    # A withdrawal that failed `hand_over` times although the platform answered is a person's as well: it shows the
    # manual steps and holds nothing else back. Trying goes on.
    answered_failures = models.PositiveIntegerField(default=0)
    handed_at = models.DateTimeField(null=True)
    by_hand_at = models.DateTimeField(null=True)  # an officer says the manual steps were done; the platform decides
    by_hand_by = models.ForeignKey("Officer", null=True, on_delete=models.PROTECT, related_name="+")
    parked_at = models.DateTimeField(null=True)  # put before a person
    created_at = models.DateTimeField()
    revealing_at = models.DateTimeField(null=True)
    asked_public_at = models.DateTimeField(null=True)  # when the platform first said yes to the reveal
    asked_public = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often it said yes
    live_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package", "destination"],
                # What was sent but never revealed (its hour was skipped) may go out at a later hour.
                condition=~Q(state="cancelled") & ~Q(state="removed", revealing_at__isnull=True),
                name="a_package_goes_to_a_destination_once",
            ),
            models.UniqueConstraint(fields=["destination", "remote_id"], name="a_remote_thing_has_one_post"),
            models.UniqueConstraint(
                fields=["item", "destination"],
                condition=~Q(state__in=["removed", "cancelled"]),
                name="an_item_stands_at_a_destination_once",
            ),
        ]
        indexes = [
            models.Index(F("state"), F("urgency"), F("not_before"), name="posts_due"),
            models.Index(F("destination"), F("state"), F("not_before"), name="posts_at"),
            models.Index(
                F("destination"),
                F("state"),
                F("not_before"),
                name="posts_to_amend",
                condition=Q(amending__isnull=False),
            ),
        ]


class MediaAddress(models.Model):
    """A direct address of a removed Post's bytes: caches outlive a deletion, so it is asked until it is gone (R26)."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="media_addresses")
    url = models.TextField()
    noted_at = models.DateTimeField()
    not_before = models.DateTimeField()
    owner = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "url"], name="a_media_address_once_per_post")]
        indexes = [models.Index(F("not_before"), name="media_addresses_standing", condition=Q(gone_at__isnull=True))]


class Attempt(models.Model):
    """One try to send, written in the transaction that took the Post: before the first byte."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="attempts")
    fence = models.PositiveBigIntegerField()
    owner = models.CharField(max_length=80)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "fence"], name="one_attempt_per_lease")]


class Step(models.Model):
    """A follow-up of a live Post (filing it under an album), with its own state and retry."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=8, default="waiting")  # waiting, done, failed
    not_before = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "kind"], name="a_step_once_per_post")]
        indexes = [models.Index(F("state"), F("not_before"), name="steps_due")]


class Album(models.Model):
    """An album or playlist at one account, known again by `mark`. Made under a lease, so made once."""

    account = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    mark = models.CharField(max_length=32)
    remote_id = models.CharField(max_length=80, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
    written = models.CharField(max_length=64, blank=True)  # SHA-256 of the words that stand there; "": nobody knows
    words_version = models.PositiveIntegerField(default=1)  # one more whenever what it should read may have changed
    words_checked = models.PositiveIntegerField(default=0)  # the version that stands there, or needs no writing
    not_before = models.DateTimeField(null=True)  # of the next try to write them
    tries = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)  # why the last try failed, for the officer

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="an_album_once_per_account")]
        indexes = [
            models.Index(F("id"), name="albums_to_check", condition=Q(words_checked__lt=F("words_version"))),
        ]


class Account(SealedRow):
    """What stops a whole account: a limit that ends by itself, a consent a person must renew, or its breaker.

    `broken_until` is set while the platform does not answer; when it has passed, whoever moves it on by a conditional
    UPDATE makes the one probe.
    """

    SEALED = (
        "identity",
        "comments_closed_at",
        "comments_closed_by_id",
    )
    objects = SealedRows.as_manager()

    destination = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, of any request
    broken_at = models.DateTimeField(null=True)  # since when the platform does not answer properly
    broken_until = models.DateTimeField(null=True)
    stop = models.CharField(max_length=8, default="none")  # none, uploads, account, auth
    until = models.DateTimeField(null=True)
    words = models.TextField(blank=True)
    connected_at = models.DateTimeField(null=True)  # when a person last gave the consent in use
    ask_again_at = models.DateTimeField(null=True)  # when a stop without a known end is asked after
    asked = models.PositiveIntegerField(default=0, db_default=0)  # how often it was, since it stopped
    reckoning_by = models.CharField(
        max_length=80, blank=True, db_default=""
    )  # who holds the account against the ledger now
    reckoning_until = models.DateTimeField(null=True)
    identity = models.CharField(max_length=160, blank=True, default="", db_default="")  # who the platform says we are
    comments_closed_at = models.DateTimeField(null=True)  # an officer attested the channel's default is off
    comments_closed_by = models.ForeignKey("Officer", null=True, on_delete=models.PROTECT, related_name="+")
    comments_evidence = models.ForeignKey("Original", null=True, on_delete=models.PROTECT, related_name="+")


class Spend(models.Model):
    """What a destination's bucket has given in one window. Conditional UPDATEs keep it under its limit."""

    destination = models.CharField(max_length=40)
    bucket = models.CharField(max_length=40)
    window = models.DateTimeField()  # when it began
    used = models.PositiveIntegerField(default=0)
    exhausted_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "bucket", "window"], name="a_window_once")]

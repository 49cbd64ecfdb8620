"""The recorded answers: why a thing may be published, who checked what and when, and what is still owed.

An answer nobody has given yet is empty text or NULL; what must be answered is for the gates.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pressqueue.models.items import Item, Original, Package, Subject, fresh_salt
from pressqueue.models.people import Officer


class Source(models.TextChoices):
    """Where a picture comes from."""

    CCTV = "cctv"
    BODY_WORN = "body_worn"
    POLICE = "police"  # taken by the force itself
    PUBLIC = "public"
    CUSTODY = "custody"
    AGENCY = "agency"


class AppealRecord(models.Model):
    """Why this appeal may be published: College of Policing APP; Crook v CC Essex; Austin v MPS; PACE Code D.

    All of it is covered by the Package, so that changing an answer voids the Approval.
    """

    class Seriousness(models.TextChoices):
        VOLUME = "volume"
        SERIOUS = "serious"
        LIFE = "threat_to_life"

    class Consulted(models.TextChoices):
        YES = "yes"
        NO = "no"
        NO_VICTIM = "no_identifiable_victim"

    class Others(models.TextChoices):
        NONE = "none"
        COVERED = "covered"
        JUSTIFIED = "justified"

    class Restrictions(models.TextChoices):
        NONE = "none"
        IN_FORCE = "in_force"

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="appeal_record", primary_key=True)
    salt = models.CharField(max_length=32, default=fresh_salt)  # of its digest: what was purged cannot be guessed
    offence = models.TextField(blank=True)  # in the words of a reported crime
    crime_reference = models.CharField(max_length=60, blank=True)
    location = models.TextField(blank=True)  # as the public may read it
    incident_at = models.DateTimeField(null=True)  # true time, the camera's clock already set right
    incident_until = models.DateTimeField(null=True)  # where only a span is known
    clock_offset = models.IntegerField(null=True)  # seconds by which the camera's clock was fast; negative: slow
    exhibit = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    source_detail = models.TextField(blank=True)  # whose camera, who handed it over
    source_verified_by = models.CharField(max_length=120, blank=True)
    link_to_offence = models.TextField(blank=True)  # why this person is connected with it
    policing_purpose = models.TextField(blank=True)
    legal_basis = models.TextField(blank=True)
    means_tried = models.JSONField(default=list)  # [{"on": "2026-02-20", "means": "internal circulation"}]
    seriousness = models.CharField(max_length=14, choices=Seriousness.choices, blank=True)
    proportionality = models.TextField(blank=True)  # effect on the person, their family, the community
    reach = models.TextField(blank=True)  # why a worldwide platform: Crook v CC Essex
    risk = models.TextField(blank=True)
    victim_consulted = models.CharField(max_length=22, choices=Consulted.choices, blank=True)
    victim_reason = models.TextField(blank=True)
    victim_consulted_on = models.DateField(null=True)
    anonymity = models.BooleanField(null=True)  # a sexual offence, or somebody with a right to anonymity
    restrictions = models.CharField(max_length=8, choices=Restrictions.choices, blank=True)
    restrictions_checked_on = models.DateField(null=True)
    restrictions_checked_by = models.CharField(max_length=120, blank=True)
    others_in_frame = models.CharField(max_length=9, choices=Others.choices, blank=True)
    others_reason = models.TextField(blank=True)
    do_not_approach = models.BooleanField(null=True)
    contact = models.TextField(blank=True)  # where callers turn to; empty: the campaign's lines
    conditions_of_use = models.TextField(blank=True)
    review_at = models.DateTimeField(null=True)
    retention_review_on = models.DateField(null=True)
    less_intrusive = models.TextField(blank=True)  # under 18: why nothing less would do
    child_welfare = models.TextField(blank=True)
    ethnicity_reason = models.TextField(blank=True)
    date_reason = models.TextField(blank=True)  # why the text's date differs from the recorded time
    image_taken_on = models.DateField(null=True)  # wanted: how recent the picture is
    image_age_reason = models.TextField(blank=True)  # wanted: why an old one is used
    custody_reason = models.TextField(blank=True)  # wanted: why a custody photograph
    attempts_to_locate = models.TextField(blank=True)  # wanted: Crook v CC Essex
    legal_check = models.TextField(blank=True)  # wanted and already charged or convicted: who advised, when
    # The officer in the case: a person of the system, or, without an account, by name and rank.
    investigator = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="cases")
    investigator_name = models.CharField(max_length=120, blank=True)
    investigator_rank = models.CharField(max_length=40, blank=True)


class FeatureRecord(models.Model):
    """What a feature needs: UK GDPR, not law-enforcement processing."""

    class Basis(models.TextChoices):
        CONSENT = "consent"
        PUBLIC_PLACE = "public_place"
        STAFF = "staff"
        NOBODY = "nobody"  # nobody can be recognised

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="feature_record", primary_key=True)
    salt = models.CharField(max_length=32, default=fresh_salt)
    basis = models.CharField(max_length=12, choices=Basis.choices, blank=True)
    consent_detail = models.TextField(blank=True)  # whose, how given, where kept
    consent_until = models.DateTimeField(null=True)
    rights = models.TextField(blank=True)  # who holds the rights in the picture
    rights_until = models.DateTimeField(null=True)
    checklist = models.JSONField(default=list)  # the safety questions that were answered "it is safe"
    facet = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)


class ProceedingsCheck(models.Model):
    """Somebody looked where proceedings are recorded, and what they found. The newest is the Subject's state."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="checks")
    state = models.CharField(max_length=22)
    at = models.DateTimeField()  # when it was looked up
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")  # who recorded it
    name = models.CharField(max_length=120)  # of the check: PNC, Niche, the OIC by telephone
    confirmed_by = models.CharField(max_length=120, blank=True)  # whose word it is, where not the recorder's
    recorded_at = models.DateTimeField()


class Verification(models.Model):
    """The investigator says: this is the right person and picture, and the record is true (College of Policing APP).

    By the investigator's own account; or by a signed form, kept as an exhibit, which an approver confirms.
    """

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
    void_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=40, blank=True)


class BreakGlass(models.Model):
    """Somebody's word that a life is at risk, so that some answers of an appeal may be given later."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="break_glass")
    reason = models.TextField()
    declared_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    due_at = models.DateTimeField()  # what was deferred is answered by then, or the copies come down
    ended_at = models.DateTimeField(null=True)  # every answer was given


class AccountChange(models.Model):
    """What one administrator asked to be done to an account, and a second one confirmed or dropped."""

    class Kind(models.TextChoices):
        ROLES = "roles"
        RANK = "rank"
        CODE = "code"  # a fresh one-time code: whoever holds it sets the password

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    roles = models.JSONField(default=list)  # as they will be
    rank = models.CharField(max_length=40, blank=True)
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


class Sitting(models.Model):
    """One stretch of looking at pictures in one signed-in session; why is asked once (DPA 2018 s.62)."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="sittings")
    session = models.CharField(max_length=64)  # SHA-256 of the session's key
    why = models.TextField()
    began_at = models.DateTimeField()
    used_at = models.DateTimeField()  # the last look, to the minute: what its idleness is counted from
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "session"], condition=Q(ended_at__isnull=True), name="one_open_sitting_a_session"
            )
        ]


class Consultation(models.Model):
    """One picture of a person sought, read in one sitting; logged once, however many parts it was read in."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="consultations")
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


class Amendment(models.Model):
    """New words, or after a review new dates, for what is live, while what was approved stays up.

    The Package is made when it is drafted and approved like any other; its words are then written in place.
    """

    class State(models.TextChoices):
        DRAFTED = "drafted"
        APPROVED = "approved"
        WRITTEN = "written"  # every Post of it was read back with the new words
        DROPPED = "dropped"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="amendments")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFTED)
    is_review = models.BooleanField(default=False)  # it was looked at again: `reason` is why it is still necessary
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")  # the new one
    before = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")  # the one that was live
    changes = models.JSONField(default=dict)  # "item" and "record": field -> its new value, moments in ISO 8601
    reason = models.TextField()
    drafted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=40, blank=True)  # why it was dropped, as a code
    refusal = models.TextField(blank=True)  # the same in words, for whoever drafted it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="drafted"), name="one_amendment_to_decide_per_item"
            )
        ]

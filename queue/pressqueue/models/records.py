"""The record of an Item: what an officer answers for an appeal or a feature."""

from __future__ import annotations

from django.db import models

from pressqueue.models.items import Item, fresh_salt
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

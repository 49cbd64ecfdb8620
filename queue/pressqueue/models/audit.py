"""The audit log: append-only, each Entry chained by hash to the one before.

An Entry has no foreign keys and no erasable text: ids, digests, codes. Names, captions and reasons lie in
EntryText, hashed into the Entry with a random salt, so that purging them leaves the chain whole.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F


class Entry(models.Model):
    """One line. Triggers refuse UPDATE, DELETE and TRUNCATE."""

    number = models.PositiveBigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    at = models.CharField(max_length=32)  # ISO 8601, UTC, microseconds: hashed as written
    act = models.CharField(max_length=40)
    actor = models.CharField(max_length=40)  # "officer:7" or "machine"
    door = models.CharField(max_length=10)
    about = models.TextField()  # canonical JSON of ids, digests and codes
    text_digest = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=32, default="")  # of the content's digest, which excerpts show in its place


class EntryLink(models.Model):
    """One row that an Entry names, so that the Entries of a row are found by an index. See `mentions`.

    Triggers refuse UPDATE, DELETE and TRUNCATE.
    """

    entry = models.PositiveBigIntegerField()  # its number
    kind = models.CharField(max_length=10)  # "item", "post", "subject" or "original"
    row = models.CharField(max_length=64)  # the row's primary key

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row", "entry"], name="a_row_once_per_entry")]
        indexes = [models.Index(F("entry"), name="links_of_an_entry")]


class EntryText(models.Model):
    """The erasable part of one Entry. May be deleted when its time has come, never changed."""

    number = models.PositiveBigIntegerField(primary_key=True)
    salt = models.CharField(max_length=32)
    text = models.TextField()


class ChainHead(models.Model):
    """One row, locked last in every move: gives the next number and the hash it builds on."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    seals = models.PositiveBigIntegerField(default=0)  # number and MAC of the last Seal
    seal = models.CharField(max_length=64, default="0" * 64)
    anchor = models.CharField(max_length=64, blank=True, default="")  # SHA-256 of the newest anchor's line
    base = models.PositiveBigIntegerField(default=0)  # two people took the log as it was up to this Entry,
    base_seals = models.PositiveBigIntegerField(default=0)  # and the Seals up to this one
    mac = models.CharField(max_length=64, blank=True, default="")  # over all of the above; empty: nobody vouches for it

"""The desk's own table. Everything else it shows belongs to the domain."""

from __future__ import annotations

from django.db import models


class SignInFailure(models.Model):
    """One failed sign-in, counted against a name, an address and both together.

    `key` is a SHA-256, so that the table is no list of account names (people type passwords into name fields).
    """

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="sign_in_failures")]

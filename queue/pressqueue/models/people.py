"""Who works here. Django's accounts and passwords; no superuser, no permissions table, no admin site."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from pressqueue.tracking import SealedRow, SealedRows


class OfficerAccounts(BaseUserManager["Officer"]):
    """Makes accounts; passwords are hashed by Django."""

    def get_queryset(self) -> SealedRows[Officer]:
        """Returns all accounts as SealedRows, so that an UPDATE of many is sealed too."""
        return SealedRows(self.model, using=self._db)

    def create_user(self, username: str, name: str = "", password: str | None = None, **roles: bool) -> Officer:
        """Create an account with these roles; without a password nobody can sign in to it."""
        officer = self.model(username=self.model.normalize_username(username), name=name or username, **roles)
        officer.set_password(password)  # None: no password can match until a one-time code sets one
        officer.save(using=self._db)
        return officer


class Officer(SealedRow, AbstractBaseUser):
    """A person of the system. Roles are separate flags: being one thing never implies another."""

    SEALED = ("rank", "may_author", "may_approve", "investigator", "administrator", "barred_until", "is_active")

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    rank = models.CharField(max_length=40, blank=True)
    may_author = models.BooleanField(default=False)
    may_approve = models.BooleanField(default=False)
    investigator = models.BooleanField(default=False)  # of own cases: verify, report an outcome, take down
    administrator = models.BooleanField(default=False)
    # No Approval counts before: an administrator touched its role, rank, password or second factor, or enabled it.
    barred_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[OfficerAccounts] = OfficerAccounts()

    def __str__(self) -> str:
        return self.name


class PersonalToken(models.Model):
    """Lets the command line act for a person. Only its SHA-256 is kept; it always expires."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60)
    scope = models.CharField(max_length=20, default="author")  # "read" or "author"
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class SignInCode(models.Model):
    """A one-time code with which a new or reset account sets its password. Only its SHA-256 is kept."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

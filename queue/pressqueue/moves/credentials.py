"""What lets a person in: one-time codes, passwords, and tokens for the command line.

Only SHA-256 digests of codes and tokens are kept. Both are long and random, so a slow hash would add nothing;
passwords are hashed by Django.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Officer, PersonalToken, SignInCode

TOKEN_PREFIX = "pub_"  # noqa: S105  # what every token begins with, so that a leaked one is recognised
TOKEN_LIFE = timedelta(days=90)
SCOPES = ("read", "author")


def digest_of(secret: str) -> str:
    """The SHA-256 of a code or token, 64 lower-case hex digits; blanks around it do not count."""
    return hashlib.sha256(secret.strip().encode()).hexdigest()


def holder_of(username: str, code: str, *, now: datetime) -> Officer | None:
    """Whose code this is, while it can still be used; None for every other case, without saying which."""
    row = (
        SignInCode.objects.select_related("officer")
        .filter(digest=digest_of(code), used_at__isnull=True, expires_at__gt=now)
        .filter(officer__username=username, officer__is_active=True)
        .first()
    )
    return row.officer if row else None


def redeem_code(username: str, code: str, password: str, *, door: str, now: datetime) -> Officer:
    """Set a password with a one-time code. The conditional UPDATE lets one of two simultaneous uses win.

    Raises Forbidden, in the same words for an unknown name, a wrong, an old and a used code.
    """
    officer = holder_of(username, code, now=now)
    refusal = Forbidden("That user name and code do not go together, or the code has run out or was used.")
    if officer is None:
        raise refusal
    with moving(Actor(officer.pk, door), now) as log:
        unused = SignInCode.objects.filter(digest=digest_of(code), used_at__isnull=True, expires_at__gt=now)
        if unused.update(used_at=now) != 1:
            raise refusal
        officer.set_password(password)
        officer.save(update_fields=["password"])
        log.note("password_set", officer=officer.pk, by="code")
    return officer


def change_password(actor: Actor, password: str, *, now: datetime) -> Officer:
    """Give the acting officer a new password; every other session of theirs ends with the old one."""
    officer = _active(actor)
    with moving(actor, now) as log:
        officer.set_password(password)
        officer.save(update_fields=["password"])
        log.note("password_set", officer=officer.pk, by="self")
    return officer


def issue_token(
    actor: Actor, *, label: str, scope: str, life: timedelta, now: datetime
) -> tuple[PersonalToken, str]:  # fmt: skip
    """A token for the acting officer's command line, and its value, which is shown once and never again."""
    officer = _active(actor)
    if scope not in SCOPES:
        raise Forbidden(f"“{scope}” is not a scope of a token: {' or '.join(SCOPES)}.")
    if scope == "author" and not officer.may_author:
        raise Forbidden("A token cannot do more than its holder: your account lacks the author role.")
    if not timedelta(0) < life <= TOKEN_LIFE:
        raise Forbidden(f"A token lasts at least a day and at most {TOKEN_LIFE.days} days.")
    value = TOKEN_PREFIX + secrets.token_urlsafe(32)  # 43 characters
    with moving(actor, now) as log:
        token = PersonalToken.objects.create(
            officer=officer,
            digest=digest_of(value),
            label=label.strip()[:60],
            scope=scope,
            created_at=now,
            expires_at=now + life,
        )
        log.note("token_issued", text=token.label, officer=officer.pk, token=token.pk, scope=scope)
    return token, value


def revoke_token(actor: Actor, token_id: int, *, now: datetime) -> None:
    """End one of the acting officer's own tokens. Raises NotFound for anybody else's."""
    officer = _active(actor)
    with moving(actor, now) as log:
        mine = PersonalToken.objects.filter(pk=token_id, officer=officer)
        if not mine.exists():
            raise NotFound("You have no such token.")
        if mine.filter(revoked_at__isnull=True).update(revoked_at=now):
            log.note("token_revoked", officer=officer.pk, token=token_id)


def _active(actor: Actor) -> Officer:
    officer = None if actor.officer_id is None else Officer.objects.filter(pk=actor.officer_id, is_active=True).first()
    if officer is None:
        raise Forbidden("Only a person with an active account may do this.")
    return officer

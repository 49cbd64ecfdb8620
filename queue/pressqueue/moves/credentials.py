"""How a person comes by a password: with a one-time code, or by changing the one they have."""

from __future__ import annotations

from datetime import datetime

from pressqueue import powers
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Officer, SignInCode
from pressqueue.moves.officers import digest


@clean_texts
def holder_of(username: str, code: str, *, now: datetime) -> Officer | None:
    """Returns whose code this is, while it can still be used; None in every other case, without saying which."""
    row = (
        SignInCode.objects.select_related("officer")
        .filter(digest=digest(code), used_at__isnull=True, expires_at__gt=now)
        .filter(officer__username=username, officer__is_active=True)
        .first()
    )
    return row.officer if row else None


@clean_texts
def redeem_code(username: str, code: str, password: str, *, door: str, now: datetime) -> Officer:
    """Set a password with a one-time code. The conditional UPDATE lets one of two simultaneous uses win.

    Raises Forbidden, with the same text for an unknown name and for a wrong, an expired or a used code.
    """
    officer = holder_of(username, code, now=now)
    refusal = Forbidden("That user name and code do not go together, or the code has run out or was used.")
    if officer is None:
        raise refusal
    with moving(Actor(officer.pk, door), now) as log:
        # The account before its codes, as everybody locks them; and it may have been disabled since it was read.
        officer = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if not officer.is_active:
            raise refusal
        unused = SignInCode.objects.filter(digest=digest(code), used_at__isnull=True, expires_at__gt=now)
        if unused.update(used_at=now) != 1:
            raise refusal
        officer.set_password(password)
        officer.save(update_fields=["password"])
        log.note("password_set", officer=officer.pk, by="code")
        _end_tokens(log, officer, now)  # whoever had the old password may have made one
    return officer


@clean_texts
def change_password(actor: Actor, password: str, *, end_tokens: bool = True, now: datetime) -> Officer:
    """Give the acting officer a new password; every other session of theirs ends with the old one.

    Their command-line tokens end too, unless `end_tokens` is off because they confirmed that only they have them.
    """
    officer = powers.demand(actor, "change_password")
    with moving(actor, now) as log:
        officer.set_password(password)
        officer.save(update_fields=["password"])
        log.note("password_set", officer=officer.pk, by="self")
        if end_tokens:
            _end_tokens(log, officer, now)
    return officer


def _end_tokens(log: Log, officer: Officer, now: datetime) -> None:
    live = officer.tokens.filter(revoked_at__isnull=True, expires_at__gt=now)
    ended = sorted(live.values_list("pk", flat=True))
    officer.tokens.filter(pk__in=ended).update(revoked_at=now)
    for token in ended:
        log.note("token_revoked", token=token, officer=officer.pk)

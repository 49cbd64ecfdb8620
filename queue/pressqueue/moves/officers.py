"""Accounts: made, given a one-time code, disabled; and the tokens with which a person uses the command line."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from difflib import get_close_matches

from django.db.models import Q

from pressqueue import locks, policy, powers, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Amendment, Approval, Item, Office, Officer, PersonalToken, Post, SignInCode
from pressqueue.moves import notices
from pressqueue.moves.public_texts import end_texts_of
from pressqueue.moves.reopening import reopen_held
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState

ROLES = {
    "author": "may_author", "approver": "may_approve", "investigator": "investigator", "administrator": "administrator",
}  # fmt: skip
SCOPES = ("read", "author")
CODE_LIFE = timedelta(hours=72)
LONGEST_TOKEN = timedelta(days=90)
TOKEN_PREFIX = "pub_"  # noqa: S105  # lets a secret scanner know one of ours when it sees it
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


@clean_texts
def found_office(actor: Actor, *, exercise: bool, administrators: Collection[str], now: datetime) -> dict[str, str]:
    """Create the Office row and its first administrators, once. Returns their one-time codes, by username.

    A real office begins with two, so that no one person can lock the other out; an exercise office needs one. Raises
    Forbidden.
    """
    needed = 1 if exercise else 2
    if len(set(administrators)) < needed:
        raise Forbidden(f"Name {'an administrator' if needed == 1 else 'two different administrators'} (--admin NAME).")
    with moving(actor, now) as log:
        if Office.objects.exists():
            raise Forbidden("This database holds an office already. Give the new one a database of its own.")
        Office.objects.create(exercise=exercise, made_at=now)
        log.note("office_founded", exercise=int(exercise))
        codes = {}
        for username in administrators:
            officer = make_officer(log, username, "", "", "", ["administrator"])
            codes[username] = new_code(log, officer, now)
    return codes


@clean_texts
def disable_officer(actor: Actor, officer: Officer, *, now: datetime, for_cause: bool = False) -> list[str]:
    """Disable an account: nobody signs in or acts by it. Returns the references that must be approved again.

    R54: its Approvals of appeals not yet revealed are void; a feature's stays valid unless the officer left for cause.
    """
    powers.demand(actor, "disable_officer")
    with moving(actor, now) as log:
        locks.office()
        demand_administrator(actor)
        again = void_approvals(log, officer, for_cause, now)
        person = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if not person.is_active:
            raise Forbidden(f"The account {person.username} is disabled already.")
        keep_an_administrator(person)
        shut_out(log, person, for_cause, now)
    return again


def shut_out(log: Log, person: Officer, for_cause: bool, now: datetime) -> None:
    """Disable an account that the caller holds locked, and end its tokens and codes.

    For cause, the texts it approved end too.
    """
    person.is_active, person.disabled_at = False, now
    person.save(update_fields=["is_active", "disabled_at"])
    person.tokens.filter(revoked_at__isnull=True).update(revoked_at=now)
    person.codes.filter(used_at__isnull=True).update(used_at=now)
    if for_cause:
        end_texts_of(log, person, now)
    log.note("officer_disabled", officer=person.pk, for_cause=int(for_cause))
    register.note(now, "officer_disabled", officer=register.officer_code(person), for_cause=int(for_cause))


def let_in_again(log: Log, person: Officer, now: datetime) -> None:
    """Let a disabled account that the caller holds locked sign in again.

    Its tokens stay revoked and its Approvals void. Somebody may know a leaver's password by now: like any account that
    an administrator changed, it is barred from approving for the policy's span.
    """
    person.is_active, person.disabled_at = True, None
    person.save(update_fields=["is_active", "disabled_at"])
    bar_from_approving(person, now)
    log.note("officer_enabled", officer=person.pk)
    register.note(now, "officer_enabled", officer=register.officer_code(person))
    message = f"The account {person.username} was enabled again. If that surprises you, tell the office at once."
    notices.notify(f"officer:{person.pk}:enabled:{now:%Y%m%d%H%M%S}", message, now, to=concerned(person.pk))


def bar_from_approving(person: Officer, now: datetime) -> None:
    """Let no Approval by this account count for the policy's span, so that those concerned have time to notice."""
    if not person.may_approve or Office.objects.filter(exercise=True).exists():
        return
    person.barred_until = now + policy.current().bar
    person.save(update_fields=["barred_until"])


def concerned(officer_id: int) -> list[int]:
    """Returns the ids of the accounts that are notified of a change: its person, every approver and administrator."""
    others = Officer.objects.filter(is_active=True).filter(Q(may_approve=True) | Q(administrator=True))
    return sorted({officer_id, *others.values_list("pk", flat=True)})


@clean_texts
def issue_token(actor: Actor, *, label: str, scope: str, life: timedelta, now: datetime) -> str:
    """Returns a token for the acting person; it is shown once. Scope "read" reads, "author" also acts.

    Raises Forbidden.
    """
    powers.demand(actor, "issue_token")
    if scope not in SCOPES:
        raise Forbidden(f"“{scope}” is no scope of a token: {' or '.join(SCOPES)}.")
    if not timedelta(0) < life <= LONGEST_TOKEN:
        raise Forbidden(f"A token lives at most {LONGEST_TOKEN.days} days.")
    value = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with moving(actor, now) as log:
        person = _active(actor)
        token = PersonalToken.objects.create(
            officer=person, digest=digest(value), label=label.strip()[:60] or "token", scope=scope,
            created_at=now, expires_at=now + life,
        )  # fmt: skip
        log.note("token_issued", text=token.label, token=token.pk, officer=person.pk, scope=scope)
    return value


@clean_texts
def revoke_token(actor: Actor, token: PersonalToken, *, now: datetime) -> None:
    """End a token before its time: a person their own, an administrator anybody's. Raises Forbidden."""
    powers.demand(actor, "revoke_token")
    with moving(actor, now) as log:
        if token.officer_id != actor.officer_id:
            demand_administrator(actor)
        if PersonalToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            log.note("token_revoked", token=token.pk, officer=token.officer_id)


def digest(value: str) -> str:
    """Returns what is kept of a code or token, its SHA-256: 256 random bits need no slow hash."""
    return hashlib.sha256(value.strip().encode()).hexdigest()


def make_officer(log: Log, username: str, name: str, email: str, rank: str, roles: Collection[str]) -> Officer:
    """Create an account with these roles. Raises Forbidden for a user name that is not valid or is taken."""
    if not _USERNAME.fullmatch(username):
        raise Forbidden(f"“{username}” is no user name: two to 60 of a-z, 0-9, dot, hyphen and underscore.")
    if Officer.objects.filter(username=username).exists():
        raise Forbidden(f"There is an account {username} already.")
    officer = Officer(username=username, name=name or username, email=email, rank=rank)
    for role in roles:
        setattr(officer, ROLES[role], True)
    officer.set_unusable_password()  # until the one-time code sets one
    officer.save()
    log.note("officer_added", text=f"{username} {name}".strip(), officer=officer.pk, roles=sorted(roles))
    return officer


def new_code(log: Log, officer: Officer, now: datetime) -> str:
    """Issue a one-time code for an account, which ends earlier ones. Returns the code: only its hash is kept."""
    officer.codes.filter(used_at__isnull=True).update(used_at=now)
    value = "-".join(secrets.token_hex(4) for _ in range(4))
    SignInCode.objects.create(officer=officer, digest=digest(value), expires_at=now + CODE_LIFE)
    log.note("code_issued", officer=officer.pk)
    return value


def check_roles(roles: Collection[str], *, exercise: bool) -> None:
    """Raise Forbidden for a role that does not exist, and for roles that nobody may hold together."""
    if strange := sorted(set(roles) - set(ROLES)):
        near = [role for role in ROLES if role.startswith(strange[0].lower())] or get_close_matches(
            strange[0], ROLES, 1
        )
        meant = f" Did you mean {near[0]}?" if near and strange[0] else ""
        raise Forbidden(f"“{strange[0]}” is no role: {', '.join(ROLES)}.{meant}")
    if not roles:
        raise Forbidden(f"Give the account a role: {', '.join(ROLES)}.")
    if not exercise and "administrator" in roles and len(set(roles)) > 1:
        raise Forbidden("An administrator makes accounts and so neither writes nor approves: use two accounts.")


def void_approvals(log: Log, officer: Officer, for_cause: bool, now: datetime) -> list[str]:
    """R54: void an officer's Approvals of appeals not yet revealed, and for cause of features too.

    Returns the references of those Items.
    """
    approved = Approval.objects.filter(approver=officer, void_at__isnull=True).values("package__item")
    waiting = [ItemState.IN_REVIEW, ItemState.APPROVED]  # in review: one Approval was not enough
    items = Item.objects.filter(pk__in=approved, state__in=waiting).exclude(
        posts__in=Post.objects.filter(state__in=COUNTS_AS_PUBLIC)
    )
    if not for_cause:
        items = items.exclude(kind=Item.Kind.FEATURE)
    pending = Amendment.objects.filter(state=Amendment.State.DRAFTED).values("package")
    fallen = Approval.objects.filter(approver=officer, void_at__isnull=True, package__in=pending)
    if amended := sorted(fallen.values_list("pk", flat=True)):
        fallen.update(void_at=now, void_reason="approver_disabled")
        log.note("approvals_void", approvals=amended, reason="approver_disabled")
    again = []
    for pk in items.order_by("pk").values_list("pk", flat=True):
        held = locks.item(pk, posts=True)
        reopen_held(log, held, "approver_disabled", now)
        again.append(held.item.reference)
    return again


def keep_an_administrator(leaving: Officer) -> None:
    """Raise Forbidden where `leaving` is the last active administrator."""
    others = Officer.objects.filter(administrator=True, is_active=True).exclude(pk=leaving.pk)
    if leaving.administrator and not others.exists():
        raise Forbidden(f"{leaving.username} is the last administrator: make another one first.")


def _active(actor: Actor) -> Officer:
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if officer is None:
        raise Forbidden("Only a person with an active account may do this.")
    return officer


def demand_administrator(actor: Actor) -> Officer:
    """Returns the active administrator behind `actor`. Raises Forbidden for anybody else."""
    officer = _active(actor)
    if not officer.administrator:
        raise Forbidden(f"{officer.name} is no administrator: only an administrator may change accounts.")
    return officer

"""Whoever keeps the accounts decides nothing alone: what gives power over approvals takes a second administrator.

Granting a role that decides, changing the rank of one who holds it, and a fresh code for their password are asked by
one administrator and confirmed by another; then the account may not approve for a day, and everybody concerned is told.
An exercise office has no bar, and one administrator is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from pressqueue import locks, notices, policy
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.errors import Forbidden
from pressqueue.models import AccountChange, Officer
from pressqueue.moves.people import (
    ROLES,
    bar_from_approving,
    check_roles,
    concerned,
    demand_administrator,
    keep_an_administrator,
    make_officer,
    new_code,
    void_approvals,
)

# Whoever holds one of these decides about what is published, or about who does.
DECIDING = frozenset({"approver", "investigator", "administrator"})


def add_officer(
    actor: Actor, *, username: str, roles: Collection[str], name: str = "", email: str = "", rank: str = "",
    now: datetime,
) -> Officer:  # fmt: skip
    """A new account, without a password until a one-time code sets one. Raises Forbidden.

    Outside exercise offices whoever makes accounts neither writes nor approves, else one person could be two; and a
    role that decides is only asked for here: a second administrator confirms it.
    """
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        check_roles(roles, exercise=office.exercise)
        asked = set() if office.exercise else set(roles) & DECIDING
        officer = make_officer(log, username, name, email, rank, sorted(set(roles) - asked))
        if asked:
            _ask(log, officer, administrator, now, kind=AccountChange.Kind.ROLES, roles=sorted(roles))
    return officer


def change_roles(actor: Actor, officer: Officer, roles: Collection[str], *, now: datetime) -> AccountChange | None:
    """These roles and no others. None where it is done; an AccountChange where a second administrator must confirm.

    Whoever stops being an approver loses the Approvals of appeals not yet revealed.
    """
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        check_roles(roles, exercise=office.exercise)
        again = void_approvals(log, officer, for_cause=False, now=now) if "approver" not in roles else []
        person = Officer.objects.select_for_update().get(pk=officer.pk)
        gained = (set(roles) - set(roles_of(person))) & DECIDING
        if gained and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.ROLES, roles=sorted(roles))
        if "administrator" not in roles:
            keep_an_administrator(person)
        _set_roles(log, person, roles, now, bar=bool(gained))
        log.note("approvals_fell", officer=person.pk, items=again)
    return None


def change_rank(actor: Actor, officer: Officer, rank: str, *, now: datetime) -> AccountChange | None:
    """The same for a rank: it decides who may approve what."""
    if rank and policy.current().rank_of(rank) < 0:
        known = ", ".join(policy.current().ranks)
        raise Forbidden(f"“{rank}” is no rank this office knows: {known}.")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        person = Officer.objects.select_for_update().get(pk=officer.pk)
        if _decides(person) and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.RANK, rank=rank)
        _set_rank(log, person, rank, now)
    return None


def issue_code(actor: Actor, officer: Officer, *, now: datetime) -> str | AccountChange:
    """A fresh one-time code, which voids every older one. The caller shows it once; only its SHA-256 is kept.

    Of an account that decides it is a second administrator who gets to see the code, on confirming.
    """
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        person = Officer.objects.select_for_update().get(pk=officer.pk)
        if not person.is_active:
            raise Forbidden(f"The account {person.username} is disabled: enable it first.")
        if _decides(person) and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.CODE)
        return _give_code(log, person, now)


def confirm_change(actor: Actor, change: AccountChange, *, now: datetime) -> str:
    """The second administrator agrees: it takes effect. Answers the one-time code that belongs to it, or "".

    A role that decides begins with a password nobody knows yet: whoever made the account may have set the old one.
    """
    with moving(actor, now) as log:
        locks.office()
        mine = AccountChange.objects.select_for_update().get(pk=change.pk)
        second = _second(actor, mine)
        roles = set(mine.roles)
        if mine.kind == AccountChange.Kind.ROLES and "approver" not in roles:
            void_approvals(log, mine.officer, for_cause=False, now=now)
        person = Officer.objects.select_for_update().get(pk=mine.officer_id)
        if not person.is_active:
            raise Forbidden(f"The account {person.username} is disabled: enable it first.")
        code = ""
        if mine.kind == AccountChange.Kind.RANK:
            _set_rank(log, person, mine.rank, now)
        elif mine.kind == AccountChange.Kind.CODE:
            code = _give_code(log, person, now)
        else:
            if "administrator" not in roles:
                keep_an_administrator(person)
            _set_roles(log, person, roles, now, bar=True)
            person.set_unusable_password()
            person.save(update_fields=["password"])
            person.tokens.filter(revoked_at__isnull=True).update(revoked_at=now)
            code = _give_code(log, person, now)
        _decide(mine, second, now, confirmed=True)
        log.note("account_change_confirmed", change=mine.pk, officer=person.pk, kind=mine.kind)
        words = (
            f"The {_what(mine)} of {person.username} was changed: asked by {mine.asked_by.name}, confirmed by "
            f"{second.name}. If that surprises you, tell the office at once."
        )
        _tell(mine, words, now)
    return code


def drop_change(actor: Actor, change: AccountChange, *, now: datetime) -> None:
    """It is not done. Any administrator may say so."""
    with moving(actor, now) as log:
        locks.office()
        administrator = demand_administrator(actor)
        mine = AccountChange.objects.select_for_update().get(pk=change.pk)
        if mine.decided_at is not None:
            raise Forbidden("This was decided already.")
        _decide(mine, administrator, now, confirmed=False)
        log.note("account_change_dropped", change=mine.pk, officer=mine.officer_id, kind=mine.kind)


def roles_of(officer: Officer) -> list[str]:
    """The account's roles, by name."""
    return [role for role, flag in ROLES.items() if getattr(officer, flag)]


def _decides(officer: Officer) -> bool:
    return bool(set(roles_of(officer)) & DECIDING)


def _ask(
    log: Log, officer: Officer, administrator: Officer, now: datetime, *, kind: str, roles: Iterable[str] = (),
    rank: str = "",
) -> AccountChange:  # fmt: skip
    try:
        with transaction.atomic():
            change = AccountChange.objects.create(
                officer=officer, kind=kind, roles=list(roles), rank=rank, asked_by=administrator, asked_at=now
            )
    except IntegrityError:
        raise Forbidden(
            f"Such a change of {officer.username} waits already: another administrator confirms or drops it first."
        ) from None
    log.note("account_change_asked", change=change.pk, officer=officer.pk, kind=kind, roles=list(roles))
    words = f"{administrator.name} asks to change the {_what(change)} of {officer.username}"
    _tell(change, f"{words}: another administrator confirms it, or drops it.", now)
    return change


def _second(actor: Actor, change: AccountChange) -> Officer:
    """Who confirms: an administrator who neither asked nor gains by it.

    Where there is no such administrator, as when one of two is locked out, an approver may stand in for a code.
    """
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if change.decided_at is not None:
        raise Forbidden("This was decided already.")
    if officer is None or officer.pk in (change.asked_by_id, change.officer_id):
        raise Forbidden("Somebody else must confirm this: neither who asked for it nor whose account it is.")
    others = Officer.objects.filter(administrator=True, is_active=True)
    free = others.exclude(pk__in=[change.asked_by_id, change.officer_id]).exists()
    stands_in = (
        not free and change.kind == AccountChange.Kind.CODE and change.officer.administrator and officer.may_approve
    )
    if not officer.administrator and not stands_in:
        raise Forbidden(f"{officer.name} is no administrator: only an administrator may change accounts.")
    return officer


def _decide(change: AccountChange, by: Officer, now: datetime, *, confirmed: bool) -> None:
    change.decided_by, change.decided_at, change.confirmed = by, now, confirmed
    change.save(update_fields=["decided_by", "decided_at", "confirmed"])
    notices.clear(f"officer:{change.officer_id}:{change.kind}:{change.pk}", now)


def _set_roles(log: Log, person: Officer, roles: Collection[str], now: datetime, *, bar: bool) -> None:
    for role, flag in ROLES.items():
        setattr(person, flag, role in roles)
    person.save(update_fields=list(ROLES.values()))
    log.note("roles_changed", officer=person.pk, roles=sorted(roles))
    if bar:
        bar_from_approving(person, now)


def _set_rank(log: Log, person: Officer, rank: str, now: datetime) -> None:
    person.rank = rank
    person.save(update_fields=["rank"])
    log.note("rank_changed", text=rank, officer=person.pk)
    bar_from_approving(person, now)


def _give_code(log: Log, person: Officer, now: datetime) -> str:
    bar_from_approving(person, now)
    return new_code(log, person, now)


def _what(change: AccountChange) -> str:
    return {"roles": "roles", "rank": "rank", "code": "password"}[change.kind]


def _tell(change: AccountChange, words: str, now: datetime) -> None:
    stage = "asked" if change.decided_at is None else "done"
    notices.tell(
        f"officer:{change.officer_id}:{change.kind}:{change.pk}:{stage}", words, now, to=concerned(change.officer_id)
    )

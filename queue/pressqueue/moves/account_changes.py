"""Whoever keeps the accounts decides nothing alone: what gives power over approvals takes a second administrator.

Granting a role that decides, changing the rank of one who holds it, and a fresh code for their password are asked by
one administrator and confirmed by another; then the account may not approve for a day, and everybody concerned is told.
An exercise office has no bar, and one administrator is enough.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from pressqueue import durations, locks, policy, powers, vouching
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import AccountChange, Office, Officer
from pressqueue.moves import notices
from pressqueue.moves.officers import (
    ROLES,
    bar_from_approving,
    check_roles,
    concerned,
    demand_administrator,
    keep_an_administrator,
    let_in_again,
    make_officer,
    new_code,
    void_approvals,
)

# Whoever holds one of these decides about what is published, or about who does.
DECIDING = frozenset({"approver", "investigator", "administrator"})


@clean_texts
def add_officer(
    actor: Actor, *, username: str, roles: Collection[str], name: str = "", email: str = "", rank: str = "",
    now: datetime,
) -> Officer:  # fmt: skip
    """Create an account without a password; a one-time code sets the first one. Raises Forbidden.

    Outside exercise offices whoever makes accounts neither writes nor approves, else one person could act as two. A
    role that decides is only requested here: a second administrator confirms it.
    """
    powers.demand(actor, "add_officer")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        check_roles(roles, exercise=office.exercise)
        asked = set() if office.exercise else set(roles) & DECIDING
        officer = make_officer(log, username, name, email, rank, sorted(set(roles) - asked))
        if asked:
            _ask(log, officer, administrator, now, kind=AccountChange.Kind.ROLES, roles=sorted(roles))
    return officer


@clean_texts
def change_roles(actor: Actor, officer: Officer, roles: Collection[str], *, now: datetime) -> AccountChange | None:
    """Give the account these roles and no others.

    Returns None where it is done; an AccountChange where a second administrator must confirm. Somebody who stops being
    an approver loses the Approvals of appeals not yet revealed.
    """
    powers.demand(actor, "change_roles")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        check_roles(roles, exercise=office.exercise)
        # Every change of a role holds the office. Items are locked before officers.
        gained = (set(roles) - set(roles_of(Officer.objects.get(pk=officer.pk)))) & DECIDING
        to_confirm = bool(gained) and not office.exercise  # until then the Approvals count
        loses = "approver" not in roles and not to_confirm
        again = void_approvals(log, officer, for_cause=False, now=now) if loses else []
        person = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if to_confirm:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.ROLES, roles=sorted(roles))
        if "administrator" not in roles:
            keep_an_administrator(person)
        _set_roles(log, person, roles, now, bar=bool(gained))
        log.note("approvals_fell", officer=person.pk, items=again)
    return None


@clean_texts
def change_rank(actor: Actor, officer: Officer, rank: str, *, now: datetime) -> AccountChange | None:
    """Change the account's rank, which decides who may approve what.

    Returns None where it is done; an AccountChange where a second administrator must confirm.
    """
    powers.demand(actor, "change_rank")
    if rank and policy.current().rank_of(rank) < 0:
        known = ", ".join(policy.current().ranks)
        raise Forbidden(f"“{rank}” is no rank this office knows: {known}.")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        person = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if _decides(person) and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.RANK, rank=rank)
        _set_rank(log, person, rank, now)
    return None


@clean_texts
def issue_code(actor: Actor, officer: Officer, *, now: datetime) -> str | AccountChange:
    """Issue a fresh one-time code, which voids every older one.

    The caller shows it once; only its SHA-256 is kept. For an account that decides, the second administrator sees the
    code, on confirming.
    """
    powers.demand(actor, "issue_code")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        person = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if not person.is_active:
            raise Forbidden(f"The account {person.username} is disabled: enable it first.")
        if _decides(person) and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.CODE)
        return _give_code(log, person, now)


@clean_texts
def enable_officer(actor: Actor, officer: Officer, *, now: datetime) -> AccountChange | None:
    """Let a disabled account sign in again.

    For an account that decides, only once a second administrator has confirmed it.
    """
    powers.demand(actor, "enable_officer")
    with moving(actor, now) as log:
        office = locks.office()
        administrator = demand_administrator(actor)
        person = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if person.is_active:
            raise Forbidden(f"The account {person.username} is not disabled.")
        if _decides(person) and not office.exercise:
            return _ask(log, person, administrator, now, kind=AccountChange.Kind.ENABLE)
        let_in_again(log, person, now)
    return None


@clean_texts
def confirm_change(actor: Actor, change: AccountChange, *, seen: str | None = None, now: datetime) -> str:
    """The second administrator agrees to all that the account will be. Returns its one-time code, or "".

    `seen` is the `request_digest` of the request that a page showed: no other request is confirmed. A role that decides
    begins with a password that nobody knows yet: whoever made the account may have set the old one. Where the account
    changed after the request, the request is void and must be made again.
    """
    powers.demand(actor, "confirm_change")
    if _void_if_changed(actor, change, now):
        raise Forbidden(
            f"The account {change.officer.username} has changed since this was requested. Request it again."
        )
    with moving(actor, now) as log:
        locks.office()
        locked = AccountChange.objects.select_for_update(no_key=True).get(pk=change.pk)
        second = _second(actor, locked)
        if seen is not None and seen != request_digest(locked):
            raise Forbidden("This is not the request you were shown. Read it again as it is now, then decide.")
        people = (locked.officer_id, locked.asked_by_id, second.pk)
        vouching.demand_rows([f"change:{locked.pk}", *(f"officer:{pk}" for pk in people)], "this request")
        roles = set(locked.roles)
        if locked.kind == AccountChange.Kind.ROLES and "approver" not in roles:
            void_approvals(log, locked.officer, for_cause=False, now=now)
        person = Officer.objects.select_for_update(no_key=True).get(pk=locked.officer_id)
        code, enabling = "", locked.kind == AccountChange.Kind.ENABLE
        if not person.is_active and not enabling:
            raise Forbidden(f"The account {person.username} is disabled: enable it first.")
        if whole(person) != locked.before:
            raise Forbidden(f"The account {person.username} has changed since this was requested. Request it again.")
        if enabling:
            let_in_again(log, person, now)
        elif locked.kind == AccountChange.Kind.RANK:
            _set_rank(log, person, locked.rank, now)
        elif locked.kind == AccountChange.Kind.CODE:
            code = _give_code(log, person, now)
        else:
            if "administrator" not in roles:
                keep_an_administrator(person)
            _set_roles(log, person, roles, now, bar=True)
            person.set_unusable_password()
            person.save(update_fields=["password"])
            person.tokens.filter(revoked_at__isnull=True).update(revoked_at=now)
            code = _give_code(log, person, now)
        _decide(locked, second, now, confirmed=True)
        log.note("account_change_confirmed", change=locked.pk, officer=person.pk, kind=locked.kind)
        message = (
            f"The {_what(locked)} of {person.username} was changed: asked by {locked.asked_by.name}, confirmed by "
            f"{second.name}. {consequences(locked)} If that surprises you, tell the office at once."
        )
        _notify(locked, message, now)
    return code


@clean_texts
def drop_change(actor: Actor, change: AccountChange, *, now: datetime) -> None:
    """Refuse the change. Any administrator may do so."""
    powers.demand(actor, "drop_change")
    with moving(actor, now) as log:
        locks.office()
        administrator = demand_administrator(actor)
        locked = AccountChange.objects.select_for_update(no_key=True).get(pk=change.pk)
        if locked.decided_at is not None:
            raise Forbidden("This was decided already.")
        _decide(locked, administrator, now, confirmed=False)
        log.note("account_change_dropped", change=locked.pk, officer=locked.officer_id, kind=locked.kind)


@clean_texts
def roles_of(officer: Officer) -> list[str]:
    """Returns the account's roles, by name."""
    return [role for role, flag in ROLES.items() if getattr(officer, flag)]


@clean_texts
def whole(officer: Officer) -> dict[str, Any]:
    """Returns everything that decides what the account may do: a request to change it is void once this differs."""
    return {"roles": sorted(roles_of(officer)), "rank": officer.rank, "active": officer.is_active}


@clean_texts
def request_digest(change: AccountChange) -> str:
    """Returns a digest of exactly what is requested: SHA-256, 64 hex digits.

    It covers whose account it is, what it is and will be, and who requested it.
    """
    who = [change.pk, change.officer_id, change.asked_by_id, change.asked_at.timestamp()]
    what = [change.kind, change.roles, change.rank, change.before, change.after]
    return hashlib.sha256(json.dumps([who, what], sort_keys=True).encode()).hexdigest()


@clean_texts
def consequences(change: AccountChange) -> str:
    """Returns what else the change does to the person, shown to whoever confirms it and to the person."""
    after = change.after or whole(change.officer)
    roles, said = set(change.roles), []
    if change.kind == AccountChange.Kind.ROLES and roles & DECIDING:
        said.append(
            "The password they have ends at once, and so do their command-line tokens; a one-time code sets a new one."
        )
    elif change.kind == AccountChange.Kind.CODE:
        said.append("A one-time code sets a new password; the old one works until it is used.")
    if "approver" in after["roles"] and not Office.objects.filter(exercise=True).exists():
        bar = durations.text(policy.current().bar)
        said.append(f"For {bar} from the confirmation the account approves nothing.")
    return " ".join(said)


def _void_if_changed(actor: Actor, change: AccountChange, now: datetime) -> bool:
    with moving(actor, now) as log:
        locks.office()
        locked = AccountChange.objects.select_for_update(no_key=True).get(pk=change.pk)
        person = Officer.objects.select_for_update(no_key=True).get(pk=locked.officer_id)
        if locked.decided_at is not None or whole(person) == locked.before:
            return False
        _decide(locked, _second(actor, locked), now, confirmed=False)
        log.note("account_change_dropped", change=locked.pk, officer=locked.officer_id, kind=locked.kind)
    return True


def _decides(officer: Officer) -> bool:
    return bool(set(roles_of(officer)) & DECIDING)


def _ask(
    log: Log, officer: Officer, administrator: Officer, now: datetime, *, kind: str, roles: Iterable[str] = (),
    rank: str = "",
) -> AccountChange:  # fmt: skip
    before = whole(officer)
    changed: dict[str, dict[str, Any]] = {
        "roles": {"roles": sorted(roles)}, "rank": {"rank": rank}, "enable": {"active": True},
    }  # fmt: skip
    after = before | changed.get(kind, {})
    try:
        with transaction.atomic():
            change = AccountChange.objects.create(
                officer=officer, kind=kind, roles=list(roles), rank=rank, asked_by=administrator, asked_at=now,
                before=before, after=after,
            )  # fmt: skip
    except IntegrityError:
        raise Forbidden(
            f"Such a change of {officer.username} waits already: another administrator confirms or drops it first."
        ) from None
    log.note("account_change_asked", change=change.pk, officer=officer.pk, kind=kind, roles=list(roles))
    message = f"{administrator.name} asks to change the {_what(change)} of {officer.username}"
    where = "another administrator confirms it, or drops it, on the page People."
    _notify(change, f"{message}: {where} {consequences(change)}".strip(), now)
    return change


@clean_texts
def second_fault(officer: Officer | None, change: AccountChange) -> str:
    """Returns why this person may not confirm the change; an empty text where they may.

    Neither who asked for it nor whose account it is may. Where there is no other administrator, as when one of two is
    locked out, an approver may confirm a code.
    """
    if change.decided_at is not None:
        return "This was decided already."
    if officer is None or officer.pk in (change.asked_by_id, change.officer_id):
        return "Somebody else must confirm this: neither who asked for it nor whose account it is."
    others = Officer.objects.filter(administrator=True, is_active=True)
    free = others.exclude(pk__in=[change.asked_by_id, change.officer_id]).exists()
    stands_in = (
        not free and change.kind == AccountChange.Kind.CODE and change.officer.administrator and officer.may_approve
    )
    if not officer.administrator and not stands_in:
        return f"{officer.name} is no administrator: only an administrator may change accounts."
    return ""


def _second(actor: Actor, change: AccountChange) -> Officer:
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if fault := second_fault(officer, change):
        raise Forbidden(fault)
    assert officer is not None
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
    return {"roles": "roles", "rank": "rank", "code": "password", "enable": "disabling"}[change.kind]


def _notify(change: AccountChange, message: str, now: datetime) -> None:
    stage = "asked" if change.decided_at is None else "done"
    notices.notify(
        f"officer:{change.officer_id}:{change.kind}:{change.pk}:{stage}", message, now, to=concerned(change.officer_id)
    )

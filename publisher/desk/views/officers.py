"""People: changes of accounts that wait for a second administrator, and one's own account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import powers
from pressqueue.errors import Forbidden
from pressqueue.models import AccountChange, Officer
from pressqueue.moves import account_changes
from pressqueue.moves import officers as officer_moves
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, officer_of
from publisher.desk.refusals import code_of, sentences

_KINDS = {
    AccountChange.Kind.ROLES: "other roles",
    AccountChange.Kind.RANK: "another rank",
    AccountChange.Kind.CODE: "a new one-time code for the password",
    AccountChange.Kind.ENABLE: "to be enabled again",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing an account may do, now or once the change is confirmed."""

    what: str
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One change that waits. `account`: a line each of what it is and will be; `fault`: why this officer may not."""

    change: AccountChange
    what: str
    account: list[tuple[str, str, str]]
    abilities: list[Ability]
    happens: str
    digest: str
    stale: bool  # the account is another since it was asked: confirming only ends the request
    fault: str


@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """The page, for whoever keeps accounts or stands in for them."""
    powers.demand(actor_of(request), "confirm_change")
    return _page(request)


@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Agree to the whole account as the page showed it. Its code is on this answer and nowhere else, ever."""
    change, actor = _change(number), actor_of(request)
    try:
        code = account_changes.confirm_change(actor, change, seen=request.POST.get("digest", ""), now=database_now())
    except powers.NoPower:
        raise
    except Forbidden as refused:
        return _page(request, refusals=sentences(refused), status=code_of(refused))
    if code:
        return _page(request, code=code, owner=change.officer)
    messages.success(request, f"Confirmed. {change.officer.name} and everybody concerned are told.")
    return redirect("officers")


@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is not done."""
    change = _change(number)
    try:
        account_changes.drop_change(actor_of(request), change, now=database_now())
    except powers.NoPower:
        raise
    except Forbidden as refused:
        return _page(request, refusals=sentences(refused), status=code_of(refused))
    messages.success(request, f"Dropped: the account {change.officer.username} stays as it is.")
    return redirect("officers")


@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    """What one's own account is, what is asked to be changed about it, and whether a bar runs."""
    officer = officer_of(request)
    context = {
        "account": _lines(account_changes.whole(officer), {}),
        "asked": [_row(change, officer) for change in _waiting(officer)],
        "sees_people": powers.allows(actor_of(request), "confirm_change"),
    }
    return render(request, "desk/own_account.html", context)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    officer = officer_of(request)
    context = {
        "rows": [_row(change, officer) for change in _waiting()],
        "may_drop": powers.allows(actor_of(request), "drop_change"),
        **more,
    }
    return render(request, "desk/officers.html", context, status=status)


def _row(change: AccountChange, officer: Officer) -> Row:
    whole = account_changes.whole(change.officer)
    before, after = change.before or whole, change.after or whole
    return Row(
        change=change,
        what=_KINDS[_kind(change)],
        account=_lines(before, after),
        abilities=_abilities(before, after),
        happens=account_changes.consequences(change),
        digest=account_changes.request_digest(change),
        stale=whole != change.before,
        fault=account_changes.second_fault(officer, change),
    )


def _lines(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, as it is, as it will be."""
    shown = [[_roles(one.get("roles", ())), one.get("rank") or "None", _active(one)] for one in (before, after)]
    return list(zip(("Roles", "Rank", "Signs in"), *shown, strict=True))


def _roles(roles: Collection[str]) -> str:
    return ", ".join(role for role in officer_moves.ROLES if role in roles).capitalize() or "None"


def _active(account: dict[str, Any]) -> str:
    return "Yes" if account.get("active") else "No: disabled"


def _abilities(before: dict[str, Any], after: dict[str, Any]) -> list[Ability]:
    was, will = (powers.abilities(one["roles"], active=one["active"]) for one in (before, after))
    every = dict.fromkeys(row.what for row in powers.rows())
    return [Ability(what, what in was, what in will) for what in every if what in was or what in will]


def _kind(change: AccountChange) -> AccountChange.Kind:
    return AccountChange.Kind(change.kind)


def _waiting(officer: Officer | None = None) -> list[AccountChange]:
    found = AccountChange.objects.filter(decided_at__isnull=True).select_related("officer", "asked_by")
    return list((found if officer is None else found.filter(officer=officer)).order_by("asked_at", "pk"))


def _change(number: int) -> AccountChange:
    return get_object_or_404(AccountChange.objects.select_related("officer", "asked_by"), pk=number)

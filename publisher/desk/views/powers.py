"""Who may do what: the table that every move asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pressqueue import powers as table
from pressqueue.powers import FLAGS, Power

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Same:
    """Moves that differ in nothing but their names."""

    power: Power
    moves: list[str]


@require_safe
def powers(request: HttpRequest) -> HttpResponse:
    """All of it, or with `?role=` what accounts with one role may do, and those with none."""
    every, wanted = _together(table.rows()), request.GET.get("role", "")
    kinds = [(role, f"{role.capitalize()}s", sum(_is_of(row, role) for row in every)) for role in FLAGS]
    kinds.append((EVERYBODY, "Every account", sum(_is_of(row, EVERYBODY) for row in every)))
    rows = [row for row in every if not wanted or _is_of(row, wanted)]
    return render(request, "desk/powers.html", {"rows": rows, "kinds": kinds, "all": len(every), "role": wanted})


def _together(rows: Iterable[Power]) -> list[Same]:
    found: dict[tuple[object, ...], Same] = {}
    for row in rows:
        key = (row.what, row.roles, bool(row.desk), row.limits, row.second)
        found.setdefault(key, Same(row, [])).moves.append(row.move)
    return list(found.values())


def _is_of(row: Same, role: str) -> bool:
    return not row.power.roles if role == EVERYBODY else role in row.power.roles

"""What the settings say that a rule names, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta

from pressqueue import durations
from pressqueue.gates.base import Settable
from pressqueue.policy import Authority, Policy


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force: where in policy.toml, what it is, and what it says."""

    where: str
    words: str
    says: str


_ORDER = tuple(field.name for field in fields(Policy))


def in_force(settable: Iterable[Settable], force: Policy) -> tuple[Setting, ...]:
    """Returns these settings as this force has them, in the order in which the Policy has them."""
    return tuple(Setting(each.where, each.words, _said(force, each.name)) for each in sorted(settable, key=_place))


def _place(each: Settable) -> int:
    return _ORDER.index(each.name if each.name in _ORDER else "duties")


def spans(force: Policy) -> dict[str, str]:
    """Returns every span of the policy as text, by its name; the duties' by their kind."""
    named = {field.name: getattr(force, field.name) for field in fields(force)}
    found = {name: durations.text(value) for name, value in named.items() if isinstance(value, timedelta)}
    return {**{kind: durations.text(span) for kind, span in force.duties}, **found}


def _said(force: Policy, name: str) -> str:
    if name in (known := spans(force)):
        return known[name]
    if name == "authority":
        return "; ".join(_who(row) for row in force.authority)
    value = getattr(force, name)
    if name == "safety_checklist":
        return durations.counted(len(value), "question")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _who(row: Authority) -> str:
    about = [part.replace("_", " ") for part in (row.age, row.seriousness, row.reach) if part != "any"]
    return f"{', '.join(about) or 'everything else'}: {row.rank}"

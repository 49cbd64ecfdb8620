"""Every rule from R1 to R56 as it stands in code: gates, duties and properties, and what is left to later work.

Names of code are texts: much of what enforces a rule lies in parts this one may not know. A test resolves each of
them. Which test fails without a rule is the tests' own business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pressqueue import gates, policy
from pressqueue.gates import Gate, Step
from pressqueue.gates.base import RuleReference
from pressqueue.rules.duties import DUTIES
from pressqueue.rules.properties import PROPERTIES
from pressqueue.rules.settings import Setting, in_force, spans
from pressqueue.rules.unenforced import UNENFORCED

NUMBERS = tuple(f"R{number}" for number in range(1, 57))
REFERENCES: tuple[RuleReference, ...] = (*DUTIES, *PROPERTIES, *UNENFORCED)

__all__ = ["DUTIES", "NUMBERS", "PROPERTIES", "REFERENCES", "UNENFORCED", "Listed", "Setting", "by_number", "listed"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list; what does not apply to its kind is empty."""

    number: str
    kind: str  # "gate", "duty" or "property"
    meaning: str
    source: str
    where: tuple[str, ...]
    steps: tuple[str, ...] = ()
    fails_live: str = ""  # what follows where a gate fails on something live: "review" or "withdrawal"
    may_be_off: bool = False
    is_off: bool = False  # this force does not ask it
    may_override: bool = False
    deferrable: bool = False
    trigger: str = ""
    deadline: str = ""
    who: str = ""
    waits_for: str = ""
    settings: tuple[Setting, ...] = ()  # of its number, as this force has them


def listed() -> list[Listed]:
    """Returns all rules by number: first gates, then duties and properties, then what nothing enforces yet."""
    rows = [*(_of_gate(gate) for gate in gates.ALL), *(_of_reference(each) for each in REFERENCES)]
    return sorted(rows, key=lambda row: (NUMBERS.index(row.number), bool(row.waits_for), row.kind != "gate"))


def _of_gate(gate: Gate) -> Listed:
    force, kind = policy.current(), type(gate)
    return Listed(
        gate.number, "gate", gate.meaning, gate.source,
        where=(f"{kind.__module__}.{kind.__qualname__}",),
        steps=tuple(str(step) for step in Step if step in gate.steps),
        fails_live=str(gate.live),
        may_be_off=gate.may_be_off,
        is_off=gate.may_be_off and gate.number in force.off,
        may_override=gate.may_override,
        deferrable=gate.deferrable,
        settings=_settings(gate.number, force),
    )  # fmt: skip


def _of_reference(each: RuleReference) -> Listed:
    force = policy.current()
    return Listed(
        each.number, "duty" if each.is_duty else "property", each.meaning, each.source, each.where,
        trigger=each.trigger, deadline=each.deadline.format_map(spans(force)), who=each.who, waits_for=each.waits_for,
        settings=_settings(each.number, force),
    )  # fmt: skip


def _settings(number: str, force: policy.Policy) -> tuple[Setting, ...]:
    """What its gates, duties and properties say that a force may set."""
    rows: tuple[Gate | RuleReference, ...] = (*gates.ALL, *REFERENCES)
    return in_force([setting for row in rows if row.number == number for setting in row.settings], force)


def by_number() -> Iterator[tuple[str, list[Listed]]]:
    """Yields (number, its rows), from R1 on."""
    rows = listed()
    for number in NUMBERS:
        yield number, [row for row in rows if row.number == number]

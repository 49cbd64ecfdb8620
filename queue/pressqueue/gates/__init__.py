"""The rules that must hold at named steps, one small class each, found by number in the modules of this package.

A refusal lists every rule that failed, not the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pressqueue import policy
from pressqueue.errors import GatesClosed
from pressqueue.gates import ahead as _ahead
from pressqueue.gates.ahead import Ahead
from pressqueue.gates.base import Case, Deciding, Gate, Live, Step
from pressqueue.gates.disclosing import asks
from pressqueue.gates.emergency import still_owed
from pressqueue.gates.found import every
from pressqueue.models import Item

ALL: tuple[Gate, ...] = every()
MAY_BE_OFF = tuple(dict.fromkeys(gate.number for gate in ALL if gate.may_be_off))
MAY_OVERRIDE = tuple(dict.fromkeys(gate.number for gate in ALL if gate.may_override))

__all__ = [
    "ALL", "MAY_BE_OFF", "MAY_OVERRIDE", "Ahead", "Case", "Deciding", "Gate", "Live", "Step", "asked", "at_the_hour",
    "demand", "faults",
    "faults_at_disclosure", "on_live", "still_owed", "wanting",
]  # fmt: skip


def asked(step: Step) -> list[Gate]:
    """Returns the gates of one step that this force has not switched off."""
    off = policy.current().off
    return [gate for gate in ALL if step in gate.steps and not (gate.may_be_off and gate.number in off)]


def faults(case: Case) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of every gate that applies to this step and does not hold."""
    put_off = case.emergency is not None
    found = [(gate.number, gate.fault(case)) for gate in asked(case.step) if not (put_off and gate.deferrable)]
    return [(number, sentence) for number, sentence in found if sentence]


def faults_at_disclosure(case: Case, *, revealed: bool) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of every gate that does not hold for a press pack.

    `revealed`: the Item is public, so the gates for live Items are evaluated too.
    """
    off = policy.current().off
    speaking = [gate for gate in ALL if asks(gate, revealed=revealed)]
    found = [(gate.number, gate.fault(case)) for gate in speaking if not (gate.may_be_off and gate.number in off)]
    return [(number, sentence) for number, sentence in found if sentence]


def at_the_hour(item: Item, hour: datetime, now: datetime, attest: Callable[[str], bool]) -> list[Ahead]:
    """Returns what would fail at an approved Item's publishing time, as the facts are now."""
    return _ahead.ahead(item, hour, now, asked(Step.TAKE), attest)


def demand(case: Case) -> None:
    """Raise GatesClosed unless every gate of this step holds."""
    if failures := faults(case):
        raise GatesClosed(failures)


def wanting(case: Case) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of what the Approvals together do not reach yet, whatever the step.

    The Approvals are read anew, whatever this Case has read before: an Approval that was just given counts.
    """
    case = replace(case, rows=None)
    found = [(gate.number, gate.fault(case)) for gate in asked(Step.TAKE) if gate.together]
    put_off = {gate.number for gate in ALL if gate.together and gate.deferrable} if case.emergency else set()
    return [(number, sentence) for number, sentence in found if sentence and number not in put_off]


def on_live(case: Case) -> list[tuple[Gate, str]]:
    """Returns each gate that fails on a live Item, with its sentence.

    `gate.live` says whether a review or a withdrawal follows.
    """
    found = [(gate, gate.fault(case)) for gate in asked(Step.LIVE)]
    return [(gate, sentence) for gate, sentence in found if sentence]

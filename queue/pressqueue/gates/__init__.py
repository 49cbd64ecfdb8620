"""The rules that must hold at named steps, one small class each, by number.

A refusal lists every rule that failed, not the first.
"""

from __future__ import annotations

from pressqueue.errors import GatesClosed
from pressqueue.gates.approval import ApprovalFresh, FourEyes, SameDigest
from pressqueue.gates.base import Case, Gate, Step
from pressqueue.gates.blocked import NotBlocked
from pressqueue.gates.features import FeatureIsNoAppeal
from pressqueue.gates.publishing import AppealTerms, CommentsClosed, NotExpired, WithinWindow
from pressqueue.gates.words import AltText, HasWords, ReferenceShown

ALL: tuple[Gate, ...] = (
    HasWords(),
    FourEyes(),
    SameDigest(),
    ApprovalFresh(),
    WithinWindow(),
    ReferenceShown(),
    AppealTerms(),
    CommentsClosed(),
    NotExpired(),
    AltText(),
    FeatureIsNoAppeal(),
    NotBlocked(),
)

__all__ = ["ALL", "Case", "Gate", "Step", "demand", "faults"]


def faults(case: Case) -> list[tuple[str, str]]:
    """(rule number, sentence) of every gate that applies to this step and does not hold."""
    found = [(gate.number, gate.fault(case)) for gate in ALL if case.step in gate.steps]
    return [(number, sentence) for number, sentence in found if sentence]


def demand(case: Case) -> None:
    """Raise GatesClosed unless every gate of this step holds."""
    if failures := faults(case):
        raise GatesClosed(failures)

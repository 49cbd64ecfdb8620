"""R55: what a threat to life may defer, for how long, and that two people say so."""

from __future__ import annotations

from dataclasses import replace

from pressqueue.gates.approval import valid_approvals
from pressqueue.gates.base import PUBLISHING, Case, Gate, Live, Settable, Step
from pressqueue.gates.found import every


def still_owed(case: Case) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of every answer that was deferred and is still missing."""
    strict = replace(case, step=Step.SUBMIT, deferring=False)
    found = [(gate.number, gate.fault(strict)) for gate in every() if gate.answered_later]
    return [(number, sentence) for number, sentence in found if sentence]


class BothKnew(Gate):
    """R55: one person declares an emergency; an approver who knows what was deferred must decide too."""

    number = "R55"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "proposed default: threat to life, two people, every approver told at once"

    def fault(self, case: Case) -> str:
        """Refuses a decision or publication where no approver declared that they know which answers are deferred."""
        if case.emergency is None:
            return ""
        if case.step is Step.APPROVE:
            if not case.deciding.break_glass or not case.deciding.reason.strip():
                return (
                    "Some answers are deferred because of a threat to life: say that you know it, and why it is right."
                )
            return ""
        if not any(approval.break_glass for approval in valid_approvals(case)):
            return "Nobody who approved it said that they know which answers are deferred."
        return ""


class DeferredAnswered(Gate):
    """R55: the deferred questions are answered within a day, or the copies are taken down."""

    number = "R55"
    steps = frozenset({Step.LIVE})
    live = Live.WITHDRAW
    source = "proposed default: deferred answers are due in 24 hours or the copies are taken down"
    settings = (Settable("[approval] deferred_hours", "deferred", "deferred answers are due within"),)

    def fault(self, case: Case) -> str:
        """Fails once the time for deferred answers has run out and one of them is still missing."""
        declared = case.declared
        if declared is None or declared.ended_at is not None or case.now < declared.due_at:
            return ""
        owed = still_owed(case)
        if not owed:
            return ""
        return "What a threat to life had deferred was not answered in time. " + " ".join(words for _, words in owed)

"""R2, R7, R9 and R11: whose word it takes, and where one approver is not enough.

Each is asked of the Approvals together: a first one is kept, and the Item waits in review for what is still wanting.
"""

from __future__ import annotations

from pressqueue.gates.approval import rank_of, valid_approvals, valid_verification
from pressqueue.gates.base import PUBLISHING, Case, Gate, Settable, Step


class AuthorityReached(Gate):
    """R2: the officer in the case, or an approver, holds the rank that the force requires for such an appeal."""

    number = "R2"
    steps = PUBLISHING
    together = True
    source = "common practice: inspector for adults, superintendent for under-18s; configurable authority matrix"
    settings = (
        Settable("[[authority]]", "authority", "who may decide"),
        Settable("[reach] own", "own_reach", "reaches no further than the force"),
    )

    def fault(self, case: Case) -> str:
        """Refuses an appeal where neither the officer in the case nor any approver holds the rank it needs."""
        if not case.is_appeal:
            return ""
        needed = case.policy.least_rank(
            under_18=case.shows_a_child, seriousness=case.appeal.seriousness, worldwide=case.reaches_worldwide
        )
        verification = valid_verification(case)
        ranks = [approval.rank for approval in valid_approvals(case)] + (
            [rank_of(verification)] if verification else []
        )
        if any(case.policy.reaches(rank, needed) for rank in ranks):
            return ""
        return f"Such an appeal takes the word of {_a(needed)} or above: of the officer in the case, or of an approver."


class ChildAuthorised(Gate):
    """R7: a person who appears under 18 is shown only if a superintendent or above approves it, with a reason."""

    number = "R7"
    place = 1
    steps = PUBLISHING
    together = True
    source = "JR38 [2015] UKSC 42; Northern Ireland Policing Board: images of under-18s"
    settings = (Settable("[approval] under_18_rank", "under_18_rank", "least rank for somebody under 18"),)

    def fault(self, case: Case) -> str:
        """Refuses somebody who may be under 18 unless an approver of the needed rank gave a reason."""
        if not (case.seeks_a_person and case.shows_a_child):
            return ""
        needed = case.policy.under_18_rank
        if any(
            approval.reason.strip() and case.policy.reaches(approval.rank, needed) for approval in valid_approvals(case)
        ):
            return ""
        return (
            f"Somebody shown appears to be under 18, or nobody is sure: {_a(needed)} or above must approve it too, "
            "with a reason for this picture."
        )


class ChildInBatch(Gate):
    """R7: in a batch, a superintendent decides on each person who appears under 18, with a reason for each.

    Anybody else's first word, which counts elsewhere, is refused: in a row of faces it would be given in passing.
    """

    number = "R7"
    place = 1
    steps = frozenset({Step.APPROVE})
    source = "JR38 [2015] UKSC 42; PSNI: of 133 images in a batch 50 showed juveniles"

    def fault(self, case: Case) -> str:
        """In a batch, refuses a decision on somebody who may be under 18 without the needed rank and a reason."""
        if not (case.deciding.batch and case.seeks_a_person and case.shows_a_child):
            return ""
        needed, rank = case.policy.under_18_rank, case.approver.rank if case.approver else ""
        shown = "Somebody shown appears to be under 18, or nobody is sure: "
        if not case.policy.reaches(rank, needed):
            return f"{shown}in a batch only {_a(needed)} or above decides on it, in a sitting of their own. Skip it."
        return "" if case.deciding.reason.strip() else f"{shown}give the reason for this picture."


class AnonymityTwice(Gate):
    """R9: if anybody has a right to anonymity, a second approver decides too."""

    number = "R9"
    place = 1
    steps = PUBLISHING
    together = True
    source = "Sexual Offences (Amendment) Act 1992; Modern Slavery Act 2015; via APP"

    def fault(self, case: Case) -> str:
        """Refuses an appeal with a right to anonymity that fewer than two approvers approved."""
        if case.is_appeal and case.appeal.anonymity and len(valid_approvals(case)) < 2:
            return "Somebody in this case has a right to anonymity: a second approver must approve it too."
        return ""


class VulnerableTwice(Gate):
    """R11: if a person shown is vulnerable, a second approver decides too."""

    number = "R11"
    place = 1
    steps = PUBLISHING
    together = True
    deferrable = True
    source = "proposed default; ECHR Article 8"

    def fault(self, case: Case) -> str:
        """Refuses an appeal that shows a vulnerable person and that fewer than two approvers approved."""
        vulnerable = [person.number for person in case.people if person.vulnerable]
        if case.seeks_a_person and vulnerable and len(valid_approvals(case)) < 2:
            return f"{', '.join(vulnerable)} is vulnerable: a second approver must approve it too."
        return ""


def _a(rank: str) -> str:
    return f"{'an' if rank[:1] in 'aeiou' else 'a'} {rank}"

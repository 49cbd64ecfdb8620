"""R2 to R4: the officer in the case, two people, the same bytes, not too long ago."""

from __future__ import annotations

from datetime import datetime

from pressqueue import durations, local, packages
from pressqueue.gates.base import PUBLISHING, Case, Gate, Settable, Step
from pressqueue.models import Approval, Office, Officer, Verification


def hands(case: Case) -> set[int]:
    """Returns everyone who wrote or edited the Item, handed in its file, or declared its emergency (account ids)."""
    return case.once(_hands)


def _hands(case: Case) -> set[int]:
    rows = case.basis
    edited = {each.officer_id for each in rows.edits}
    declared = {each.declared_by_id for each in rows.emergencies}
    return {case.item.author_id, rows.original.received_by_id, *edited, *declared}


def valid_approvals(case: Case) -> list[Approval]:
    """Returns the Approvals of this Package that are not void, by officers who are not `hands`; newest first."""
    return case.once(_valid_approvals)


def _valid_approvals(case: Case) -> list[Approval]:
    if case.package is None:
        return []
    nobody = {*hands(case), _verified_by(case)}
    office = case.basis.office
    exercise = office is not None and office.exercise
    return [
        approval for approval in case.basis.approvals
        if approval.digest == case.package.digest and approval.void_at is None and approval.approver_id not in nobody
        and approval.approver.may_approve and (exercise or not approval.approver.administrator)
    ]  # fmt: skip


def valid_approval(case: Case) -> Approval | None:
    """Returns the newest valid Approval, or None."""
    return next(iter(valid_approvals(case)), None)


def valid_verification(case: Case) -> Verification | None:
    """Returns the valid Verification of this very Package by the officer in the case, or None.

    It counts by their own account, or on a signed form that an approver confirmed.
    """
    return case.once(_valid_verification)


def _valid_verification(case: Case) -> Verification | None:
    if case.package is None:
        return None
    standing = [
        verification
        for verification in case.basis.verifications
        if verification.digest == case.package.digest and verification.void_at is None
    ]
    return next((each for each in standing if _counts(each, hands(case))), None)


def _counts(verification: Verification, hand: set[int]) -> bool:
    """Whether it is the word of an active officer in the case, or a signed form that another approver confirmed."""
    if verification.form_id is None:
        officer = verification.investigator
        return officer is not None and officer.is_active and officer.investigator and officer.pk not in hand
    confirmer, read = verification.confirmed_by, verification.read_name != "" or verification.earlier_rule
    return read and confirmer is not None and confirmer.may_approve and confirmer.pk not in hand


def rank_of(verification: Verification) -> str:
    """Returns the rank that counts.

    Of an account, the rank that two administrators confirmed; of a form, the rank that its confirmer read. The rank
    that an author wrote counts only where a form was confirmed, and approved on, by the earlier rule.
    """
    if verification.form_id is None or (verification.earlier_rule and not verification.read_name):
        return verification.rank
    return verification.read_rank


def _verified_by(case: Case) -> int | None:
    found = valid_verification(case)
    return found.investigator_id if found else None


def _exercise() -> bool:
    """Without an Office row nothing is relaxed."""
    return Office.objects.filter(exercise=True).exists()


def person_fault(approver: Officer | None, now: datetime) -> str:
    """Returns why this account may approve nothing at all now; an empty text where it may."""
    if approver is None or not approver.is_active or not approver.may_approve:
        return "Only an active account with the approver role may approve."
    if approver.administrator and not _exercise():
        return "An administrator makes accounts and so does not approve."
    if until := bar_of(approver, now):
        return f"An administrator changed your account: it may approve again from {local.at(until)}."
    return ""


def bar_of(approver: Officer, now: datetime) -> datetime | None:
    """Returns until when an approver's account may approve nothing; None where no bar applies."""
    until = approver.barred_until
    return until if approver.may_approve and until is not None and now < until else None


class FourEyes(Gate):
    """R2: the approver is neither the author nor anyone who edited the Item, whatever their role."""

    number = "R2"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "College of Policing APP, Media and communications: images approved and verified"
    settings = (Settable("[approval] bar_hours", "bar", "no approval after a change of account for"),)

    def fault(self, case: Case) -> str:
        """At approval, refuses an approver with a hand in the Item; later, a version that only its authors approved."""
        if case.step is Step.APPROVE:
            return self._person(case, case.approver)
        if valid_approval(case) is None:
            return "Only its own authors have approved this version of the Item. A second person must approve it."
        return ""

    def _person(self, case: Case, approver: Officer | None) -> str:
        fault = person_fault(approver, case.now)
        if approver is None or fault:
            return fault
        if approver.pk in hands(case):
            return "You wrote or changed this Item, so somebody else must approve it."
        if approver.pk == _verified_by(case):
            return "You verified it as the officer in the case, so somebody else must approve it."
        return ""


class Verified(Gate):
    """R2: the officer in the case has verified this picture and text, by account or on a signed form."""

    number = "R2"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "College of Policing APP, Media and communications: approved and verified by the SIO or OIC"

    def fault(self, case: Case) -> str:
        """Refuses an appeal whose Package the officer in the case has not verified."""
        if not case.is_appeal or valid_verification(case) is not None:
            return ""
        record = case.appeal
        if record.investigator is not None:
            return (
                f"{record.investigator.name}, the officer in the case, has not verified this picture and these words."
            )
        return (
            "The officer in the case has not verified it: attach their signed form, which an approver then confirms, "
            "or name their account in the record."
        )


class ConfirmerNotAlone(Gate):
    """R2: whoever confirmed the signed form is not the only approver of the Item."""

    number = "R2"
    steps = PUBLISHING
    together = True
    source = "proposed default; a form is a third person's word only where a third person looked"

    def fault(self, case: Case) -> str:
        """Refuses an appeal that nobody but the confirmer of its signed form has approved."""
        verification = valid_verification(case) if case.is_appeal else None
        if verification is None or verification.form_id is None or not verification.read_name:
            return ""
        if any(approval.approver_id != verification.confirmed_by_id for approval in valid_approvals(case)):
            return ""
        return "Whoever confirmed the signed form may not be the only approver: another approver must approve it too."


class SameDigest(Gate):
    """R3: an Approval binds to the Package; any change voids it."""

    number = "R3"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "proposed default; motivated by approvals that outlived the facts (Austin v MPS)"

    def fault(self, case: Case) -> str:
        """Refuses an Item that no longer matches the Package prepared from it."""
        if case.package is None or not packages.still_describes(case.package, case.item, case.basis):
            return "The Item has changed since it was prepared: it must be prepared and approved again."
        return ""


class ApprovalFresh(Gate):
    """R4: appeals lapse after 72 hours without a first reveal, features after 30 days."""

    number = "R4"
    steps = PUBLISHING
    deferrable = True
    once_revealed = False  # it is about what was never shown: what is up was revealed in time
    source = "proposed default"
    settings = (
        Settable("[approval] appeal_hours", "appeal_life", "an appeal's approval holds for"),
        Settable("[approval] feature_days", "feature_life", "a feature's approval holds for"),
    )

    def fault(self, case: Case) -> str:
        """Refuses an Item whose first valid Approval is older than the policy allows for its kind."""
        given = [approval.at for approval in valid_approvals(case)]  # the first of them, where one was not enough
        life = case.policy.appeal_life if case.is_appeal else case.policy.feature_life
        if given and case.now - min(given) > life:  # none at all: R2 has said so
            return f"The approval is older than {durations.text(life)}: approve it again."
        return ""

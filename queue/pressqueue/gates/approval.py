"""R2 to R4: two people, the same bytes, not too long ago."""

from __future__ import annotations

from django.db.models import Q

from pressqueue import packages
from pressqueue.gates.base import PUBLISHING, Case, Gate, Step
from pressqueue.models import Approval, Edit, Officer


def hands(case: Case) -> set[int]:
    """Everyone who wrote or edited the Item, by whatever door."""
    edited = Edit.objects.filter(item=case.item).values_list("officer_id", flat=True)
    return {case.item.author_id, case.item.original.received_by_id, *edited}


def valid_approval(case: Case) -> Approval | None:
    """The newest Approval of this Package that is not void and was given by eyes that are not hands."""
    if case.package is None:
        return None
    return (
        Approval.objects.filter(package=case.package, digest=case.package.digest, void_at__isnull=True)
        .filter(~Q(approver_id__in=hands(case)), approver__may_approve=True)
        .order_by("-at")
        .first()
    )


class FourEyes(Gate):
    """R2: author is not approver; nor is anyone who edited. No role is a way round."""

    number = "R2"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "College of Policing APP, Media and communications: images approved and verified"

    def fault(self, case: Case) -> str:
        if case.step is Step.APPROVE:
            return self._person(case, case.approver)
        if valid_approval(case) is None:
            return "Nobody but its own authors has approved this Item as it stands: a second person must."
        return ""

    def _person(self, case: Case, approver: Officer | None) -> str:
        if approver is None or not approver.is_active or not approver.may_approve:
            return "Only an active account with the approver role may approve."
        if approver.pk in hands(case):
            return "You wrote or changed this Item, so somebody else must approve it."
        return ""


class SameDigest(Gate):
    """R3: an Approval binds to the Package; any change voids it."""

    number = "R3"
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = "proposed default; motivated by approvals that outlived the facts (Austin v MPS)"

    def fault(self, case: Case) -> str:
        if case.package is None or not packages.still_describes(case.package, case.item):
            return "The Item has changed since it was prepared: it must be prepared and approved again."
        return ""


class ApprovalFresh(Gate):
    """R4: appeals lapse after 72 hours without a first reveal, features after 30 days."""

    number = "R4"
    steps = PUBLISHING
    source = "proposed default"

    def fault(self, case: Case) -> str:
        approval = valid_approval(case)
        if approval is None:
            return ""  # R2 has said so
        life = case.policy.appeal_life if case.is_appeal else case.policy.feature_life
        if case.now - approval.at > life:
            return f"The approval is older than {int(life.total_seconds() // 3600)} hours: approve it again."
        return ""

"""What every decision about a Package shares: the Approval itself, and what an approver lets pass."""

from __future__ import annotations

from pressqueue import gates
from pressqueue.errors import Forbidden
from pressqueue.models import Approval


def grant(case: gates.Case) -> Approval:
    """Create the Approval of the person who decides, once its gates hold.

    Raises Forbidden where they gave it already.
    """
    package, approver, said = case.package, case.approver, case.deciding
    if package is None or approver is None:
        raise ValueError("a decision is one person's about one Package")
    if package.approvals.filter(approver=approver, void_at__isnull=True).exists():
        missing = " ".join(sentence for _, sentence in gates.wanting(case))
        raise Forbidden(f"You have approved {case.item.reference} already. {missing}".strip())
    return Approval.objects.create(
        package=package, digest=package.digest, approver=approver, at=case.now, rank=approver.rank,
        sitting_id=said.sitting, seconds=said.seconds, reason=said.reason.strip(), break_glass=said.break_glass,
        overrides=overrides_of(said), batch=said.batch, others=case.appeal.others_in_frame if case.is_appeal else "",
    )  # fmt: skip


def overrides_of(deciding: gates.Deciding) -> dict[str, str]:
    """Returns the rules an approver lets pass, with their reasons.

    Raises Forbidden for one that nobody may let pass.
    """
    given = {number: reason.strip() for number, reason in deciding.overrides.items() if reason.strip()}
    for number in sorted(given):
        if number not in gates.MAY_OVERRIDE:
            raise Forbidden(f"Nobody may let {number} pass; with a reason these may: {', '.join(gates.MAY_OVERRIDE)}.")
    return given

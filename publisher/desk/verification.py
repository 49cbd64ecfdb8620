"""What an Item's page says of the officer in the case, and what whoever looks at it may do about that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pressqueue import gates
from pressqueue.gates.approval import hands
from pressqueue.models import Item, Officer, Package
from pressqueue.states import ItemState
from publisher.desk.forms.verifying import EmergencyForm, ReadForm, SignedForm

_BEFORE_APPROVAL = (ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW)


def of(item: Item, officer: Officer, now: datetime, amendment: Package | None = None) -> dict[str, Any]:
    """For the page: `verifications` and how each is confirmed, `may_verify`, `signed_form`, `emergency`, `glass`.

    `amendment`: the Package that is to take the place of what is public, where that is what the page is about.
    """
    package = amendment or item.package
    case = gates.Case(gates.Step.APPROVE, item, now, package=package)
    if not case.is_appeal:
        return {"verifications": []}
    record, had_a_hand = case.appeal, officer.pk in hands(case)
    in_review = amendment is not None or (item.state == ItemState.IN_REVIEW and package is not None)
    given = list(
        package.verifications.select_related("form", "confirmed_by", "attached_by").order_by("-pk")
        if package is not None
        else []
    )
    digest = package.digest if package else ""
    life = record.seriousness == record.Seriousness.LIFE
    declarable = life and case.declared is None and item.state in _BEFORE_APPROVAL
    may_confirm = in_review and officer.may_approve and not had_a_hand
    return {
        "verifications": [
            (one, ReadForm(prefix=f"read{one.pk}", initial={"digest": digest, "sha256": one.form_id}))
            if may_confirm and one.form_id and not (one.read_name or one.earlier_rule)
            else (one, None)
            for one in given
        ],
        "digest": digest,
        "may_verify": in_review and officer.investigator and record.investigator_id == officer.pk and not had_a_hand
        and not any(one.investigator_id == officer.pk for one in given),
        "signed_form": SignedForm(prefix="form", initial={"digest": digest})
        if in_review and officer.may_author and record.investigator_id is None
        else None,
        "emergency": case.declared,
        "glass": EmergencyForm(prefix="glass")
        if declarable and (officer.may_author or officer.may_approve)
        else None,
    }  # fmt: skip

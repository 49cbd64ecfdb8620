"""What rows allow, against what the log tells of them: read from the whole log, so it needs no key and no Seal.

Only what allows more than the log told is a finding. A hold that no Entry tells of stops something, and harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pressqueue.hashing import about_of
from pressqueue.models import Approval, ApprovedText, Campaign, Entry, Item, Office, Officer, Subject, Verification

ROLES = {
    "author": "may_author", "approver": "may_approve", "investigator": "investigator", "administrator": "administrator",
}  # fmt: skip
_APPROVED, _VERIFIED = ("approved", "amendment_approved"), ("verified", "form_attached", "form_confirmed")
_HOLDS = {"item_hold": ("item", True), "item_release": ("item", False)}
_HOLDS |= {"campaign_hold": ("campaign", True), "campaign_release": ("campaign", False)}
_ACTS = (
    *_APPROVED, *_VERIFIED, *_HOLDS, "officer_added", "roles_changed", "freeze", "subject_outcome", "text_approved",
)  # fmt: skip
About = dict[str, Any]  # whoever forged an Entry may have left out anything


@dataclass(slots=True)
class LoggedDecisions:
    """What the log says, newest last."""

    approvals: set[tuple[Any, Any, str]] = field(default_factory=set)  # number, digest, who
    verifications: set[tuple[Any, Any]] = field(default_factory=set)
    texts: set[tuple[Any, Any]] = field(default_factory=set)
    held: dict[tuple[str, Any], bool] = field(default_factory=dict)
    roles: dict[Any, set[str]] = field(default_factory=dict)
    outcomes: dict[Any, Any] = field(default_factory=dict)
    frozen: Any = "none"

    def take(self, act: str, actor: str, about: About) -> None:
        """Take in one Entry. Entries come in the order of the log."""
        if act in _APPROVED:
            self.approvals.add((about.get("approval"), about.get("package"), actor))
        elif act in _VERIFIED:
            self.verifications.add((about.get("verification"), about.get("package")))
        elif act in _HOLDS:
            kind, held = _HOLDS[act]
            self.held[kind, about.get(kind)] = held
        elif act == "freeze":
            self.frozen = about.get("now", "")
        elif act == "subject_outcome":
            self.outcomes[about.get("subject")] = about.get("outcome", "")
        elif act == "text_approved":
            self.texts.add((about.get("standing_text"), about.get("digest")))
        else:
            self.roles[about.get("officer")] = set(about.get("roles") or ())


def untold() -> Iterator[str]:
    """Yields a sentence for each row that allows more than the log tells of."""
    logged = LoggedDecisions()
    entries = Entry.objects.filter(act__in=_ACTS).order_by("number").values_list("act", "actor", "about")
    for act, actor, about in entries.iterator(chunk_size=2000):
        logged.take(act, actor, about_of(about))
    yield from _decisions(logged)
    yield from _stops(logged)
    for officer in Officer.objects.filter(pk__in=logged.roles):
        more = sorted(
            role for role, flag in ROLES.items() if getattr(officer, flag) and role not in logged.roles[officer.pk]
        )
        if more:
            yield f"The log does not tell that account {officer.pk} was given the role {more[0]}."


def _decisions(logged: LoggedDecisions) -> Iterator[str]:
    for number, digest, approver in Approval.objects.filter(void_at__isnull=True).values_list(
        "pk", "digest", "approver_id"
    ):
        if (number, digest, f"officer:{approver}") not in logged.approvals:
            yield f"The log does not tell of approval {number}."
    for number, digest in Verification.objects.filter(void_at__isnull=True).values_list("pk", "digest"):
        if (number, digest) not in logged.verifications:
            yield f"The log does not tell of verification {number}."
    approved = ApprovedText.objects.filter(approved_at__isnull=False, ended_at__isnull=True)
    for number, digest in approved.values_list("pk", "digest"):
        if (number, digest) not in logged.texts:
            yield f"The log does not tell that the standing text {number} was approved."


def _stops(logged: LoggedDecisions) -> Iterator[str]:
    free = {("item", pk) for pk in Item.objects.filter(held=False).values_list("pk", flat=True)}
    free |= {("campaign", pk) for pk in Campaign.objects.filter(held=False).values_list("pk", flat=True)}
    for kind, number in [pair for pair, held in logged.held.items() if held and pair in free]:
        yield f"The log tells that {kind} {number} is held, and it is not."
    if logged.frozen != "none" and Office.objects.filter(frozen="none").exists():
        yield f"The log tells that publishing is frozen ({logged.frozen}), and it is not."
    outcomes = dict(Subject.objects.filter(pk__in=logged.outcomes).values_list("pk", "outcome"))
    for number, outcome in logged.outcomes.items():
        if outcomes.get(number, outcome) != outcome:
            yield f"The log tells of another outcome for subject {number}."

"""R5, R17 and R34: on what terms, and within which time, a thing is public."""

from __future__ import annotations

from pressqueue import local
from pressqueue.destination_names import name_of
from pressqueue.gates.base import EVERY_STEP, PUBLISHING, Case, Gate, Live, Settable, Step


class WithinWindow(Gate):
    """R5: an Item with a window is revealed within it or goes back to review, never silently later."""

    number = "R5"
    steps = EVERY_STEP
    of_packs = False  # a pack is given out ahead of the hour, under its embargo
    source = "proposed default; facts change between approval and slot"
    item_fields = ("publish_from",)

    def fault(self, case: Case) -> str:
        """Refuses an Item whose publishing window has passed and, at publication, one whose window has not begun."""
        item = case.item
        if case.amending:
            return ""  # it went out within its time
        if item.publish_until is not None and case.now >= item.publish_until:
            return "The time this was to be published has passed: give it a new one and have it approved again."
        if case.step in PUBLISHING and item.publish_from is not None and case.now < item.publish_from:
            return "It is not yet time to publish this."
        return ""


class AppealTerms(Gate):
    """R17: an appeal's licence is "all rights reserved" and its comments are closed."""

    number = "R17"
    steps = EVERY_STEP
    source = "Creative Commons grants cannot be revoked, which contradicts a takedown"
    item_fields = ("comments",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal with an open licence or with comments."""
        if case.is_appeal and case.item.licence != "0":
            return "An appeal keeps all rights reserved (licence 0): an open licence could never be taken back."
        if case.is_appeal and case.item.comments:
            return "An appeal is published with comments closed."
        return ""


class CommentsClosed(Gate):
    """R17, where comments cannot be closed per item: an officer attests that the channel has comments off."""

    number = "R17"
    steps = PUBLISHING
    of_packs = False  # no platform's comments concern a newsroom
    source = "YouTube Data API v3: no video field closes comments; only the channel's default does"
    settings = (Settable("[channels] attestation_days", "attestation", "an attestation of closed comments lasts"),)

    def fault(self, case: Case) -> str:
        """Refuses an appeal where nobody has lately attested that the destination's comments are off by default."""
        if not (case.is_appeal and case.needs_comment_attestation):
            return ""
        attested = case.account.comments_closed_at if case.account else None
        if attested is None or case.now - attested > case.policy.attestation:
            days, where = case.policy.attestation.days, name_of(case.destination or "")
            return (
                f"Nobody attested within {days} days that comments are off by default on {where}. "
                "Look at the channel's settings, then attest it: "
                f"`publisher connect {case.destination} --comments-off`."
            )
        return ""


class NotExpired(Gate):
    """R34: nothing is published past its expiry date."""

    number = "R34"
    steps = frozenset({*EVERY_STEP, Step.LIVE})
    live = Live.WITHDRAW
    source = "proposed default; Austin v MPS: publication outlived its reason"
    item_fields = ("expires_at",)

    def fault(self, case: Case) -> str:
        """Refuses an Item whose expiry date has passed."""
        if case.item.expires_at is not None and case.now >= case.item.expires_at:
            return "Its expiry date has passed."
        return ""


class ReviewDue(Gate):
    """R34: a live appeal is reviewed at its review date."""

    number = "R34"
    steps = frozenset({Step.LIVE})
    live = Live.REVIEW
    source = "College of Policing APP: regularly review publication and archive"

    def fault(self, case: Case) -> str:
        """Asks for a review once the appeal's review date is reached."""
        due = case.appeal.review_at if case.is_appeal else None
        if due is None or case.now < due:
            return ""
        return f"Its review was due on {local.day(due)}: look at it again, then extend it or take it down."


class ReviewedInTime(Gate):
    """R34: a live appeal is reviewed at its date; if the review is late by more than the grace, it is taken down."""

    number = "R34"
    steps = frozenset({Step.LIVE})
    live = Live.WITHDRAW
    source = "proposed default; College of Policing APP: regularly review publication"
    settings = (Settable("[review] grace_days", "review_grace", "down after a missed review in"),)

    def fault(self, case: Case) -> str:
        """Fails where an appeal's review date passed longer ago than the policy's grace."""
        due = case.appeal.review_at if case.is_appeal else None
        if due is None or case.now - due < case.policy.review_grace:
            return ""
        return f"Its review was due on {local.day(due)} and nobody made it."

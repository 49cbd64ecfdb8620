"""What is decided, and by whom: approvals, changes and words."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference

_APP = "College of Policing APP, Media and communications"
_AUSTIN = "Austin v Commissioner of Police of the Metropolis"

DECIDING: tuple[RuleReference, ...] = (
    RuleReference(
        "R2", "Approval is given at the desk alone, by a signed-in person looking at the picture.",
        f"{_APP}: images approved and verified",
        where=("pressqueue.moves.items.approve",),
    ),
    RuleReference(
        "R3", "Any change after an approval voids it and sends the Item back.",
        f"proposed default; {_AUSTIN}: approvals outlived the facts",
        where=("pressqueue.moves.items.edit", "pressqueue.moves.reopening.reopen_held"),
    ),
    RuleReference(
        "R3", "A published text changes only by an amendment that another person approved as shown; it stays public.",
        f"proposed default; {_AUSTIN}: the wording was the libel",
        where=(
            "pressqueue.moves.amendments.amend", "pressqueue.moves.amendments.approve_amendment",
            "pressqueue.moves.amendment_trial.proposed", "publisher.publishing.amendments.rewrite",
        ),
    ),
    RuleReference(
        "R3", "A hidden copy whose text is amended is not revealed before the new text was read back.",
        f"proposed default; {_AUSTIN}: the wording was the libel",
        where=("pressqueue.publishable.check_publishable", "pressqueue.moves.amendments.amended"),
    ),
    RuleReference(
        "R4", "An Item whose approval lapsed before its first reveal goes back for approval.", "proposed default",
        where=("pressqueue.due.timetable.lapsed_items", "pressqueue.moves.items.reopen"),
    ),
    RuleReference(
        "R5",
        "Every gate is checked again in the transaction that decides a reveal; a failure is notified, not revealed.",
        "proposed default; facts change between approval and slot",
        where=(
            "pressqueue.moves.posts.begin_reveal", "pressqueue.publishable.check_publishable",
            "publisher.publishing.delivery.deliver",
        ),
    ),
    RuleReference(
        "R5",
        "The move of each step checks every gate of that step, and does nothing if one refuses.",
        "proposed default; facts change between approval and slot",
        where=(
            "pressqueue.moves.items.add_item", "pressqueue.moves.items.submit", "pressqueue.moves.items.approve",
            "pressqueue.moves.leases.take", "pressqueue.moves.posts.begin_reveal",
            "pressqueue.moves.press_packs.disclose",
            "pressqueue.moves.live_checks.watch",
        ),
    ),
    RuleReference(
        "R6", "A file counts as shown once the whole of it was delivered to the approver's own session.",
        "proposed default; a wrong frame was published at Hagen",
        where=("publisher.desk.ranges.answer", "pressqueue.moves.viewing.handed_over"),
    ),
    RuleReference(
        "R13", "A campaign's own texts are checked against the lists too.",
        f"{_AUSTIN}: the heading was the libel",
        where=("pressqueue.gates.wording.faults_of_campaign", "pressqueue.moves.campaigns.make_campaign"),
    ),
    RuleReference(
        "R17", "No place is published with a picture, nor a camera's serial number or an embedded older picture.",
        "Flickr and YouTube show what a file tells; embedded pictures leak what was covered",
        where=("publisher.media.metadata.check_clean", "publisher.media.stills.finish"),
    ),
    RuleReference(
        "R17",
        "Subscribers of a channel are notified of nothing.",
        "YouTube Data API v3: notifySubscribers is true unless said",
        where=("publisher.destinations.youtube.client.Wire.upload",),
    ),
    RuleReference(
        "R18", "A file is hashed again before it is rendered, and before it is delivered.",
        "Digital imaging procedure (Home Office, 2002): the master is kept unaltered",
        where=(
            "publisher.media.vault.Vault.open_verified",
            "publisher.publishing.rendering.prepare",
            "publisher.publishing.parcels.pack",
        ),
    ),
    RuleReference(
        "R22", "An Item that proceedings forbid is withdrawn in the transaction that records them.",
        f"Contempt of Court Act 1981, Sch. 1; {_APP}: once apprehended, remove the photo as soon as possible",
        where=("pressqueue.moves.subjects.record_check", "pressqueue.moves.subjects.take_down_if_forbidden"),
    ),
)  # fmt: skip

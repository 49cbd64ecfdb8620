"""What comes down, and stays down."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference, Settable

_APP = "College of Policing APP, Media and communications"
_AUSTIN = "Austin v Commissioner of Police of the Metropolis"

COMING_DOWN: tuple[RuleReference, ...] = (
    RuleReference(
        "R25", "Any officer alone can withdraw an Item, in one action and from every state.",
        f"{_APP}: once apprehended, remove the photo as soon as possible",
        where=("pressqueue.moves.takedown.withdraw", "pressqueue.moves.subjects.outcome"),
    ),
    RuleReference(
        "R26",
        "An officer is notified at 15 minutes, and of the breach at 30; direct addresses are polled until gone.",
        "A test of 2010 saw a deleted Flickr picture live for 10 to 15 minutes at its direct address",
        where=(
            "publisher.takedown.withdrawal.notify_overdue",
            "publisher.takedown.media_urls.ask_all",
            "publisher.takedown.media_urls.notify_overdue",
        ),
    ),
    RuleReference(
        "R27", "A removal is confirmed by two looks; until then it is retried without end and never shown as done.",
        "proposed default; one look of a platform may be blind for a moment",
        where=("publisher.takedown.rounds.run", "pressqueue.moves.posts.gone"),
    ),
    RuleReference(
        "R27", "Withdrawals go before publications, and have a reserve of quota of their own.",
        "proposed default; platforms limit requests by the day and the hour",
        where=(
            "pressqueue.moves.leases.pending_takedown",
            "pressqueue.moves.quota.spend",
            "publisher.scheduling.scheduler.parts_of",
        ),
    ),
    RuleReference(
        "R28", "A copy that was being sent when its Item was withdrawn is removed as soon as it arrives.",
        "proposed default; uploads outlive the process that began them",
        where=("pressqueue.moves.end_publication.end_post", "pressqueue.moves.posts.sent"),
    ),
    RuleReference(
        "R28",
        "Nothing is posted twice: a Post is claimed once, and a lost copy is looked for before another is sent.",
        "measured: platforms keep what was sent although the answer was lost",
        where=(
            "pressqueue.moves.leases.take",
            "publisher.publishing.recovery.look_for",
            "publisher.publishing.recovery.absence_counts",
        ),
    ),
    RuleReference(
        "R29",
        "Everything that shows the person comes down, also what only shares the picture, and is blocked from then.",
        f"{_AUSTIN}: one copy of many stayed up",
        where=("pressqueue.moves.subjects.outcome", "pressqueue.moves.takedown.block"),
    ),
    RuleReference(
        "R30", "An Item that shows an eliminated person is locked: it is neither changed nor published again.",
        f"{_AUSTIN}: pictures stayed up after he had been cleared",
        where=("pressqueue.moves.items.edit", "pressqueue.gates.blocked.NotBlocked"),
    ),
    RuleReference(
        "R31",
        "The recipient of a press pack is recorded before its first byte is sent, so that no recall is missed.",
        f"{_AUSTIN}; DPA 2018, s.62: the identity of the recipient",
        where=("publisher.disclosure.press_packs.give_out", "pressqueue.moves.press_packs.disclose"),
    ),
    RuleReference(
        "R31", "A press pack is recalled when its Item goes back to be changed, or its text was amended.",
        f"{_AUSTIN}; {_APP}: conditions of use",
        where=("pressqueue.moves.reopening.reopen_only", "pressqueue.moves.recalls.recall_recipients"),
    ),
    RuleReference(
        "R32", "A withdrawn Item keeps its number and dates on public lists, but no picture or text.",
        f"{_APP}: remove the photo; a banner would keep the face up",
        where=("publisher.desk.views.live.removed", "publisher.desk.shown.files_of"),
    ),
    RuleReference(
        "R33", "Public totals never tell which number was arrested: they change seldom and in steps.",
        "proposed default; running totals of 2011 and 2025",
        where=("pressqueue.totals.follow", "pressqueue.moves.totals.renew_totals"),
        settings=(
            Settable("[totals] every_days", "totals_every", "totals change at most every"),
            Settable("[totals] step", "totals_step", "in steps of"),
        ),
    ),
    RuleReference(
        "R33", "Standard wording is drafted by one person and approved by another, and names nobody.",
        "proposed default; an album's heading is published like a caption",
        where=(
            "pressqueue.moves.public_texts.approve_text",
            "pressqueue.public_texts.faults",
            "publisher.publishing.delivery.file_one",
        ),
    ),
    RuleReference(
        "R34", "An expired Item is taken down by a schedule of its own, independent of publishing.",
        f"proposed default; {_AUSTIN}: publication outlived its reason",
        where=("publisher.scheduling.timetable.expire", "pressqueue.moves.items.expire"),
    ),
    RuleReference(
        "R35", "Once a night each account is listed in full and compared with the records; differences are notified.",
        "proposed default; changes by hand, and platforms' own removals",
        where=("publisher.reconciliation.nightly.run_round", "publisher.reconciliation.reconcile.reconcile_account"),
    ),
)  # fmt: skip

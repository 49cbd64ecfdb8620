"""The days of the queue: freezes, failures, sittings and numbers."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference

SCHEDULE: tuple[RuleReference, ...] = (
    RuleReference(
        "R45",
        "A series has one slot a day; each day is numbered once without a gap; a late one is skipped and notified.",
        "West Midlands Police, Photo of the Day: a number for each day",
        where=(
            "pressqueue.moves.campaigns.add_slot",
            "pressqueue.moves.campaigns.book",
            "pressqueue.moves.campaigns.skip",
            "pressqueue.hours.is_late",
        ),
    ),
    RuleReference(
        "R46", "Pausing features stops no appeal and no withdrawal.", "force practice: mourning, pre-election periods",
        where=("pressqueue.holds.held_because",),
    ),
    RuleReference(
        "R49", "An Item that meets a program error is set aside and notified; the next goes out.", "proposed default",
        where=("publisher.workers.internal_failures.record_internal_failure",),
    ),
    RuleReference(
        "R50", "Every decision is of one picture, with the seconds since its first byte was shown, counted here.",
        "proposed default; ASVS 5.0: dual authorisation",
        where=("pressqueue.gates.shown.seconds_shown", "pressqueue.moves.items.approve"),
    ),
    RuleReference(
        "R50", "A batch is approved in one session, with a decision and its seconds for each picture.",
        "proposed default; riot galleries of 2011: 213 pictures at once",
        where=(
            "publisher.desk.views.sitting.approve", "publisher.desk.decision.said", "pressqueue.sittings.decisions",
        ),
    ),
    RuleReference(
        "R51", "Numbers are given in order, people and Items share one sequence, and none is given twice.",
        "Metropolitan Police, Operation Withern: a reference number beside each image",
        where=("pressqueue.moves.items.add_item", "pressqueue.moves.subjects.make_subject"),
    ),
)  # fmt: skip

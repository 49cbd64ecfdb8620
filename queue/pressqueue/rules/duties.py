"""The duties: what somebody must do by a time, after something happened."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference, Settable

_AUSTIN = "Austin v Commissioner of Police of the Metropolis: pictures stayed up after he had been cleared"

DUTIES: tuple[RuleReference, ...] = (
    RuleReference(
        "R24",
        "A named person's proceedings are looked up again while they are shown.",
        "Contempt of Court Act 1981, s.3: all reasonable care",
        where=("pressqueue.gates.proceedings.CheckedWhileLive", "pressqueue.moves.live_checks.watch"),
        trigger="a named person's picture is public",
        deadline="every {named_recheck}; from then on it is told",
        who="any officer",
    ),
    RuleReference(
        "R25",
        "When a person was named but is not confirmed yet, an officer decides whether the appeal stays public.",
        "Police practice after misidentifications: several people naming the wrong man prove nothing",
        where=("pressqueue.moves.subjects.outcome",),
        trigger="the outcome “named, not confirmed”",
        deadline="told at once, until an outcome is recorded",
        who="any officer",
    ),
    RuleReference(
        "R30",
        "A correction and an apology are published wherever an eliminated person was shown.",
        _AUSTIN,
        where=("pressqueue.moves.duties.eliminated", "pressqueue.moves.duties.notify_overdue_duties"),
        trigger="the person is eliminated",
        deadline="within {correction}",
        who="press officer",
        settings=(Settable("[duties] correction", "correction", "correction within"),),
    ),
    RuleReference(
        "R30",
        "Whoever was eliminated is written to: what was published, where, and that it was removed.",
        _AUSTIN,
        where=("pressqueue.moves.duties.eliminated", "pressqueue.moves.duties.notify_overdue_duties"),
        trigger="the person is eliminated",
        deadline="within {letter}",
        who="officer in the case",
        settings=(Settable("[duties] letter", "letter", "letter within"),),
    ),
    RuleReference(
        "R30",
        "Every recipient of a press pack is recalled, and the recall is not done before each has acknowledged it.",
        f"{_AUSTIN}; a newspaper ran one a week after",
        where=("pressqueue.moves.duties.eliminated", "pressqueue.moves.duties.duty_done"),
        trigger="the person is eliminated",
        deadline="within {recall}",
        who="press officer",
        settings=(Settable("[duties] recall", "recall", "recall within"),),
    ),
    RuleReference(
        "R31",
        "A recipient of a press pack who does not acknowledge a recall is telephoned.",
        f"{_AUSTIN}; College of Policing APP: the media are told as well",
        where=("pressqueue.moves.recalls.recall_recipients", "pressqueue.moves.recalls.notify_unacknowledged"),
        trigger="something comes down of which a press pack was given out",
        deadline="within {recall}",
        who="press officer",
        settings=(Settable("[duties] recall", "recall", "acknowledged within"),),
    ),
    RuleReference(
        "R34",
        "A live appeal is reviewed at its review date, and is taken down if nobody reviews it.",
        "College of Policing APP, Media and communications: regularly review publication and archive",
        where=(
            "pressqueue.gates.publishing.ReviewDue", "pressqueue.gates.publishing.ReviewedInTime",
            "pressqueue.moves.live_checks.watch", "publisher.scheduling.timetable.watch",
        ),
        trigger="the review date of a live appeal",
        deadline="told at its date, down after {review_grace}",
        who="press officer and officer in the case",
    ),
    RuleReference(
        "R34",
        "An extension of a live appeal is requested by one person and approved by another.",
        "proposed default; College of Policing APP: regularly review publication and archive",
        where=("pressqueue.moves.amendments.draft_review", "pressqueue.moves.amendments.approve_amendment"),
        trigger="the review date of a live appeal",
        deadline="told at its date, down after {review_grace}",
        who="press officer and approver",
    ),
    RuleReference(
        "R37",
        "An officer who views the image of a person sought gives a reason, once a session.",
        "Data Protection Act 2018, s.62: the justification of every consultation",
        where=(
            "pressqueue.moves.viewing.begin_sitting", "pressqueue.sittings.is_over",
            "publisher.desk.access.sitting_of",
        ),
        trigger="somebody is about to look at such a picture",
        deadline="before the first byte; again after {sitting_idle} without a look, or {sitting_longest}",
        who="whoever looks",
        settings=(
            Settable("[audit] sitting_minutes", "sitting_idle", "a sitting ends without a look for"),
            Settable("[audit] sitting_hours", "sitting_longest", "and at the latest after"),
        ),
    ),
    RuleReference(
        "R40",
        "When its retention review is due, an officer purges the Item or keeps it until a later day.",
        "Police Information and Records Management Code of Practice; CPIA 1996",
        where=("pressqueue.moves.retention.purgeable", "pressqueue.moves.retention.review_retention"),
        trigger="the day of the retention review of what came down",
        deadline="from then on it is listed until somebody decides",
        who="two people: one asks, an approver confirms",
    ),
    RuleReference(
        "R55",
        "The questions that a threat to life deferred are answered, or the copies are taken down.",
        "proposed default: deferred answers are due in a day or the copies are taken down",
        where=(
            "pressqueue.moves.emergencies.answer_deferred", "pressqueue.gates.emergency.DeferredAnswered",
            "pressqueue.moves.subjects.take_down_if_forbidden",
        ),
        trigger="somebody declares a threat to life",
        deadline="within {deferred}",
        who="press officer",
    ),
)  # fmt: skip

"""What is left to later work: parts of rules that nothing enforces yet, each with what it waits for."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference, Settable

_AUSTIN = "Austin v Commissioner of Police of the Metropolis"
_WESTBROOK = "Westbrook Police Department, 2025: marking a picture altered the evidence"
_NCSC = "NCSC, protecting what you publish"

UNENFORCED: tuple[RuleReference, ...] = (
    RuleReference(
        "R3",
        "Moving an Item within its window, or in the queue, leaves its approval standing.",
        "proposed default",
        waits_for="the planning of series: until then any change voids it",
    ),
    RuleReference(
        "R12", "A detector suggests faces, and none goes out without a person's decision; no face template is made.",
        "North Yorkshire Police: no other person may be identifiable in the image",
        waits_for="the media work: until then author and approver declare it for each picture",
    ),
    RuleReference(
        "R13",
        "Words within a picture, and within the still of a video, are held against the lists as well.",
        f"{_AUSTIN}: the heading was the libel",
        waits_for="the media work: until then who approves it reads them",
    ),
    RuleReference(
        "R41", "The watermark never covers an area that an officer has marked to be kept clear.", _WESTBROOK,
        waits_for="the media work: until then an appeal's mark lies below the picture unless its author says otherwise",
    ),
    RuleReference(
        "R47", "The author is warned of two features of one topic; officers are notified of a queue that runs short.",
        "force practice", waits_for="the planning of series",
        settings=(
            Settable("[series] facet_spacing", "facet_spacing", "features between two of one topic"),
            Settable("[series] backlog_days", "backlog_days", "told when fewer days are queued than"),
        ),
    ),
    RuleReference(
        "R52", "Every officer signs in with a second factor.", f"{_NCSC}: two-step verification",
        waits_for="the second factor at the desk",
    ),
)  # fmt: skip

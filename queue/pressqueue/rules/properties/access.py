"""Who comes in, and what is done in an emergency."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference

_NCSC = "NCSC, protecting what you publish"

ACCESS: tuple[RuleReference, ...] = (
    RuleReference(
        "R52", "Guessing a password or a code is slowed down, by account and by address.", f"{_NCSC}; ASVS 5.0",
        where=("publisher.desk.throttle.begin", "publisher.desk.throttle.Measure"),
    ),
    RuleReference(
        "R53",
        "Platform tokens are sealed with the office's key, hold one scope only, and are replaced by a newer consent.",
        f"{_NCSC}: tokens held by the tool, never shared passwords",
        where=("publisher.workers.token_store.TokenStore", "publisher.destinations.youtube.consent.grant"),
    ),
    RuleReference(
        "R54",
        "A leaver's approvals no longer count for appeals not yet revealed, nor, for cause, for features.",
        f"{_NCSC}: revoke leavers",
        where=("pressqueue.moves.officers.disable_officer", "pressqueue.moves.officers.void_approvals"),
    ),
    RuleReference(
        "R55", "Every approver is notified of an emergency at once; it defers only questions that may be deferred.",
        "proposed default: threat to life, two people",
        where=("pressqueue.moves.emergencies.break_glass", "pressqueue.gates.faults"),
    ),
    RuleReference(
        "R56", "Everything of an operation comes down in one confirmed action, whatever state it is in.",
        "proposed default; NCSC: emergency recovery plan",
        where=("pressqueue.moves.takedown.withdraw_operation", "publisher.desk.views.holding.take_down_campaign"),
    ),
)  # fmt: skip

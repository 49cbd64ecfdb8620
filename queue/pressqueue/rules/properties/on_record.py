"""What is on the record, and what the picture shows of it."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference

_WESTBROOK = "Westbrook Police Department, 2025: marking a picture altered the evidence"

ON_RECORD: tuple[RuleReference, ...] = (
    RuleReference(
        "R36",
        "The exact files and texts that were public are kept after removal, and exported as one signed archive.",
        "PACE Code D: a copy of the material released is kept; CPIA 1996",
        where=("publisher.evidence.packing.pack", "publisher.evidence.gathering.facts"),
    ),
    RuleReference(
        "R37", "Each view of the image of a person sought is logged before its first byte is read.",
        "Data Protection Act 2018, s.62",
        where=("publisher.desk.views.files.original", "pressqueue.moves.viewing.record_view"),
    ),
    RuleReference(
        "R38", "The log is append-only, each entry holds the hash of the one before, and tampering is found.",
        "proposed default; government checklist: user, date, time and action for non-repudiation",
        where=(
            "pressqueue.audit.verify",
            "pressqueue.audit_triggers.create_triggers",
            "pressqueue.audit_triggers.require_triggers",
            "publisher.verifier.read_export",
        ),
    ),
    RuleReference(
        "R39", "The log records each answer of a platform with the platform's own time beside ours.",
        "proposed default; PACE Code D: from when until when it was to be seen is evidence",
        where=(
            "publisher.destinations.platform_clock.capture_date_header", "pressqueue.moves.posts.seen",
            "pressqueue.moves.posts.gone", "publisher.evidence.gathering.read_backs",
        ),
    ),
    RuleReference(
        "R39", "Every entry has our clock's time, and a change of the clock is itself an entry.",
        "proposed default; times of publication are evidence",
        where=(
            "pressqueue.audit.moving",
            "pressqueue.moves.clocks.clock_jumped",
            "publisher.setup.account_checks.look_at",
        ),
    ),
    RuleReference(
        "R40", "Nothing is purged while it is public, has tasks due, is held or kept; two people decide; a stub stays.",
        "Police Information and Records Management Code of Practice; CPIA 1996",
        where=(
            "pressqueue.moves.retention.why_kept", "pressqueue.moves.retention.confirm_purge",
            "pressqueue.moves.erasure.erase",
        ),
    ),
    RuleReference(
        "R41", "Every pixel outside the mark and the redactions is the exhibit's own, or nothing is published.",
        _WESTBROOK,
        where=("publisher.media.stills.prove", "publisher.media.stills.finish"),
    ),
    RuleReference(
        "R41", "The text of the watermark is legible: brand colours below the least contrast are refused.",
        "WCAG 2.2: contrast",
        where=("publisher.media.brand.Brand.check", "publisher.media.brand.contrast"),
    ),
    RuleReference(
        "R42", "The same exhibit, recipe and version give the same bytes.",
        "proposed default; a rendition can be made again and compared",
        where=("publisher.media.recipe.Recipe", "publisher.media.stills.render_still"),
    ),
)  # fmt: skip

"""Who comes in, and what is done in an emergency."""

from __future__ import annotations

from pressqueue.gates.base import Asked

_P = "tests/pressqueue/"
_NCSC = "NCSC, protecting what you publish"

ACCESS: tuple[Asked, ...] = (
    Asked(
        "R52", "Guessing a password or a code is slowed down, by account and by address.", f"{_NCSC}; ASVS 5.0",
        where=("publisher.desk.throttle.begin", "publisher.desk.throttle.Measure"),
        tests=("tests/desk/test_signing_in.py::test_after_five_wrong_tries_even_the_right_password_has_to_wait",),
    ),
    Asked(
        "R53",
        "Platform tokens are sealed with the office's key, hold one scope only, and are replaced by a newer consent.",
        f"{_NCSC}: tokens held by the tool, never shared passwords",
        where=("publisher.workers.token_store.TokenStore", "publisher.destinations.youtube.consent.grant"),
        tests=(
            "tests/office/test_tokens.py::test_nothing_of_a_token_lies_in_the_bytes_of_the_database",
            "tests/office/test_tokens.py::test_a_newer_consent_replaces_the_older",
            "tests/destinations/youtube/test_youtube_consent.py::test_the_page_is_asked_for_everything_a_lasting_consent_needs",
        ),
    ),
    Asked(
        "R54",
        "Approvals of a leaver count no more for appeals not yet revealed, nor for features where it was for cause.",
        f"{_NCSC}: revoke leavers",
        where=("pressqueue.moves.officers.disable_officer", "pressqueue.moves.officers.void_approvals"),
        tests=(
            f"{_P}test_people.py::test_a_leaver_s_approval_of_an_appeal_not_yet_revealed_is_void",
            f"{_P}test_people.py::test_for_cause_a_feature_must_be_approved_again_too",
        ),
    ),
    Asked(
        "R55", "Every approver is told of a declared emergency at once, and it puts off nothing but what it may.",
        "proposed default: threat to life, two people",
        where=("pressqueue.moves.emergencies.break_glass", "pressqueue.gates.faults"),
        tests=(
            f"{_P}test_emergencies.py::test_two_people_publish_it_before_the_answers_and_everybody_who_approves_is_told",
            f"{_P}test_emergencies.py::test_it_defers_nothing_else",
        ),
    ),
    Asked(
        "R56", "Everything of an operation comes down in one confirmed action, whatever state it is in.",
        "proposed default; NCSC: emergency recovery plan",
        where=("pressqueue.moves.takedown.withdraw_operation", "publisher.desk.views.holding.take_down_campaign"),
        tests=(f"{_P}test_subjects.py::test_a_kill_switch_reaches_every_state_of_one_operation_and_no_other",),
    ),
)  # fmt: skip

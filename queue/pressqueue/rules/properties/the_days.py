"""The days of the queue: freezes, failures, sittings and numbers."""

from __future__ import annotations

from pressqueue.gates.base import Asked

_P = "tests/pressqueue/"

THE_DAYS: tuple[Asked, ...] = (
    Asked(
        "R45",
        "A series has one hour a day, each day is numbered once and without a gap; what is late is skipped and told.",
        "West Midlands Police, Photo of the Day: a number for each day",
        where=(
            "pressqueue.moves.campaigns.add_slot",
            "publisher.scheduling.timetable.keep",
            "pressqueue.hours.is_late",
        ),
        tests=(
            f"{_P}test_campaigns.py::test_a_series_has_one_hour_a_day",
            "tests/test_timetable.py::test_days_are_numbered_without_gap_or_repeat_when_taken",
            "tests/test_timetable.py::test_past_its_lateness_a_slot_is_skipped_keeps_no_number_and_says_so",
        ),
    ),
    Asked(
        "R46", "Frozen features stop no appeal and no withdrawal.", "force practice: mourning, pre-election periods",
        where=("pressqueue.holds.held_because",),
        tests=(
            f"{_P}test_posts.py::test_freezing_features_holds_no_appeal_back",
            "tests/test_freeze.py::test_frozen_features_stop_no_appeal_and_no_withdrawal",
        ),
    ),
    Asked(
        "R49", "What our own code fails in is set aside and told; the next one goes out.", "proposed default",
        where=("publisher.workers.internal_failures.set_aside",),
        tests=("tests/test_poisoned.py::test_a_post_our_code_fails_in_is_parked_with_its_reason_and_the_next_goes_out",),
    ),
    Asked(
        "R50", "Every decision is of one picture, with the seconds since its first byte was shown, counted here.",
        "proposed default; ASVS 5.0: dual authorisation",
        where=("pressqueue.gates.shown.seconds_shown", "pressqueue.moves.items.approve"),
        tests=(f"{_P}gates/test_shown.py::test_the_seconds_are_counted_here_and_never_taken_from_what_is_claimed",),
    ),
    Asked(
        "R50", "A batch is approved in one sitting with a decision and its seconds for each picture.",
        "proposed default; riot galleries of 2011: 213 pictures at once",
        where=(
            "publisher.desk.views.sitting.approve", "publisher.desk.decision.said", "pressqueue.sittings.decisions",
        ),
        tests=(
            "tests/desk/test_in_a_row.py::test_a_decision_is_its_own_and_leads_straight_to_the_next",
            "tests/desk/test_in_a_row.py::test_both_ticks_are_asked_for_every_single_picture",
        ),
    ),
    Asked(
        "R51", "Numbers are given in order, people and Items share one sequence, and none is given twice.",
        "Metropolitan Police, Operation Withern: a reference number beside each image",
        where=("pressqueue.moves.items.add_item", "pressqueue.moves.subjects.make_subject"),
        tests=(
            f"{_P}test_subjects.py::test_people_and_items_share_one_sequence_so_that_a_number_means_one_thing",
            f"{_P}test_items.py::test_references_are_numbered_in_order_and_a_refused_item_leaves_no_gap",
        ),
    ),
)  # fmt: skip

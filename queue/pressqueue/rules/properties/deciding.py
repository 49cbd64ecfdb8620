"""What is decided, and by whom: approvals, changes and words."""

from __future__ import annotations

from pressqueue.gates.base import Asked

_P = "tests/pressqueue/"
_W = "tests/walk/"
_APP = "College of Policing APP, Media and communications"
_AUSTIN = "Austin v Commissioner of Police of the Metropolis"

DECIDING: tuple[Asked, ...] = (
    Asked(
        "R2", "Approval is given at the desk alone, by a signed-in person looking at the picture.",
        f"{_APP}: images approved and verified",
        where=("pressqueue.moves.items.approve",),
        tests=(f"{_P}test_items.py::test_approval_is_given_at_the_desk_only",),
    ),
    Asked(
        "R3", "Any change after an approval voids it and sends the Item back.",
        f"proposed default; {_AUSTIN}: approvals outlived the facts",
        where=("pressqueue.moves.items.edit", "pressqueue.moves.reopening.reopen_held"),
        tests=(f"{_P}test_items.py::test_any_edit_after_approval_sends_the_item_back",),
    ),
    Asked(
        "R3", "What is public changes only by an amendment that somebody else approved as it was shown; it stays up.",
        f"proposed default; {_AUSTIN}: the wording was the libel",
        where=(
            "pressqueue.moves.amendments.amend", "pressqueue.moves.amendments.approve_amendment",
            "pressqueue.moves.amendment_trial.proposed", "publisher.publishing.amendments.rewrite",
        ),
        tests=(
            f"{_P}test_amending.py::test_a_draft_changes_nothing_that_is_public",
            f"{_P}test_amending.py::test_whoever_drafted_it_does_not_approve_it",
            f"{_P}test_amending.py::test_words_that_are_taken_back_are_approved_anew",
        ),
    ),
    Asked(
        "R3", "What is hidden when its words are amended is not revealed before the new ones were read back.",
        f"proposed default; {_AUSTIN}: the wording was the libel",
        where=("pressqueue.publishable.check_publishable", "pressqueue.moves.amendments.amended"),
        tests=(f"{_P}test_amending.py::test_what_is_hidden_is_not_revealed_with_the_old_words",),
    ),
    Asked(
        "R4", "What lapsed before its first reveal goes back to be approved again.", "proposed default",
        where=("publisher.scheduling.timetable.keep",),
        tests=("tests/test_timetable.py::test_an_approval_lapses_and_the_item_is_reviewed_again",),
    ),
    Asked(
        "R5",
        "Every gate is asked again in the transaction that decides a reveal; what fails is told and not revealed.",
        "proposed default; facts change between approval and slot",
        where=(
            "pressqueue.moves.posts.begin_reveal", "pressqueue.publishable.check_publishable",
            "publisher.publishing.delivery.deliver",
        ),
        tests=(
            f"{_P}test_posts.py::test_nothing_is_revealed_past_its_window",
            f"{_W}test_rule_at_the_hour.py::test_before_it_is_sent_nothing_leaves_and_a_person_is_told",
            f"{_W}test_rule_at_the_hour.py::"
            "test_after_it_was_sent_it_stays_out_of_sight_until_the_rule_holds_again",
        ),
    ),
    Asked(
        "R5",
        "The move of each step asks every gate of that step, and does nothing where one refuses.",
        "proposed default; facts change between approval and slot",
        where=(
            "pressqueue.moves.items.add_item", "pressqueue.moves.items.submit", "pressqueue.moves.items.approve",
            "pressqueue.moves.leases.take", "pressqueue.moves.posts.begin_reveal",
            "pressqueue.moves.press_packs.disclose",
            "pressqueue.moves.live_checks.watch",
        ),
        tests=(
            f"{_P}gates/test_asked.py::"
            "test_the_move_of_each_step_asks_every_rule_of_it_and_does_nothing_when_refused",
            f"{_P}gates/test_asked.py::test_what_is_live_is_asked_and_comes_down_or_is_looked_at",
        ),
    ),
    Asked(
        "R6", "Shown means handed over to the last byte, to the approver's own session.",
        "proposed default; a wrong frame was published at Hagen",
        where=("publisher.desk.ranges.answer", "pressqueue.moves.viewing.handed_over"),
        tests=("tests/desk/test_viewings.py::test_who_hangs_up_midway_was_shown_what_had_left_and_no_more",),
    ),
    Asked(
        "R13", "A campaign's own words are held against the lists as well.",
        f"{_AUSTIN}: the heading was the libel",
        where=("pressqueue.gates.wording.faults_of_campaign", "pressqueue.moves.campaigns.make_campaign"),
        tests=(f"{_P}test_wording_gates.py::test_a_campaign_that_accuses_is_not_made",),
    ),
    Asked(
        "R17", "No place is published with a picture, nor a camera's serial number or an embedded older picture.",
        "Flickr and YouTube show what a file tells; embedded pictures leak what was covered",
        where=("publisher.media.metadata.check_clean", "publisher.media.stills.finish"),
        tests=("tests/media/test_stills.py::test_the_last_gate_refuses_a_picture_that_still_tells",),
    ),
    Asked(
        "R17",
        "Subscribers of a channel are notified of nothing.",
        "YouTube Data API v3: notifySubscribers is true unless said",
        where=("publisher.destinations.youtube.client.Wire.upload",),
        tests=("tests/destinations/youtube/test_youtube_upload.py::test_subscribers_are_not_notified",),
    ),
    Asked(
        "R18", "A file is hashed again before anything is made of it, and before anything is handed over.",
        "Digital imaging procedure (Home Office, 2002): the master is kept unaltered",
        where=(
            "publisher.media.vault.Vault.open_verified",
            "publisher.publishing.rendering.prepare",
            "publisher.publishing.parcels.pack",
        ),
        tests=(
            "tests/media/test_vault.py::test_a_changed_byte_is_found_before_the_file_is_used",
            f"{_W}test_damaged.py::test_a_damaged_exhibit_is_prepared_by_nobody_and_told",
            "tests/test_parcels.py::test_bytes_that_changed_in_the_store_are_not_handed_over",
        ),
    ),
    Asked(
        "R22", "What proceedings forbid comes down in the transaction that records them.",
        f"Contempt of Court Act 1981, Sch. 1; {_APP}: once apprehended, remove the photo as soon as possible",
        where=("pressqueue.moves.subjects.record_check", "pressqueue.moves.subjects.take_down_if_forbidden"),
        tests=("tests/pressqueue/rules/test_duties_to_their_end.py::test_an_arrest_takes_down_what_is_public_at_once",),
    ),
)  # fmt: skip

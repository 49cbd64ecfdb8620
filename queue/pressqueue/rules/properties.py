"""The properties: what is so whatever anybody does, and the tests that have tried."""

from __future__ import annotations

from pressqueue.gates.base import Asked

_P, _W = "tests/pressqueue/", "tests/walk/"
_APP = "College of Policing APP, Media and communications"
_AUSTIN = "Austin v Commissioner of Police of the Metropolis"
_WESTBROOK = "Westbrook Police Department, 2025: marking a picture altered the evidence"
_NCSC = "NCSC, protecting what you publish"

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
            "pressqueue.moves.amending.amend", "pressqueue.moves.amending.approve_amendment",
            "pressqueue.amending.proposed", "publisher.rewording.rewrite",
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
        where=("pressqueue.moves.posts.check_publishable", "pressqueue.moves.amending.amended"),
        tests=(f"{_P}test_amending.py::test_what_is_hidden_is_not_revealed_with_the_old_words",),
    ),
    Asked(
        "R4", "What lapsed before its first reveal goes back to be approved again.", "proposed default",
        where=("publisher.timetable.keep",),
        tests=("tests/test_timetable.py::test_an_approval_lapses_and_the_item_is_reviewed_again",),
    ),
    Asked(
        "R5",
        "Every gate is asked again in the transaction that decides a reveal; what fails is told and not revealed.",
        "proposed default; facts change between approval and slot",
        where=(
            "pressqueue.moves.posts.begin_reveal", "pressqueue.moves.posts.check_publishable",
            "publisher.delivery.deliver",
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
            "pressqueue.leases.take", "pressqueue.moves.posts.begin_reveal", "pressqueue.moves.disclosing.disclose",
            "pressqueue.moves.watching.watch",
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
        where=("publisher.desk.ranges.answer", "pressqueue.moves.looking.handed_over"),
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
        where=("publisher.destinations.youtube.Wire.upload",),
        tests=("tests/destinations/youtube/test_youtube_upload.py::test_subscribers_are_not_notified",),
    ),
    Asked(
        "R18", "A file is hashed again before anything is made of it, and before anything is handed over.",
        "Digital imaging procedure (Home Office, 2002): the master is kept unaltered",
        where=("publisher.media.vault.Vault.open_verified", "publisher.rendering.prepare", "publisher.parcels.pack"),
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

COMING_DOWN: tuple[Asked, ...] = (
    Asked(
        "R25", "Any officer alone takes a thing down, in one action and from every state; nobody else is asked.",
        f"{_APP}: once apprehended, remove the photo as soon as possible",
        where=("pressqueue.moves.takedown.withdraw", "pressqueue.moves.subjects.outcome"),
        tests=(
            f"{_P}test_subjects.py::test_an_ending_withdraws_everything_that_shows_the_person",
            f"{_P}test_posts.py::test_a_withdrawal_reaches_every_state",
        ),
    ),
    Asked(
        "R26",
        "A person is told at fifteen minutes, and of the breach at thirty; direct addresses are asked until gone.",
        "A test of 2010 saw a deleted Flickr picture live for 10 to 15 minutes at its direct address",
        where=("publisher.withdrawal.tell_overdue", "publisher.lingering.ask_all", "publisher.lingering.tell_overdue"),
        tests=(
            f"{_W}test_withdrawal.py::test_a_person_is_told_at_fifteen_minutes_and_of_the_breach_at_thirty",
            f"{_W}test_withdrawal.py::test_every_direct_address_is_asked_until_it_is_gone",
        ),
    ),
    Asked(
        "R27", "Down is what was read back as gone, twice; until then it is tried for ever and never shown as done.",
        "proposed default; one look of a platform may be blind for a moment",
        where=("publisher.withdrawal.take_away", "pressqueue.moves.posts.gone"),
        tests=(
            f"{_W}test_attacked.py::test_one_blind_look_is_not_gone",
            "tests/test_poisoned.py::test_a_withdrawal_our_code_fails_in_is_told_and_never_given_up",
            "tests/desk/test_live.py::test_what_is_coming_down_is_never_shown_as_done",
        ),
    ),
    Asked(
        "R27", "Withdrawals go before publications, and have a reserve of quota of their own.",
        "proposed default; platforms limit requests by the day and the hour",
        where=("pressqueue.leases.making_way", "pressqueue.quota.spend", "publisher.clock.parts_of"),
        tests=(
            f"{_P}test_subjects.py::test_an_account_with_something_to_take_down_publishes_nothing_and_goes_on_looking",
            f"{_P}test_quota.py::test_a_withdrawal_may_use_the_reserve_to_its_end",
            f"{_W}test_withdrawal.py::test_a_withdrawal_asked_after_the_round_was_listed_goes_first_as_well",
            f"{_W}test_withdrawal.py::test_every_process_keeps_a_lane_for_withdrawals",
        ),
    ),
    Asked(
        "R28", "What was being sent when it was withdrawn is removed as soon as it arrives.",
        "proposed default; uploads outlive the process that began them",
        where=("pressqueue.moves.fallaway.end_post", "pressqueue.moves.posts.sent"),
        tests=(f"{_P}test_posts.py::test_what_arrives_after_its_withdrawal_goes_straight_to_removing",),
    ),
    Asked(
        "R28",
        "Nothing is posted twice: a Post is claimed once, and what is out of sight is looked for before it is sent.",
        "measured: platforms keep what was sent although the answer was lost",
        where=("pressqueue.leases.take", "publisher.recovery.look_for", "publisher.recovery.absence_counts"),
        tests=(
            f"{_P}test_posts.py::test_a_post_is_taken_once",
            f"{_W}test_faults.py::test_one_copy_goes_live_whatever_the_platform_does",
        ),
    ),
    Asked(
        "R29",
        "Everything that shows the person comes down, also what only shares the picture, and is blocked from then.",
        f"{_AUSTIN}: one copy of many stayed up",
        where=("pressqueue.moves.subjects.outcome", "pressqueue.moves.takedown.block"),
        tests=(
            f"{_P}test_subjects.py::test_what_only_shares_the_picture_comes_down_as_well",
            f"{_P}test_subjects.py::test_a_copy_fetched_back_from_a_platform_is_known",
        ),
    ),
    Asked(
        "R30", "What shows an eliminated person is locked: it is neither changed nor published again.",
        f"{_AUSTIN}: pictures stayed up after he had been cleared",
        where=("pressqueue.moves.items.edit", "pressqueue.gates.blocked.NotBlocked"),
        tests=(
            "tests/pressqueue/rules/test_duties_to_their_end.py::test_what_shows_an_eliminated_person_is_locked",
            f"{_P}test_duties.py::test_a_withdrawal_of_one_item_as_eliminated_opens_them_and_blocks_its_picture",
        ),
    ),
    Asked(
        "R31",
        "Who is given a press pack is on record before its first byte goes, so that the list of recalls is whole.",
        f"{_AUSTIN}; DPA 2018, s.62: the identity of the recipient",
        where=("publisher.presspacks.give_out", "pressqueue.moves.disclosing.disclose"),
        tests=(
            "tests/test_presspacks.py::test_it_is_on_record_before_its_first_byte_is_handed_over",
            f"{_P}test_recalls.py::test_every_recipient_is_recalled_whatever_it_came_down_for",
        ),
    ),
    Asked(
        "R31", "A press pack is called back when its Item goes back to be changed, or its words were amended.",
        f"{_AUSTIN}; {_APP}: conditions of use",
        where=("pressqueue.moves.reopening.reopen_only", "pressqueue.moves.recalls.recall_recipients"),
        tests=(
            f"{_P}test_recalls.py::test_a_pack_is_called_back_when_its_item_is_changed_and_again_after_the_next",
            f"{_P}test_recalls.py::test_who_was_given_words_that_were_amended_is_told",
        ),
    ),
    Asked(
        "R32", "What came down keeps its number and its dates, and neither picture nor words.",
        f"{_APP}: remove the photo; a banner would keep the face up",
        where=("publisher.desk.views.live.removed", "publisher.desk.shown.files_of"),
        tests=("tests/desk/test_live.py::test_a_tombstone_keeps_the_number_and_neither_picture_nor_words",),
    ),
    Asked(
        "R33", "Public totals never tell which number was arrested: they change seldom and in steps.",
        "proposed default; running totals of 2011 and 2025",
        where=("pressqueue.totals.follow", "pressqueue.moves.totals.renew_totals"),
        tests=(
            f"{_P}test_totals.py::test_removals_are_told_late_and_in_steps",
            f"{_P}test_totals.py::test_nothing_changes_within_the_week",
            f"{_P}test_totals.py::test_no_change_can_be_laid_at_anybodys_door",
        ),
    ),
    Asked(
        "R33", "What the machine says by itself was drafted by one person and approved by another, and names nobody.",
        "proposed default; an album's heading is published like a caption",
        where=("pressqueue.moves.standing.approve_text", "pressqueue.standing.faults", "publisher.delivery.file_one"),
        tests=(
            f"{_P}test_standing.py::test_who_drafted_it_never_approves_it",
            f"{_P}test_standing.py::test_what_no_standing_text_says",
            f"{_W}test_albums.py::test_nothing_is_filed_before_a_second_person_has_approved_the_words",
        ),
    ),
    Asked(
        "R34", "What has run out comes down by a clock of its own, apart from publishing.",
        f"proposed default; {_AUSTIN}: publication outlived its reason",
        where=("publisher.timetable.expire", "pressqueue.moves.items.expire"),
        tests=("tests/test_timetable.py::test_what_expires_comes_down",),
    ),
    Asked(
        "R35", "Once a night each account is listed from end to end and held against the ledger; what differs is told.",
        "proposed default; changes by hand, and platforms' own removals",
        where=("publisher.nightly.keep", "publisher.reconciliation.reckon"),
        tests=(
            f"{_W}test_reconciliation.py::test_each_kind_of_change_at_each_platform",
            f"{_W}test_nights.py::test_a_night_is_reckoned_once_by_two_schedulers",
        ),
    ),
)  # fmt: skip

ON_RECORD: tuple[Asked, ...] = (
    Asked(
        "R36",
        "The exact bytes and words that were public are kept after they came down, and packed as one signed archive.",
        "PACE Code D: a copy of the material released is kept; CPIA 1996",
        where=("publisher.evidence.packing.pack", "publisher.evidence.gathering.facts"),
        tests=(
            "tests/evidence/test_packing.py::test_it_holds_what_was_published_approved_and_seen",
            "tests/evidence/test_packing.py::"
            "test_making_one_is_a_line_with_its_hash_its_reason_and_who_received_it",
        ),
    ),
    Asked(
        "R37", "Each picture of a person sought is a line of the log before its first byte is read.",
        "Data Protection Act 2018, s.62",
        where=("publisher.desk.views.files.original", "pressqueue.moves.looking.consult"),
        tests=("tests/desk/test_sittings.py::test_the_line_is_written_before_the_first_byte_goes",),
    ),
    Asked(
        "R38", "The log only grows, each entry holds the hash of the one before, and what was tampered with is found.",
        "proposed default; government checklist: user, date, time and action for non-repudiation",
        where=(
            "pressqueue.audit.verify", "pressqueue.audit.put_up_guards", "pressqueue.audit.demand_guards",
            "publisher.verifier.read_export",
        ),
        tests=(
            f"{_P}test_audit.py::test_what_was_tampered_with_is_found",
            f"{_P}test_audit.py::test_the_service_does_not_start_without_its_guards",
            "tests/test_verifier.py::test_a_false_export_fails_with_a_sentence",
        ),
    ),
    Asked(
        "R39", "What a platform answered stands in the log with the time its own clock gave, beside ours.",
        "proposed default; PACE Code D: from when until when it was to be seen is evidence",
        where=(
            "publisher.destinations.platform_clock.listening", "pressqueue.moves.posts.seen",
            "pressqueue.moves.posts.gone", "publisher.evidence.gathering.read_backs",
        ),
        tests=(f"{_W}test_platform_clock.py::test_each_answer_stands_in_the_log_by_both_clocks",),
    ),
    Asked(
        "R39", "Every entry carries our clock's time, and a clock that was moved is itself an entry.",
        "proposed default; times of publication are evidence",
        where=("pressqueue.audit.moving", "pressqueue.moves.clocks.clock_jumped", "publisher.account_checks.look_at"),
        tests=("tests/pressqueue/rules/test_duties_to_their_end.py::test_a_clock_that_was_moved_is_an_entry_and_told",),
    ),
    Asked(
        "R40", "Nothing is purged while it is up, owed, held or kept by a review; two people decide; a stub stays.",
        "Police Information and Records Management Code of Practice; CPIA 1996",
        where=(
            "pressqueue.moves.retention.why_kept", "pressqueue.moves.retention.confirm_purge",
            "pressqueue.erasing.erase",
        ),
        tests=(
            f"{_P}test_retention.py::test_a_legal_hold_on_the_item_or_the_person_keeps_it",
            f"{_P}test_retention.py::test_two_people_purge_and_never_the_same_one_twice",
            f"{_P}test_retention.py::test_what_stays_is_a_stub_of_hashes_with_its_authority",
        ),
    ),
    Asked(
        "R41", "Every pixel outside the mark and the redactions is the exhibit's own, or nothing is published.",
        _WESTBROOK,
        where=("publisher.media.stills.prove", "publisher.media.stills.finish"),
        tests=("tests/media/test_stills.py::test_the_proof_finds_a_single_changed_pixel",),
    ),
    Asked(
        "R41", "The words of the mark can be read: brand colours below the least contrast are refused.",
        "WCAG 2.2: contrast",
        where=("publisher.media.brand.Brand.check", "publisher.media.brand.contrast"),
        tests=("tests/media/test_brand.py::test_an_unusable_brand_is_refused_in_words",),
    ),
    Asked(
        "R42", "The same exhibit, recipe and version give the same bytes.",
        "proposed default; a rendition can be made again and compared",
        where=("publisher.media.recipe.Recipe", "publisher.media.stills.render_still"),
        tests=("tests/media/test_stills.py::test_the_same_input_gives_the_same_bytes_in_another_process",),
    ),
)  # fmt: skip

THE_DAYS: tuple[Asked, ...] = (
    Asked(
        "R45",
        "A series has one hour a day, each day is numbered once and without a gap; what is late is skipped and told.",
        "West Midlands Police, Photo of the Day: a number for each day",
        where=("pressqueue.moves.campaigns.add_slot", "publisher.timetable.keep", "pressqueue.hours.is_late"),
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
        where=("publisher.setting_aside.set_aside",),
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

ACCESS: tuple[Asked, ...] = (
    Asked(
        "R52", "Guessing a password or a code is slowed down, by account and by address.", f"{_NCSC}; ASVS 5.0",
        where=("publisher.desk.throttle.wait_for", "publisher.desk.throttle.failed"),
        tests=("tests/desk/test_signing_in.py::test_after_five_wrong_tries_even_the_right_password_has_to_wait",),
    ),
    Asked(
        "R53",
        "Platform tokens are sealed with the office's key, hold one scope only, and are replaced by a newer consent.",
        f"{_NCSC}: tokens held by the tool, never shared passwords",
        where=("publisher.tokens.TokenStore", "publisher.destinations.youtube_consent.grant"),
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
        where=("pressqueue.moves.people.disable_officer", "pressqueue.moves.people.void_approvals"),
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

PROPERTIES: tuple[Asked, ...] = (*DECIDING, *COMING_DOWN, *ON_RECORD, *THE_DAYS, *ACCESS)

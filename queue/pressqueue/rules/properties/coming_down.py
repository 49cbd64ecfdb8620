"""What comes down, and stays down."""

from __future__ import annotations

from pressqueue.gates.base import Asked

_P = "tests/pressqueue/"
_W = "tests/walk/"
_APP = "College of Policing APP, Media and communications"
_AUSTIN = "Austin v Commissioner of Police of the Metropolis"

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
        where=(
            "publisher.takedown.withdrawal.tell_overdue",
            "publisher.takedown.media_urls.ask_all",
            "publisher.takedown.media_urls.tell_overdue",
        ),
        tests=(
            f"{_W}test_withdrawal.py::test_a_person_is_told_at_fifteen_minutes_and_of_the_breach_at_thirty",
            f"{_W}test_withdrawal.py::test_every_direct_address_is_asked_until_it_is_gone",
        ),
    ),
    Asked(
        "R27", "Down is what was read back as gone, twice; until then it is tried for ever and never shown as done.",
        "proposed default; one look of a platform may be blind for a moment",
        where=("publisher.takedown.withdrawal.take_away", "pressqueue.moves.posts.gone"),
        tests=(
            f"{_W}test_attacked.py::test_one_blind_look_is_not_gone",
            "tests/test_poisoned.py::test_a_withdrawal_our_code_fails_in_is_told_and_never_given_up",
            "tests/desk/test_live.py::test_what_is_coming_down_is_never_shown_as_done",
        ),
    ),
    Asked(
        "R27", "Withdrawals go before publications, and have a reserve of quota of their own.",
        "proposed default; platforms limit requests by the day and the hour",
        where=(
            "pressqueue.moves.leases.making_way",
            "pressqueue.moves.quota.spend",
            "publisher.scheduling.scheduler.parts_of",
        ),
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
        where=("pressqueue.moves.end_publication.end_post", "pressqueue.moves.posts.sent"),
        tests=(f"{_P}test_posts.py::test_what_arrives_after_its_withdrawal_goes_straight_to_removing",),
    ),
    Asked(
        "R28",
        "Nothing is posted twice: a Post is claimed once, and what is out of sight is looked for before it is sent.",
        "measured: platforms keep what was sent although the answer was lost",
        where=(
            "pressqueue.moves.leases.take",
            "publisher.publishing.recovery.look_for",
            "publisher.publishing.recovery.absence_counts",
        ),
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
        where=("publisher.disclosure.press_packs.give_out", "pressqueue.moves.press_packs.disclose"),
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
        where=(
            "pressqueue.moves.public_texts.approve_text",
            "pressqueue.public_texts.faults",
            "publisher.publishing.delivery.file_one",
        ),
        tests=(
            f"{_P}test_standing.py::test_who_drafted_it_never_approves_it",
            f"{_P}test_standing.py::test_what_no_standing_text_says",
            f"{_W}test_albums.py::test_nothing_is_filed_before_a_second_person_has_approved_the_words",
        ),
    ),
    Asked(
        "R34", "What has run out comes down by a clock of its own, apart from publishing.",
        f"proposed default; {_AUSTIN}: publication outlived its reason",
        where=("publisher.scheduling.timetable.expire", "pressqueue.moves.items.expire"),
        tests=("tests/test_timetable.py::test_what_expires_comes_down",),
    ),
    Asked(
        "R35", "Once a night each account is listed from end to end and held against the ledger; what differs is told.",
        "proposed default; changes by hand, and platforms' own removals",
        where=("publisher.reconciliation.nightly.keep", "publisher.reconciliation.reconcile.reckon"),
        tests=(
            f"{_W}test_reconciliation.py::test_each_kind_of_change_at_each_platform",
            f"{_W}test_nights.py::test_a_night_is_reckoned_once_by_two_schedulers",
        ),
    ),
)  # fmt: skip

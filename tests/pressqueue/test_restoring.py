"""What the register tells is done again in an older database: once, in order, and no more than it tells."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import counters, holds, register
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import (
    Approval,
    BlockedImage,
    Booking,
    Campaign,
    Entry,
    Item,
    Notice,
    Office,
    Officer,
    PersonalToken,
    Post,
    RegisterLine,
    Subject,
    UnmanagedMedia,
)  # fmt: skip
from pressqueue.moves import campaigns, items, leases, officers, posting, recovery, takedown, unmanaged
from pressqueue.moves import holds as hold_moves
from pressqueue.register import RegisterEvent
from pressqueue.states import ItemState, PostState

from support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
LATER = NOW + timedelta(hours=1)


def told() -> list[RegisterEvent]:
    return [register.read(row.line) for row in RegisterLine.objects.order_by("pk")]


def kinds() -> list[str]:
    return [each.kind for each in told()]


def chief() -> Actor:
    return Actor(factories.officer("chief", "administrator").pk, "cli")


def line(kind: str, at: object = LATER, **codes: register.Code) -> RegisterEvent:
    return RegisterEvent(kind, at, codes)  # type: ignore[arg-type]


def test_a_withdrawal_leaves_its_line_in_the_same_transaction() -> None:
    item = factories.approved(factories.appeal())
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    (only,) = told()
    codes = {"item": item.reference, "reason": "identified", "image": item.original_id}
    assert (only.kind, only.at, only.codes) == ("withdrawn", NOW, codes)


def test_lines_hold_no_names_and_no_words() -> None:
    item = factories.approved(
        factories.appeal(title="Zephyrine {reference}", caption=f"Quillfeather. {factories.CAPTION}")
    )
    hold_moves.hold(factories.author(), item, "because of Vexbury", now=NOW)
    officers.disable_officer(chief(), Officer.objects.get(username="bran"), now=NOW)
    takedown.withdraw(factories.author(), item, "identified", now=NOW)
    assert kinds() == ["hold", "approvals_void", "officer_disabled", "withdrawn"]
    text = "".join(RegisterLine.objects.values_list("line", flat=True)).lower()
    assert not [word for word in ("zephyrine", "quillfeather", "vexbury", "bran", "img_0001") if word in text]


def test_what_runs_out_and_what_is_edited_is_told_too() -> None:
    items.expire(factories.approved(factories.appeal()), now=NOW)
    items.edit(factories.author(), factories.approved(factories.feature()), now=NOW, title="Another")
    assert kinds() == ["withdrawn", "approvals_void"]


def test_a_withdrawal_is_done_again_by_the_moves_with_its_reason() -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    lines = [line("withdrawn", item=item.reference, reason="court_order", image=item.original_id)]
    assert recovery.replay(lines, now=LATER) == {"withdrawn": 1}
    item.refresh_from_db()
    post.refresh_from_db()
    assert (item.state, item.ended_reason, post.state) == (ItemState.WITHDRAWN, "court_order", PostState.CANCELLED)
    entry = Entry.objects.get(act="item_withdraw")
    assert (entry.actor, entry.door) == ("machine", "restore")
    assert recovery.replay(lines, now=LATER) == {}, "a second time changes nothing"


def test_what_the_database_never_knew_is_passed_over() -> None:
    lines = [line("withdrawn", item="WTN-0777", reason="identified"), line("hold", item="WTN-0778")]
    assert recovery.replay(lines, now=LATER) == {}


def test_an_approval_given_after_its_line_is_a_decision_of_its_own() -> None:
    item = factories.approved(factories.feature())
    approval = Approval.objects.get()
    before = line("approvals_void", NOW - timedelta(hours=1), item=item.reference, packages=[approval.digest])
    assert recovery.replay([before], now=LATER) == {}
    after = line("approvals_void", LATER, item=item.reference, packages=[approval.digest], reason="edited")
    assert recovery.replay([after], now=LATER) == {"approvals_void": 1}
    approval.refresh_from_db()
    item.refresh_from_db()
    assert (approval.void_reason, item.state) == ("edited", ItemState.SUBMITTED)


def test_what_was_amended_since_stays_up_and_goes_nowhere_else_with_its_old_words() -> None:
    item = factories.approved(factories.appeal(destinations=["flickr", "folder"]))
    both = {"flickr": True, "folder": True}
    shown, waiting = posting.open_posts(item, key=factories.KEY, conceals=both, due_at=NOW, now=NOW)
    type(shown).objects.filter(pk=shown.pk).update(state="live", revealing_at=NOW, live_at=NOW, remote_id="r1")
    assert item.package is not None
    told = line("approvals_void", LATER, item=item.reference, packages=[item.package.digest], reason="amended")
    assert recovery.replay([told], now=LATER) == {"approvals_void": 1}
    with pytest.raises(GatesClosed) as closed:
        leases.take(waiting, "w1", timedelta(minutes=5), now=NOW)
    assert {number for number, _ in closed.value.failures} == {"R2"}
    shown.refresh_from_db()
    item.refresh_from_db()
    assert (shown.state, item.state) == ("live", ItemState.APPROVED)
    assert recovery.replay([told], now=LATER) == {}, "a second time changes nothing"


def test_of_a_hold_and_its_release_the_last_word_counts() -> None:
    held, released = factories.approved(factories.feature()), factories.approved(factories.feature())
    lines = [
        line("hold", item=released.reference), line("hold", item=held.reference), line("release", item=held.reference),
        line("hold", item=held.reference), line("release", item=released.reference),
    ]  # fmt: skip
    assert recovery.replay(lines, now=LATER) == {"hold": 1}
    assert set(Item.objects.filter(held=True)) == {held}


def test_a_campaign_s_hold_and_a_freeze_stand_again() -> None:
    campaign = factories.series()
    lines = [line("campaign_hold", prefix=campaign.prefix), line("freeze", what="all"), line("freeze", what="features")]
    assert recovery.replay(lines, now=LATER) == {"campaign_hold": 1, "freeze": 1}
    assert (Campaign.objects.get().held, Office.objects.get().frozen) == (True, "features")


def test_a_leaver_is_shut_out_again_and_who_came_back_is_not() -> None:
    item = factories.approved(factories.appeal())
    chief()
    leaver, back = Officer.objects.get(username="bran"), Officer.objects.get(username="amara")
    lines = [
        line("officer_disabled", officer=register.officer_code(leaver), for_cause=0),
        line("officer_disabled", officer=register.officer_code(back), for_cause=0),
        line("officer_enabled", officer=register.officer_code(back)),
    ]
    assert recovery.replay(lines, now=LATER) == {"officer_disabled": 1}
    leaver.refresh_from_db()
    back.refresh_from_db()
    item.refresh_from_db()
    assert (leaver.is_active, back.is_active, item.state) == (False, True, ItemState.SUBMITTED)


def test_the_only_administrator_is_not_locked_out_but_told() -> None:
    only = Officer.objects.get(pk=chief().officer_id)
    lines = [line("officer_disabled", officer=register.officer_code(only), for_cause=0)]
    assert recovery.replay(lines, now=LATER) == {}
    only.refresh_from_db()
    assert only.is_active
    assert "is the only administrator now" in Notice.objects.get().words


def test_an_outcome_takes_down_everything_that_shows_the_subject_and_blocks_the_images() -> None:
    subject = Subject.objects.create(number="WTN-0900", campaign=factories.operation(), created_at=NOW)
    shown, other = factories.approved(factories.appeal()), factories.approved(factories.appeal())
    shown.subjects.add(subject)
    lost = "ab" * 32  # an image of an Item that was lost with the database
    lines = [
        line("outcome", subject=subject.number, outcome="eliminated", items=["WTN-0777"],
             hashes=[shown.original_id, lost])
    ]  # fmt: skip
    assert recovery.replay(lines, now=LATER) == {"outcome": 1}
    subject.refresh_from_db()
    shown.refresh_from_db()
    other.refresh_from_db()
    assert (subject.outcome, subject.outcome_at) == ("eliminated", LATER)
    assert (shown.state, shown.ended_reason, other.state) == ("withdrawn", "eliminated", "approved")
    blocked = dict(BlockedImage.objects.values_list("sha256", "item"))
    assert blocked == {shown.original_id: shown.pk, lost: None}
    assert recovery.replay(lines, now=LATER) == {}


def test_unposted_appeals_are_held_and_must_be_approved_afresh() -> None:
    waiting, draft, feature = (
        factories.approved(factories.appeal()),
        factories.appeal(),
        factories.approved(factories.feature()),
    )
    post = factories.posted(waiting)
    assert recovery.quarantine(LATER) == [waiting.reference, draft.reference]
    for each in (waiting, draft, feature, post):
        each.refresh_from_db()
    assert (waiting.held, waiting.state, post.state) == (True, ItemState.SUBMITTED, PostState.CANCELLED)
    assert (draft.held, draft.state) == (True, ItemState.DRAFT)
    assert (feature.held, feature.state) == (False, ItemState.APPROVED)
    assert Approval.objects.get(package__item=waiting).void_reason == "restored"


@pytest.mark.parametrize("believed", [True, False])
def test_where_no_register_is_believed_features_are_held_as_appeals_are(believed: bool) -> None:
    """Nobody can tell which of them were withdrawn since the backup."""
    feature = factories.approved(factories.feature(publish_from=NOW, publish_until=LATER + timedelta(hours=1)))
    post = factories.posted(feature)
    assert recovery.quarantine(LATER, features=not believed) == ([] if believed else [feature.reference])
    for each in (feature, post):
        each.refresh_from_db()
    assert feature.held is not believed
    assert (feature.state, post.state) == (
        (ItemState.APPROVED, PostState.WAITING) if believed else (ItemState.SUBMITTED, PostState.CANCELLED)
    )


@pytest.mark.parametrize("state", [PostState.SENDING, PostState.UNSURE, PostState.CONCEALED])
def test_what_a_platform_may_hold_already_stays_where_it_is(state: PostState) -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    Post.objects.filter(pk=post.pk).update(state=state)
    recovery.quarantine(LATER)
    post.refresh_from_db()
    item.refresh_from_db()
    assert (post.state, post.take_down_asked_at, item.held) == (state, None, True)


def test_what_is_public_already_is_not_set_aside() -> None:
    item = factories.approved(factories.appeal())
    Post.objects.filter(pk=factories.posted(item).pk).update(state=PostState.LIVE)
    assert recovery.quarantine(LATER) == []


def test_nothing_is_taken_while_the_office_is_recovering() -> None:
    item = factories.approved(
        factories.feature(publish_from=NOW, publish_until=LATER + timedelta(hours=1), title="Rufus")
    )
    post = factories.posted(item)
    recovery.begin_recovery("Restored.", now=NOW, number=1)
    recovery.begin_recovery("Restored.", now=LATER, number=1)
    assert Office.objects.get().recovering_since == NOW
    assert Entry.objects.filter(act="recovering").count() == 1
    with pytest.raises(Forbidden, match="restored from a backup"):
        leases.take(post, "w1", timedelta(seconds=60), now=NOW)
    assert holds.held_because(Office.objects.get(), item.campaign, item).startswith("This office was restored")


def test_no_hour_is_given_away_while_the_office_is_recovering() -> None:
    factories.approved(factories.feature())
    booking = campaigns.book(factories.daily(factories.series()), NOW.date(), NOW)
    recovery.begin_recovery("Restored.", now=NOW)
    assert campaigns.fill(booking, now=NOW) is None
    assert Booking.objects.get().state == Booking.State.OPEN


def test_counters_are_raised_above_everything_the_register_names() -> None:
    campaign = factories.operation()
    factories.appeal()
    Campaign.objects.filter(pk=campaign.pk).update(returned_days=[3], next_day=5)
    lines = [line("withdrawn", item="WTN-0041"), line("outcome", subject="WTN-0050", items=["WTN-0044", "POD-0999"])]
    assert recovery.raise_counters(recovery.counters_of(lines), now=LATER) == 1
    campaign.refresh_from_db()
    assert (campaign.next_number, campaign.next_day, campaign.returned_days) == (51, 5, [])
    assert recovery.raise_counters({"WTN": (4, 2)}, now=LATER) == 0, "nothing is ever lowered"


def test_counters_seen_at_the_platforms() -> None:
    factories.feature()
    seen = ["Day 57 - Northshire Police - Police dog Rufus", "Day 9 - Northshire Police", "Holiday 2011", "Day by day"]
    least = counters.highest(counters.above(["Do you know this person? WTN-0123", *seen]), counters.above_days(seen))
    assert least == {"POD": (1, 58), "WTN": (124, 1)}
    factories.operation()
    assert recovery.raise_counters(least, now=LATER) == 2
    assert counters.of_office() == {"POD": (2, 58), "WTN": (124, 1)}


def test_tokens_from_before_the_restore_have_ended() -> None:
    officers.issue_token(factories.author(), label="laptop", scope="author", life=timedelta(days=1), now=NOW)
    recovery.end_old_sign_ins(LATER)
    assert PersonalToken.objects.get().revoked_at == LATER


def inherited(decision: str = "linked", **changes: object) -> UnmanagedMedia:
    values = {"destination": "flickr", "remote_id": "77", "visibility": "public", "found_at": NOW, **changes}
    return UnmanagedMedia.objects.create(decision=decision, **values)


def test_an_ending_is_replayed_over_a_name_that_was_not_confirmed_and_takes_what_is_linked() -> None:
    sought = Subject.objects.create(
        number="WTN-0009", campaign=factories.operation(), created_at=NOW, outcome="named_unconfirmed", outcome_at=NOW
    )
    row = inherited(subject=sought)
    recovery.replay([line("outcome", subject="WTN-0009", outcome="identified", items=[])], now=LATER)
    sought.refresh_from_db()
    row.refresh_from_db()
    assert sought.outcome == "identified"
    assert (row.decision, row.take_down_asked_at) == ("withdrawn", LATER)


@pytest.mark.parametrize("known", [True, False])
def test_what_was_inherited_and_withdrawn_comes_down_again_known_or_not(known: bool) -> None:
    if known:
        inherited("kept")
    told_down = line("inherited_down", destination="flickr", ids=["77"], reason="court_order")
    assert recovery.replay([told_down], now=LATER) == {"inherited_down": 1}
    row = UnmanagedMedia.objects.get()
    assert (row.remote_id, row.decision, row.reason) == ("77", "withdrawn", "court_order")
    assert recovery.replay([told_down], now=LATER) == {}


def test_withdrawing_what_was_inherited_leaves_its_line() -> None:
    unmanaged.withdraw_inherited(factories.author(), [inherited("open")], "court_order", now=NOW)
    (only,) = told()
    assert (only.kind, only.codes) == (
        "inherited_down",
        {"destination": "flickr", "ids": ["77"], "reason": "court_order"},
    )


def test_what_is_public_while_its_item_is_reviewed_again_ends_with_its_time() -> None:
    item = factories.approved(factories.appeal(expires_at=NOW + timedelta(hours=20)))
    post = factories.posted(item)
    Post.objects.filter(pk=post.pk).update(state=PostState.LIVE, remote_id="9")
    Item.objects.filter(pk=item.pk).update(state=ItemState.SUBMITTED)
    assert takedown.expire_public(item, now=LATER) is True
    item.refresh_from_db()
    post.refresh_from_db()
    assert (item.state, post.state) == ("withdrawn", "removing")
    assert takedown.expire_public(item, now=LATER) is False


def test_editing_what_is_reviewed_again_takes_its_hidden_copy_down() -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    Post.objects.filter(pk=post.pk).update(state=PostState.CONCEALED, remote_id="9")
    Item.objects.filter(pk=item.pk).update(state=ItemState.SUBMITTED)
    items.edit(factories.author(), item, caption=f"Other words. {factories.CAPTION}", now=LATER)
    post.refresh_from_db()
    assert post.state == "removing"

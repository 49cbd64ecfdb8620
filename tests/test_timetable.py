"""Slots, Bookings, day numbers and lateness, with time passed in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressqueue import localtime
from pressqueue.errors import Forbidden
from pressqueue.models import Booking, Entry, Item, Notice, Post
from pressqueue.moves import holds, leases, posts, takedown
from publisher.scheduling import timetable
from publisher.workers.worker import Worker

from support import factories, office_folder
from support.factories import NOW, Clock

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(seconds=60)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 7, 0, tzinfo=UTC))


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    return office_folder.worker(tmp_path, clock)


def queue_features(count: int, *, now: datetime = NOW) -> list[Item]:
    return [factories.approved(factories.feature(destinations=["gallery"]), now=now) for _ in range(count)]


def reveal(post: Post, clock: Clock) -> Post:
    mine = leases.take(post, "w1", LEASE, now=clock.now)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id=f"r{mine.pk}", url="", media_urls=[], now=clock.now)
    mine = posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=clock.now)
    return posts.seen(mine, mine.fence, now=clock.now)


def test_the_next_item_goes_out_at_its_hour_and_not_before(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(), since=date(2026, 3, 2))
    first, second = queue_features(2)
    timetable.run_round(worker)
    assert not Post.objects.exists()
    clock.on(hours=1)
    timetable.run_round(worker)
    post = Post.objects.get()
    assert (post.item, post.due_at) == (first, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    reveal(post, clock)
    clock.on(days=1)
    timetable.run_round(worker)
    assert [each.item for each in Post.objects.order_by("pk")] == [first, second]


def test_a_round_repeated_changes_nothing(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(), since=date(2026, 3, 2))
    queue_features(3)
    clock.on(hours=2)
    for _ in range(3):
        timetable.run_round(worker)
    assert (Booking.objects.count(), Post.objects.count()) == (1, 1)


def test_days_are_numbered_without_gap_or_repeat_when_taken(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(first_day=354), since=date(2026, 3, 2))
    queue_features(3)
    titles = []
    clock.on(hours=1)
    for _ in range(3):
        timetable.run_round(worker)
        titles.append(reveal(Post.objects.get(state="waiting"), clock).title.split(" - ")[0])
        clock.on(days=1)
    assert titles == ["Day 354", "Day 355", "Day 356"]


def test_a_number_that_was_never_public_goes_to_the_next_booking_taken(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(), since=date(2026, 3, 2))
    first, second = queue_features(2)
    clock.on(hours=1)
    timetable.run_round(worker)
    mine = leases.take(Post.objects.get(), "w1", LEASE, now=clock.now)
    assert mine is not None
    assert mine.title.startswith("Day 1 ")
    posts.later(mine, mine.fence, message="refused", not_before=clock.now, now=clock.now)
    takedown.withdraw(factories.approver(), first, "consent_withdrawn", now=clock.now)
    timetable.run_round(worker)  # the Booking is open again and the next Item takes it, on the same day
    other = reveal(Post.objects.get(state="waiting"), clock)
    assert (other.item, other.title.split(" - ")[0]) == (second, "Day 1")
    assert Booking.objects.get().state == "kept"


def test_a_slot_that_came_due_while_nobody_worked_is_filled_within_its_lateness(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    queue_features(1)
    clock.on(hours=4, minutes=30)  # 11:30, three and a half hours late
    timetable.run_round(worker)
    assert Post.objects.get().due_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_past_its_lateness_a_slot_is_skipped_keeps_no_number_and_says_so(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    queue_features(1)
    clock.on(hours=6)
    timetable.run_round(worker)
    assert not Post.objects.exists()
    assert (Booking.objects.get().state, Booking.objects.get().day) == ("skipped", None)
    assert "02 March 2026" in Notice.objects.get().words
    clock.on(days=1, hours=-5)
    timetable.run_round(worker)
    assert reveal(Post.objects.get(), clock).title.startswith("Day 1 ")


def test_after_days_away_nothing_is_posted_all_at_once(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    queue_features(10)
    clock.on(days=5, hours=2)  # Saturday 09:00
    timetable.run_round(worker)
    assert Post.objects.count() == 1
    assert Booking.objects.filter(state="skipped").count() == 5
    assert Notice.objects.count() == 5


def test_what_waited_past_its_lateness_is_not_sent_and_its_item_queues_again(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    (item,) = queue_features(1)
    clock.on(hours=1)
    timetable.run_round(worker)
    clock.on(hours=5)
    timetable.run_round(worker)
    assert Post.objects.get().state == "cancelled"
    clock.on(days=1, hours=-5)
    timetable.run_round(worker)
    assert [post.item for post in Post.objects.filter(state="waiting")] == [item]


def test_what_was_sent_but_skipped_before_its_reveal_is_removed_and_may_go_out_later(
    worker: Worker, clock: Clock
) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    (item,) = queue_features(1)
    clock.on(hours=1)
    timetable.run_round(worker)
    mine = leases.take(Post.objects.get(), "w1", LEASE, now=clock.now)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id="r1", url="", media_urls=[], now=clock.now)
    clock.on(hours=5)
    timetable.run_round(worker)
    mine.refresh_from_db()
    assert mine.state == "removing"
    posts.gone(mine, mine.fence, now=clock.now)
    clock.on(days=1, hours=-5)
    timetable.run_round(worker)
    assert reveal(Post.objects.get(state="waiting"), clock).item == item


def test_a_frozen_or_held_series_fills_no_booking(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    queue_features(1)
    holds.freeze(factories.approver(), "features", now=clock.now)
    clock.on(hours=1)
    timetable.run_round(worker)
    assert not Post.objects.exists()
    factories.thaw(now=clock.now)
    timetable.run_round(worker)
    assert Post.objects.count() == 1


def test_an_appeal_goes_out_at_its_own_hour_and_past_its_window_back_to_review(worker: Worker, clock: Clock) -> None:
    hour = NOW + timedelta(hours=3)
    window = {"publish_from": hour, "publish_until": hour + timedelta(hours=2), "destinations": ["gallery"]}
    item = factories.approved(factories.appeal(**window))
    late = factories.approved(factories.appeal(**window))
    holds.hold(factories.approver(), late, "enquiry", now=NOW)
    clock.now = hour
    timetable.run_round(worker)
    assert [post.item for post in Post.objects.all()] == [item]
    reveal(Post.objects.get(), clock)
    clock.on(hours=2)
    timetable.run_round(worker)
    assert Item.objects.get(pk=late.pk).state == "submitted"
    assert Item.objects.get(pk=item.pk).state == "approved"
    assert "back for review" in Notice.objects.get().words


def test_an_approval_lapses_and_the_item_is_reviewed_again(worker: Worker, clock: Clock) -> None:
    features = queue_features(1, now=NOW)
    clock.now = NOW + timedelta(days=29)
    timetable.run_round(worker)
    assert Item.objects.get(pk=features[0].pk).state == "approved"
    clock.on(days=2)
    timetable.run_round(worker)
    assert Item.objects.get(pk=features[0].pk).state == "submitted"


def test_what_expires_comes_down(worker: Worker, clock: Clock) -> None:
    item = factories.approved(factories.appeal(destinations=["gallery"], expires_at=NOW + timedelta(hours=5)))
    clock.now = NOW
    timetable.run_round(worker)
    reveal(Post.objects.get(), clock)
    clock.on(hours=5)
    timetable.expire(worker)
    assert (Post.objects.get().state, Item.objects.get(pk=item.pk).state) == ("removing", "expired")


def test_an_appeal_in_review_past_its_window_is_not_prepared_again_and_again(worker: Worker, clock: Clock) -> None:
    item = factories.in_review(factories.appeal(destinations=["gallery"]))
    clock.now = NOW + timedelta(hours=13)
    before = Entry.objects.count()
    for _ in range(5):
        assert not any(timetable.run_round(worker).values())
    assert (Item.objects.get(pk=item.pk).state, Entry.objects.count()) == ("in_review", before)


def test_lateness_is_asked_again_at_the_deciding_commit(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(lateness=timedelta(hours=4)), since=date(2026, 3, 2))
    queue_features(1)
    clock.on(hours=1)
    timetable.run_round(worker)
    mine = leases.take(Post.objects.get(), "w1", LEASE, now=clock.now)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id="r1", url="", media_urls=[], now=clock.now)
    with pytest.raises(Forbidden, match="missed its hour"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=clock.on(hours=5))


def test_what_was_left_behind_at_one_destination_ends_with_its_time(worker: Worker, clock: Clock) -> None:
    clock.now = NOW
    factories.approved(factories.appeal(destinations=["gallery", "second"]))
    worker.destinations["second"] = worker.destinations["gallery"]
    timetable.run_round(worker)
    here, there = Post.objects.order_by("pk")
    reveal(here, clock)
    clock.on(hours=13)
    for _ in range(3):
        timetable.run_round(worker)
    assert [post.state for post in Post.objects.order_by("pk")] == ["live", "cancelled"]
    assert Notice.objects.filter(cause=f"left_behind:{there.pk}").exists()


def test_a_destination_connected_after_the_hour_is_not_forgotten(worker: Worker, clock: Clock) -> None:
    clock.now = NOW
    factories.approved(factories.appeal(destinations=["gallery", "second"]))
    timetable.run_round(worker)
    assert [post.destination for post in Post.objects.all()] == ["gallery"]
    assert "not configured here or not connected" in Notice.objects.get().words
    worker.destinations["second"] = worker.destinations["gallery"]
    timetable.run_round(worker)
    assert sorted(Post.objects.values_list("destination", flat=True)) == ["gallery", "second"]


def test_an_item_every_destination_refused_is_held_and_the_next_one_takes_its_hour(
    worker: Worker, clock: Clock
) -> None:
    factories.daily(factories.series(), since=date(2026, 3, 2))
    bad, good = queue_features(2)
    clock.on(hours=1)
    timetable.run_round(worker)
    mine = leases.take(Post.objects.get(), "w1", LEASE, now=clock.now)
    assert mine is not None
    posts.refuse(mine, mine.fence, message="too large", now=clock.now)
    timetable.run_round(worker)
    assert Item.objects.get(pk=bad.pk).held
    other = reveal(Post.objects.get(state="waiting"), clock)
    assert (other.item, other.title.split(" - ")[0]) == (good, "Day 1")


def test_a_clock_that_ran_ahead_and_came_back_silences_nothing(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(), since=date(2026, 3, 2))
    queue_features(4)
    clock.on(days=20)
    timetable.run_round(worker)
    Post.objects.update(state="cancelled")  # what was made at the false hour is beside the point
    clock.on(days=-19, hours=2)
    timetable.run_round(worker)
    assert Booking.objects.get(date=date(2026, 3, 3)).state == "filled"


LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("on", "wall", "expected"),
    [
        (date(2026, 3, 28), time(8, 0), datetime(2026, 3, 28, 8, 0, tzinfo=UTC)),  # winter: GMT
        (date(2026, 3, 29), time(8, 0), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),  # summer from this night on
        (date(2026, 3, 29), time(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # missing: 02:30 BST
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first, BST
        (date(2026, 10, 25), time(8, 0), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
    ids=["winter", "spring morning", "spring gap", "autumn fold", "autumn morning"],
)
def test_both_nights_on_which_the_clocks_change(on: date, wall: time, expected: datetime) -> None:
    assert localtime.first_instant(on, wall, LONDON) == expected


def test_the_hour_that_comes_twice_books_once(worker: Worker, clock: Clock) -> None:
    factories.daily(factories.series(), time(1, 30), since=date(2026, 10, 25))
    clock.now = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    queue_features(3, now=clock.now)
    for _ in range(16):
        clock.on(minutes=15)
        timetable.run_round(worker)
    assert [post.due_at for post in Post.objects.all()] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


@given(
    on=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    wall=st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    zone=st.sampled_from([LONDON, "Europe/Paris", "America/Los_Angeles", "Australia/Lord_Howe"]),
)
def test_every_wall_time_has_one_instant_and_days_keep_their_order(on: date, wall: time, zone: str) -> None:
    here, tomorrow = (
        localtime.first_instant(on, wall, zone),
        localtime.first_instant(on + timedelta(days=1), wall, zone),
    )
    assert here.tzinfo is UTC
    assert timedelta(hours=22) <= tomorrow - here <= timedelta(hours=26)


def shown_at_nine(clock: Clock, **changes: object) -> Item:
    clock.now = NOW
    item = factories.approved(factories.appeal(destinations=["gallery"], **changes))
    reveal(factories.posted(item, conceals={"gallery": True}), clock)
    return item


def test_what_is_up_is_held_against_the_rules_every_hour(worker: Worker, clock: Clock) -> None:
    item = shown_at_nine(clock)
    assert timetable.watch(worker) == 0
    item.subjects.update(appears_under_10=True)  # as a rule that changed, or a fact that a move did not see
    clock.on(minutes=59)
    assert timetable.watch(worker) == 0
    clock.on(minutes=2)
    assert timetable.watch(worker) == 1
    item.refresh_from_db()
    assert (item.state, item.ended_reason) == ("withdrawn", "rule")
    assert "under ten" in Notice.objects.get(cause=f"rule:{item.pk}").words


def test_a_review_that_is_due_is_told_and_takes_down_when_nobody_makes_it(worker: Worker, clock: Clock) -> None:
    item = shown_at_nine(clock)
    clock.on(days=21)
    assert timetable.watch(worker) == 0
    told = Notice.objects.get(cause=f"live:{item.pk}:ReviewDue")
    assert "is public. Its review was due on 23 March 2026" in told.words
    clock.on(days=7)
    assert timetable.watch(worker) == 1


def test_a_review_notice_is_cleared_once_the_rule_holds_again(worker: Worker, clock: Clock) -> None:
    item = shown_at_nine(clock)
    clock.on(days=21)
    timetable.watch(worker)
    item.appeal_record.review_at = clock.now + timedelta(days=5)
    item.appeal_record.save()
    clock.on(hours=2)
    timetable.watch(worker)
    assert not Notice.objects.filter(cause=f"live:{item.pk}:ReviewDue", cleared_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2027-06-01T12:00", ["2027-06-01T11:00:00+00:00"]),
        ("2027-03-28T01:30", []),
        ("2027-10-31T01:30", ["2027-10-31T00:30:00+00:00", "2027-10-31T01:30:00+00:00"]),
    ],
    ids=["any day", "skipped in spring", "twice in autumn"],
)
def test_what_is_typed_means_one_instant_none_or_two(wall: str, expected: list[str]) -> None:
    assert [each.isoformat() for each in localtime.instants(datetime.fromisoformat(wall), ZoneInfo(LONDON))] == expected

"""Holds and freezes stop what they say and nothing else, and what missed its hour never comes all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pressqueue.errors import Forbidden
from pressqueue.models import Account, Approval, Booking, Campaign, Item, Notice, Post
from pressqueue.moves import holds, leases, posts, takedown
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import approved_posts, factories, office_folder
from support.factories import Clock

pytestmark = pytest.mark.usefixtures("office")
EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday's hour of the series, in winter: London keeps UTC
DAYS = 3


@pytest.fixture
def clock() -> Clock:
    return Clock(EIGHT - timedelta(hours=1))


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    """A gallery beside the office, which shows what it is given at once."""
    return office_folder.worker(tmp_path, clock, pace=office_folder.QUICK)


def with_bytes(worker: Worker, item: Item, now: datetime) -> Item:
    """Approved, its file in the store."""
    content = approved_posts.body(False, item.pk)
    approved_posts.keep(worker.office.folder, item, "main", content, "image/jpeg", now)
    return factories.approved(item, content, now=now)


def daily_series(worker: Worker, items: int, **lateness: float) -> Campaign:
    """Every day at eight, with so many approved features waiting."""
    series = factories.series(lateness=timedelta(**lateness))
    factories.daily(series, since=EIGHT.date())
    for _ in range(items):
        with_bytes(worker, factories.feature(series, destinations=["gallery"]), EIGHT)
    return series


def queue_appeal(worker: Worker, campaign: Campaign | None = None, *, hours: float = 200, **words: object) -> Item:
    window = {"publish_from": EIGHT, "publish_until": EIGHT + timedelta(hours=hours)}
    return with_bytes(worker, factories.appeal(campaign, destinations=["gallery"], **window, **words), EIGHT)


def pass_time(worker: Worker, clock: Clock, until: datetime) -> None:
    """The service runs all the while; what it does is looked at around the day's hour, at noon and at the end."""
    midnight = clock.now.replace(hour=0, minute=0, second=0)
    for day in range((until - midnight).days + 1):
        for hours in (7, 8.5, 12):
            moment = midnight + timedelta(days=day, hours=hours)
            if clock.now < moment < until:
                clock.now = moment
                settle(worker, clock)
    clock.now = max(clock.now, until)
    settle(worker, clock)


def settle(worker: Worker, clock: Clock) -> None:
    for _ in range(3):
        scheduler.round(worker)
        clock.on(seconds=1)


def live() -> list[Post]:
    return list(Post.objects.filter(state="live").select_related("item").order_by("live_at", "pk"))


def days_live() -> list[tuple[date, str]]:
    return [(post.live_at.date(), post.title.split(" - ")[0]) for post in live() if post.live_at]


def skipped_days() -> list[date]:
    return list(Booking.objects.filter(state="skipped").order_by("date").values_list("date", flat=True))


def freeze(what: str, clock: Clock) -> None:
    if what == "none":
        factories.thaw(now=clock.now)
    else:
        holds.freeze(factories.approver(), what, now=clock.now)


@pytest.mark.first_row
@pytest.mark.parametrize(("what", "lateness"), [("features", 2), ("all", 100)])
def test_after_three_frozen_days_one_feature_goes_out_each_day_and_no_number_is_lost(
    what: str, lateness: int, worker: Worker, clock: Clock
) -> None:
    daily_series(worker, 8, hours=lateness)
    pass_time(worker, clock, EIGHT + timedelta(hours=1))
    freeze(what, clock)
    thaw_at = EIGHT + timedelta(days=DAYS, hours=22)
    pass_time(worker, clock, thaw_at)
    assert len(live()) == 1, "something was revealed while it was frozen"
    freeze("none", clock)
    pass_time(worker, clock, EIGHT + timedelta(days=DAYS + 2, hours=1))
    monday = EIGHT.date()
    # The last hour of the freeze passed 22 hours ago: over for the one campaign, within its lateness for the other.
    missed = DAYS if lateness == 2 else DAYS - 1
    expected = [monday, *(monday + timedelta(days=day) for day in range(missed + 1, DAYS + 3))]
    out = days_live()
    assert [title for _, title in out] == [f"Day {number}" for number in range(1, len(out) + 1)]
    assert skipped_days() == [monday + timedelta(days=day) for day in range(1, missed + 1)]
    assert list(Booking.objects.filter(state="kept").order_by("date").values_list("date", flat=True)) == expected
    assert Notice.objects.filter(cause__startswith="skipped:").count() == missed


@pytest.mark.first_row
@pytest.mark.parametrize("lateness", [2, 100])
def test_a_worker_that_was_down_for_three_days_sends_one_feature_and_not_four(
    lateness: int, worker: Worker, clock: Clock
) -> None:
    daily_series(worker, 8, hours=lateness)
    pass_time(worker, clock, EIGHT + timedelta(hours=1))
    clock.now = EIGHT + timedelta(days=DAYS + 1, minutes=30)  # nobody rang
    settle(worker, clock)
    assert [title for _, title in days_live()] == ["Day 1", "Day 2"]
    assert len(skipped_days()) == DAYS
    assert Notice.objects.filter(cause__startswith="skipped:").count() == DAYS


def test_what_was_sent_before_a_freeze_and_missed_its_hour_is_taken_away_and_never_revealed(
    worker: Worker, clock: Clock
) -> None:
    daily_series(worker, 2, hours=2)
    appeal = queue_appeal(worker, hours=5)
    clock.now = EIGHT
    scheduler.round(worker, "clock")
    for post in Post.objects.all():
        mine = leases.take(post, "w1", timedelta(seconds=60), now=clock.now)
        assert mine is not None
        receipt = send(worker, mine)
        posts.sent(mine, mine.fence, remote_id=receipt, url="", media_urls=[], now=clock.now)
        leases.give_back(mine, mine.fence, clock.now)
    freeze("all", clock)
    pass_time(worker, clock, EIGHT + timedelta(days=1, hours=-1))
    freeze("none", clock)
    settle(worker, clock)
    assert set(Post.objects.values_list("state", "revealing_at")) == {("removed", None)}
    assert not Approval.objects.filter(package__item=appeal, void_at__isnull=True).exists()
    assert Notice.objects.filter(cause__startswith="window_past:").exists()
    assert list((worker.office.folder / "gallery" / "public").iterdir()) == []


def send(worker: Worker, mine: Post) -> str:
    from publisher.publishing import parcels
    from publisher.workers.lease_check import LeaseCheck, PostJournal

    parcel = parcels.pack(mine, worker.renditions, LeaseCheck(worker, mine, worker.boot()).body)
    return worker.destinations["gallery"].send(parcel, PostJournal(mine)).remote_id


def test_frozen_features_stop_no_appeal_and_no_withdrawal(worker: Worker, clock: Clock) -> None:
    daily_series(worker, 1, hours=200)
    up = queue_appeal(worker)
    freeze("features", clock)
    pass_time(worker, clock, EIGHT + timedelta(hours=1))
    assert [post.item for post in live()] == [up]
    takedown.withdraw(factories.approver(), up, "identified", now=clock.now)
    settle(worker, clock)
    assert Post.objects.get(item=up).state == "removed"


def test_a_held_campaign_stops_neither_another_ones_appeals_nor_its_own_withdrawals(
    worker: Worker, clock: Clock
) -> None:
    held, other = factories.operation(), factories.operation("operation-beech", prefix="BEE")
    up = queue_appeal(worker, held)
    pass_time(worker, clock, EIGHT + timedelta(minutes=30))
    holds.hold_campaign(factories.approver(), held, "enquiry", now=clock.now)
    stopped, free = queue_appeal(worker, held), queue_appeal(worker, other)
    settle(worker, clock)
    assert [post.item for post in live()] == [up, free]
    assert not Post.objects.filter(item=stopped).exists()
    takedown.withdraw(factories.approver(), up, "arrested", now=clock.now)
    settle(worker, clock)
    assert Post.objects.get(item=up).state == "removed"


def test_a_freeze_of_everything_stops_every_reveal_and_no_withdrawal(worker: Worker, clock: Clock) -> None:
    up, kept_back = queue_appeal(worker), queue_appeal(worker, hours=4)
    holds.hold(factories.approver(), kept_back, "enquiry", now=clock.now)
    pass_time(worker, clock, EIGHT + timedelta(minutes=30))
    freeze("all", clock)
    factories.release(kept_back, now=clock.now)
    takedown.withdraw(factories.approver(), up, "victim_request", now=clock.now)
    settle(worker, clock)
    assert Post.objects.get(item=up).state == "removed"
    assert live() == []


def test_a_freeze_is_asked_in_the_deciding_commit(worker: Worker, clock: Clock) -> None:
    item = queue_appeal(worker)
    clock.now = EIGHT
    scheduler.round(worker, "clock")
    mine = leases.take(Post.objects.get(item=item), "w1", timedelta(seconds=60), now=clock.now)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id="r1", url="", media_urls=[], now=clock.now)
    freeze("all", clock)
    with pytest.raises(Forbidden, match="All publishing is paused"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=clock.now)


def test_appeals_whose_windows_are_open_go_out_after_a_freeze_and_the_others_back_to_review(
    worker: Worker, clock: Clock
) -> None:
    """A window is the appeal's own lateness rule (R5): two people approved every minute of it."""
    freeze("all", clock)
    open_still = [queue_appeal(worker, hours=90) for _ in range(4)]
    closed = [queue_appeal(worker, hours=12) for _ in range(2)]
    pass_time(worker, clock, EIGHT + timedelta(hours=60))
    freeze("none", clock)
    pass_time(worker, clock, clock.now + timedelta(minutes=30))
    assert [post.item for post in live()] == open_still
    assert not Approval.objects.filter(package__item__in=closed, void_at__isnull=True).exists()
    assert Notice.objects.filter(cause__startswith="window_past:").count() == len(closed)


@pytest.fixture
def flickr(tmp_path: Path) -> Iterator[Control]:
    with Sandbox(tmp_path / "sandbox") as sandbox:
        made = Control(sandbox.base, sandbox.secret)
        made.settings(listing_delay=0.0, search_delay=0.0)
        yield made


@pytest.mark.slow
def test_after_three_days_in_which_the_platform_was_away_one_feature_goes_out_each_day(
    tmp_path: Path, clock: Clock, flickr: Control
) -> None:
    worker = office_folder.sandbox_worker(tmp_path / "office", clock, flickr)
    Account.objects.get_or_create(destination="youtube")
    series = factories.series(lateness=timedelta(hours=2))
    factories.daily(series, since=EIGHT.date())
    for _ in range(8):
        with_bytes(worker, factories.feature(series), EIGHT)
    flickr.fault("flickr.*", "503", times=1_000_000)
    pass_time(worker, clock, EIGHT + timedelta(days=DAYS, hours=-1))
    assert flickr.things() == []
    flickr.clear_faults()
    pass_time(worker, clock, EIGHT + timedelta(days=DAYS + 1, hours=1))
    monday = EIGHT.date()
    assert skipped_days() == [monday + timedelta(days=day) for day in range(DAYS)]
    assert days_live() == [(monday + timedelta(days=DAYS + day), f"Day {day + 1}") for day in range(2)]
    public = [thing for thing in flickr.things() if thing["public"]]
    assert len(public) == 2

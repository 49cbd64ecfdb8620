"""What was approved and is then left alone: it goes out at its hour, and nobody touches anything in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import stage
import world
from desk_tools import keep
from world import Clock

from pressqueue import gates, moves
from pressqueue.models import Account, Approval, Entry, Item, Notice, Post, Step, Subject
from publisher import clock as bell
from publisher.sandbox.control import Control
from publisher.worker import Worker

EVERY = timedelta(hours=6)
LONDON = ZoneInfo("Europe/London")
Until = Callable[[datetime], None]


def at(clock: Clock, weekday: int, hour: int) -> datetime:
    """The next such weekday (Monday is nought) at this hour, by the clock on the wall."""
    day = clock.now.astimezone(LONDON).date() + timedelta(days=1)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    return datetime.combine(day, time(hour), tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def until(worker: Worker, clock: Clock, control: Control) -> Until:
    """Nothing but the bell is rung until this moment: every few hours, and then while there is something to do."""

    def ring(moment: datetime) -> None:
        while clock.now < moment:
            step = min(EVERY, moment - clock.now)
            control.advance(step.total_seconds())
            clock.now += step
            for _ in range(20):
                bell.round(worker)
                under_way = Post.objects.filter(state__in=["waiting", "sending", "concealed", "revealing"])
                if not under_way.exists() and not Step.objects.filter(state="waiting").exists():
                    break
                clock.on(seconds=1)
                control.advance(1)

    return ring


def decided(worker: Worker, item: Item, number: int, now: datetime, said: gates.Deciding | None = None) -> Item:
    """Prepared with real bytes, verified where it is an appeal, and approved: all of it now."""
    moves.submit(world.author(), item, now=now)
    main = stage.keep(worker.office.folder, item, "main", stage.body(False, number), "image/jpeg", now)
    moves.rendered(Item.objects.get(pk=item.pk), main, None, now=now)
    ready = world.verified(Item.objects.get(pk=item.pk), now=now)
    assert ready.package is not None
    world.decide(world.approver(), ready, ready.package.digest, said=said, now=now)
    return Item.objects.get(pk=item.pk)


def appeal(worker: Worker, clock: Clock, monday: datetime, person: Subject) -> Item:
    """For Monday morning; its person was "still unidentified" a moment ago."""
    moves.record_check(world.author(), person, "none", name="The officer in the case", now=clock.now)
    received = stage.body(False, 200)
    keep(worker.office, received, "originals")
    item = world.appeal(
        now=clock.now,
        subjects=[person],
        original=world.original(received),
        publish_from=monday,
        publish_until=monday + timedelta(hours=10),
        expires_at=monday + timedelta(days=28),
    )
    return decided(worker, item, 1, clock.now)


def people_s_lines() -> int:
    return Entry.objects.exclude(actor="machine").count()


def public(control: Control) -> list[str]:
    """The titles of what the public sees at the platform, in the order it came."""
    return [each["title"] for each in control.things("flickr") if each["visibility"] == "public"]


def test_what_is_approved_on_friday_at_16_00_goes_out_on_monday_at_08_00_without_another_touch(
    worker: Worker, clock: Clock, control: Control, until: Until
) -> None:
    """64 hours: within the 72 of R4 and of R24's look at an unidentified person's proceedings."""
    friday = at(clock, 4, 16)
    until(friday)
    monday = at(clock, 0, 8)
    assert 63 <= (monday - friday).total_seconds() / 3600 <= 65  # 64, but where the clocks change meanwhile
    item = appeal(worker, clock, monday, world.person(now=clock.now))
    touched = people_s_lines()
    until(monday - timedelta(minutes=1))
    assert public(control) == []
    until(monday)
    assert public(control) == [f"Do you know this person? {item.reference}"]
    post = Post.objects.get()
    assert post.state == "live"
    assert post.live_at is not None
    assert post.live_at - monday < timedelta(minutes=1)
    assert people_s_lines() == touched
    assert not Approval.objects.filter(void_at__isnull=False).exists()
    assert not Notice.objects.filter(reference=item.reference).exists()


def test_control_approved_a_working_day_earlier_it_lapses_and_is_told(
    worker: Worker, clock: Clock, control: Control, until: Until
) -> None:
    """What the test above rests on: 72 hours are counted, and those who approve on Thursday are told to do it again."""
    until(at(clock, 3, 16))
    monday = at(clock, 0, 8)
    item = appeal(worker, clock, monday, world.person(now=clock.now))
    until(monday)
    assert public(control) == []
    item.refresh_from_db()
    assert item.state == "in_review"  # prepared anew, it waits for its approver
    assert "approval lapsed" in Notice.objects.get(reference=item.reference).words


def test_28_days_of_features_approved_in_one_sitting_go_out_one_a_day_without_another_touch(
    worker: Worker, clock: Clock, control: Control, until: Until
) -> None:
    until(at(clock, 4, 16))
    series = world.series()
    world.daily(series, since=clock.now.date() + timedelta(days=1))
    said = gates.Deciding(batch=True)
    items = [decided(worker, world.feature(series, now=clock.now), n, clock.now, said) for n in range(28)]
    assert Approval.objects.filter(batch=True, void_at__isnull=True).count() == 28
    touched, out = people_s_lines(), []
    first = datetime.combine(clock.now.date() + timedelta(days=1), time(8), tzinfo=LONDON)
    for day in range(28):
        until((first + timedelta(days=day)).astimezone(UTC) - timedelta(minutes=1))
        assert public(control) == out  # not before its hour
        until((first + timedelta(days=day)).astimezone(UTC) + timedelta(minutes=5))
        out.append(f"Day {day + 1} - Northshire Police - Police dog Rufus")
        assert public(control) == out  # and one
    assert list(Post.objects.order_by("live_at").values_list("item", flat=True)) == [each.pk for each in items]
    assert set(Post.objects.values_list("state", flat=True)) == {"live"}
    assert people_s_lines() == touched
    assert not Approval.objects.filter(void_at__isnull=False).exists()
    assert not Notice.objects.filter(cause__startswith="skipped").exists()
    assert Account.objects.filter(destination="flickr", stop="none").exists()

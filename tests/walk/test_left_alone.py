"""What was approved and is then left alone: it goes out at its hour, and nobody touches anything in between."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pressqueue import gates
from pressqueue.models import Account, Approval, Entry, Item, Notice, Post

from support import factories
from support.press_office import Newsroom

LONDON = ZoneInfo("Europe/London")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def at(now: datetime, weekday: int, hour: int) -> datetime:
    """The next such weekday (Monday is nought) at this hour, by the clock on the wall."""
    day = now.astimezone(LONDON).date() + timedelta(days=1)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    return datetime.combine(day, time(hour), tzinfo=LONDON).astimezone(UTC)


def approved_for(room: Newsroom, monday: datetime) -> Item:
    """An appeal for Monday morning; its person was "still unidentified" a moment ago."""
    person = factories.person(now=room.clock.now)
    factories.looked_up(person, now=room.clock.now)
    window = {"publish_from": monday, "publish_until": monday + timedelta(hours=10)}
    return room.approved(room.appeal(subjects=[person], expires_at=monday + timedelta(days=28), **window))


def people_s_lines() -> int:
    return Entry.objects.exclude(actor="machine").count()


def test_what_is_approved_on_friday_at_16_00_goes_out_on_monday_at_08_00_without_another_touch(
    newsroom: Newsroom,
) -> None:
    """64 hours: within the 72 of R4 and of R24's look at an unidentified person's proceedings."""
    friday = at(newsroom.clock.now, 4, 16)
    newsroom.until(friday)
    monday = at(friday, 0, 8)
    assert 63 <= (monday - friday).total_seconds() / 3600 <= 65  # 64, but where the clocks change meanwhile
    item = approved_for(newsroom, monday)
    touched = people_s_lines()
    newsroom.until(monday - MINUTE)
    assert newsroom.public() == []
    newsroom.until(monday)
    assert newsroom.public() == [f"Do you know this person? {item.reference}"]
    post = Post.objects.get()
    assert post.live_at is not None
    assert post.live_at - monday < MINUTE
    assert people_s_lines() == touched
    assert not Approval.objects.filter(void_at__isnull=False).exists()
    assert not Notice.objects.filter(reference=item.reference).exists()


@pytest.mark.slow
def test_control_approved_a_working_day_earlier_it_lapses_and_is_told(newsroom: Newsroom) -> None:
    """What the test above rests on: 72 hours are counted, and those who approve on Thursday are told to do it again."""
    newsroom.until(at(newsroom.clock.now, 3, 16))
    monday = at(newsroom.clock.now, 0, 8)
    item = approved_for(newsroom, monday)
    newsroom.until(monday)
    assert newsroom.public() == []
    item.refresh_from_db()
    assert item.state == "in_review"  # prepared anew, it waits for its approver
    told = Notice.objects.filter(reference=item.reference).values_list("words", flat=True)
    assert any("approval lapsed" in words for words in told)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # 28 Items are looked at in each of some eighty rounds: patience, not a bound
def test_28_days_of_features_approved_in_one_sitting_go_out_one_a_day_without_another_touch(
    newsroom: Newsroom,
) -> None:
    newsroom.until(at(newsroom.clock.now, 4, 16))
    today, series, said = newsroom.clock.now.date(), factories.series(), gates.Deciding(batch=True)
    factories.daily(series, since=today + timedelta(days=1))
    drafts = [factories.feature(series, now=newsroom.clock.now) for _ in range(28)]
    items = [newsroom.approved(each, said) for each in drafts]
    touched, out = people_s_lines(), []
    assert Approval.objects.filter(batch=True).count() == 28
    for day in range(1, 29):
        hour = datetime.combine(today + timedelta(days=day), time(8), tzinfo=LONDON).astimezone(UTC)
        newsroom.until(hour - MINUTE, every=DAY)
        assert newsroom.public() == out  # not before its hour
        newsroom.until(hour + 5 * MINUTE)
        out.append(f"Day {day} - Northshire Police - Police dog Rufus")
        assert newsroom.public() == out  # and one
    assert list(Post.objects.order_by("live_at").values_list("item", flat=True)) == [each.pk for each in items]
    assert people_s_lines() == touched
    assert not Approval.objects.filter(void_at__isnull=False).exists()
    assert not Notice.objects.filter(cause__startswith="skipped").exists()
    assert not Account.objects.filter(destination="flickr").exclude(stop="none").exists()

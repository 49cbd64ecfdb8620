"""What a platform's account has left: its windows, and the reserve that only withdrawals may use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from pressqueue.models import Spend
from pressqueue.moves import quota
from pressqueue.moves.quota import Rule
from publisher.destinations.base import BucketRule, Purpose
from publisher.destinations.errors import Later
from publisher.workers.quota import Ledger

from support import factories

NOW = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
CALLS = Rule("calls", 10, "hour", reserve=3)
UNITS = Rule("units", 100, "day", "America/Los_Angeles", reserve=20)
HOUR = timedelta(hours=1)


def spend(rule: Rule, units: int = 1, *, withdrawing: bool = False, now: datetime = NOW) -> datetime | None:
    return quota.spend("flickr", rule, units, withdrawing=withdrawing, now=now)


def used() -> list[int]:
    return list(Spend.objects.order_by("window").values_list("used", flat=True))


# In Los Angeles the clocks go forward on the second Sunday of March and back on the first of November, at 02:00.
DAYS = [
    # the day, when it begins and ends in UTC, its hours
    (date(2026, 3, 7), "2026-03-07 08:00", "2026-03-08 08:00", 24),
    (date(2026, 3, 8), "2026-03-08 08:00", "2026-03-09 07:00", 23),
    (date(2026, 3, 9), "2026-03-09 07:00", "2026-03-10 07:00", 24),
    (date(2026, 10, 31), "2026-10-31 07:00", "2026-11-01 07:00", 24),
    (date(2026, 11, 1), "2026-11-01 07:00", "2026-11-02 08:00", 25),
    (date(2026, 11, 2), "2026-11-02 08:00", "2026-11-03 08:00", 24),
]


@pytest.mark.parametrize(("day", "begins", "ends", "hours"), DAYS)
def test_a_day_in_los_angeles_has_the_hours_it_has(day: date, begins: str, ends: str, hours: int) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))
    assert last - first == timedelta(hours=hours)
    for minutes in range(0, hours * 60, 10):
        moment = first + timedelta(minutes=minutes)
        assert moment.astimezone(ZoneInfo("America/Los_Angeles")).date() == day
        assert (UNITS.began(moment), UNITS.ends(moment)) == (first, last)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # made aware here
    st.sampled_from(
        [
            CALLS,
            UNITS,
            Rule("units", 1, "day", "Europe/London"),
            Rule("units", 1, "day", "Pacific/Apia"),
            # Its clocks change at midnight: on some days the first hour does not exist.
            Rule("units", 1, "day", "America/Havana"),
        ]
    ),
)
def test_every_moment_lies_in_exactly_one_window(now: datetime, rule: Rule) -> None:
    began, ends = rule.began(now), rule.ends(now)
    assert began <= now < ends
    assert (rule.began(began), rule.began(ends - timedelta(seconds=1))) == (began, began)
    assert rule.began(ends) == ends
    assert began.tzinfo is UTC
    assert ends - began in {HOUR, *(timedelta(hours=hours) for hours in (23, 24, 25))}


@pytest.mark.django_db
def test_publishing_stops_at_the_reserve_and_is_told_when_the_window_ends() -> None:
    assert [spend(CALLS) for _ in range(7)] == [None] * 7
    assert spend(CALLS) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert used() == [7]


@pytest.mark.django_db
def test_a_withdrawal_may_use_the_reserve_to_its_end() -> None:
    spend(CALLS, 7)
    assert [spend(CALLS, withdrawing=True) for _ in range(3)] == [None] * 3
    assert spend(CALLS, withdrawing=True) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert used() == [10]


@pytest.mark.django_db
def test_a_request_that_costs_more_than_is_left_takes_nothing() -> None:
    assert spend(UNITS, 50) is None
    assert spend(UNITS, 50) == UNITS.ends(NOW)
    assert spend(UNITS, 30) is None, "what is left is still there for a smaller one"
    assert used() == [80]


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "window"), [(CALLS, HOUR), (UNITS, timedelta(days=1))])
def test_the_next_window_begins_full(rule: Rule, window: timedelta) -> None:
    most = rule.units - rule.reserve
    assert spend(rule, most) is None
    opens = spend(rule)
    assert opens is not None
    assert spend(rule, now=opens - timedelta(seconds=1)) == opens
    assert spend(rule, most, now=opens) is None
    assert used() == [most, most]


@pytest.mark.django_db
def test_the_repeated_hour_of_an_autumn_night_is_one_day_still() -> None:
    # 01:30 comes twice in Los Angeles on 1 November 2026: at 08:30 and at 09:30 UTC.
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (8, 9))
    assert spend(UNITS, 80, now=first) is None
    assert spend(UNITS, now=second) == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_accounts_and_buckets_are_counted_apart() -> None:
    spend(CALLS, 7)
    assert quota.spend("youtube", CALLS, 7, withdrawing=False, now=NOW) is None
    assert spend(Rule("uploads", 7, "hour"), 7) is None
    assert sorted(used()) == [7, 7, 7]


@pytest.mark.django_db
def test_a_platform_that_says_empty_is_believed_over_our_own_count() -> None:
    quota.exhausted("flickr", CALLS, None, NOW)
    assert spend(CALLS) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert used() == [0], "a refused request is not counted"
    assert spend(CALLS, now=NOW + HOUR) is None


@pytest.mark.django_db
def test_a_wait_that_reaches_into_the_next_window_is_kept_there() -> None:
    until = NOW + timedelta(minutes=55)  # 10:15; our clock hour ends at 10:00
    quota.exhausted("flickr", CALLS, until, NOW)
    assert spend(CALLS, now=datetime(2026, 3, 2, 10, 5, tzinfo=UTC)) == until
    assert spend(CALLS, now=until) is None


@pytest.mark.django_db
def test_the_longer_of_both_waits_is_answered() -> None:
    quota.exhausted("flickr", CALLS, NOW + timedelta(minutes=5), NOW)
    assert spend(CALLS) == NOW + timedelta(minutes=5)
    spend(CALLS, 10, withdrawing=True)
    assert spend(CALLS) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_withdrawal_asks_although_the_platform_said_empty() -> None:
    quota.exhausted("flickr", CALLS, NOW + 5 * HOUR, NOW)
    assert spend(CALLS) is not None
    assert spend(CALLS, withdrawing=True) is None
    assert spend(CALLS, 9, withdrawing=True) is None
    assert spend(CALLS, withdrawing=True) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC), "its own count still holds it"


@pytest.mark.django_db
def test_a_destination_is_told_later_with_the_time_and_only_for_what_it_has_rules_for() -> None:
    clock = factories.Clock(NOW)
    ledger = Ledger("flickr", clock)
    ledger.follow([BucketRule("calls", 2, "hour", reserve=1)])
    ledger.spend("calls", 1, Purpose.PUBLISH)
    for purpose in (Purpose.PUBLISH, Purpose.LOOK):
        with pytest.raises(Later, match="The Flickr quota “calls” is used up for now") as later:
            ledger.spend("calls", 1, purpose)
        assert later.value.retry_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    ledger.spend("calls", 1, Purpose.WITHDRAW)
    ledger.spend("something else", 10**6, Purpose.PUBLISH)
    ledger.exhausted("something else", None)
    clock.on(hours=1)
    ledger.spend("calls", 1, Purpose.PUBLISH)


@pytest.mark.django_db
def test_a_post_is_booked_in_one_statement() -> None:
    clock = factories.Clock(NOW)
    ledger = Ledger("flickr", clock)
    ledger.follow([BucketRule("calls", 100, "hour", reserve=10, per_post=5)])
    ledger.spend("calls", 1, Purpose.PUBLISH)
    assert used() == [5]
    with CaptureQueriesContext(connection) as asked:
        for purpose in (Purpose.LOOK, Purpose.PUBLISH, Purpose.LOOK, Purpose.LOOK):
            ledger.spend("calls", 1, purpose)
    assert (used(), len(asked)) == ([5], 0)
    ledger.spend("calls", 1, Purpose.PUBLISH)
    assert used() == [10]
    clock.on(hours=1)
    ledger.spend("calls", 1, Purpose.PUBLISH)  # what was left over was of the hour before
    assert used() == [10, 5]
    assert ledger.asked == 7


@pytest.mark.django_db
def test_the_last_requests_of_an_hour_are_booked_one_by_one_and_none_is_lost() -> None:
    ledger = Ledger("flickr", factories.Clock(NOW))
    ledger.follow([BucketRule("calls", 8, "hour", reserve=1, per_post=5)])
    for _ in range(7):
        ledger.spend("calls", 1, Purpose.PUBLISH)
    assert used() == [7]
    with pytest.raises(Later):
        ledger.spend("calls", 1, Purpose.PUBLISH)
    ledger.spend("calls", 1, Purpose.WITHDRAW)


@pytest.mark.django_db
def test_what_is_booked_is_not_used_once_the_platform_says_that_nothing_is_left() -> None:
    ledger = Ledger("flickr", factories.Clock(NOW))
    ledger.follow([BucketRule("calls", 100, "hour", per_post=5)])
    ledger.spend("calls", 1, Purpose.PUBLISH)
    ledger.exhausted("calls", NOW + timedelta(minutes=5))
    with pytest.raises(Later):
        ledger.spend("calls", 1, Purpose.PUBLISH)


@pytest.mark.django_db
def test_a_withdrawal_never_waits_for_what_publishing_has_booked() -> None:
    ledger = Ledger("flickr", factories.Clock(NOW))
    ledger.follow([BucketRule("calls", 6, "hour", reserve=1, per_post=5)])
    ledger.spend("calls", 1, Purpose.PUBLISH)
    ledger.spend("calls", 1, Purpose.WITHDRAW)
    assert used() == [6]


@pytest.mark.django_db
def test_a_look_books_nothing_ahead_and_uses_what_is_booked() -> None:
    ledger = Ledger("flickr", factories.Clock(NOW))
    ledger.follow([BucketRule("calls", 100, "hour", reserve=10, per_post=5)])
    ledger.spend("calls", 1, Purpose.LOOK)
    assert used() == [1]
    ledger.spend("calls", 1, Purpose.PUBLISH)
    ledger.spend("calls", 4, Purpose.LOOK)
    assert used() == [6]
    ledger.spend("calls", 1, Purpose.LOOK)
    assert used() == [7]


@pytest.mark.django_db
def test_what_is_left_over_is_not_lost_when_more_is_needed_than_that() -> None:
    """Posts of 5, of which 3 publish, once 2 at a time: after many Posts no more is booked than one Post ahead."""
    ledger, spent = Ledger("flickr", factories.Clock(NOW)), 0
    ledger.follow([BucketRule("calls", 10_000, "hour", per_post=5)])
    for number in range(60):
        for purpose, units in (
            (Purpose.PUBLISH, 1),
            (Purpose.LOOK, 1),
            (Purpose.PUBLISH, 2),
            (Purpose.LOOK, 1 + number % 2),
        ):
            ledger.spend("calls", units, purpose)
            spent += units
    assert spent <= used()[0] < spent + 5 + 2


def test_a_post_costs_something() -> None:
    with pytest.raises(ValueError, match="per_post must be at least 1"):
        BucketRule("calls", 10, "hour", per_post=0)

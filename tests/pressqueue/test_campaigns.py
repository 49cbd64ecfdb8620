"""The hours of a campaign: at most one a day (R45)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from pressqueue.errors import Forbidden
from pressqueue.models import Slot
from pressqueue.moves import campaigns

from support import factories

pytestmark = pytest.mark.usefixtures("office")


def slot(*weekdays: int, hour: int = 8) -> Slot:
    values = {"wall_time": time(hour), "starts_on": date(2026, 3, 1), "now": factories.NOW}
    return campaigns.add_slot(factories.author(), factories.series(), weekdays=list(weekdays), **values)


def test_a_series_has_one_hour_a_day() -> None:
    slot(0, 1, 2)
    with pytest.raises(Forbidden, match="one feature a day"):
        slot(2, 3, hour=18)
    assert slot(3, 4, hour=18).weekdays == [3, 4]
    assert Slot.objects.filter(ends_on=None).count() == 2


def test_an_hour_that_ended_leaves_its_days_free() -> None:
    first = slot(0)
    first.ends_on = date(2026, 3, 8)
    first.save()
    assert slot(0, hour=9).wall_time == time(9)


@pytest.mark.parametrize(
    ("made_at", "hour", "begins"),
    [
        (datetime(2026, 11, 28, 23, 5, tzinfo=UTC), 8, date(2026, 11, 29)),
        (datetime(2026, 11, 28, 7, 59, tzinfo=UTC), 8, date(2026, 11, 28)),
        (datetime(2026, 11, 28, 8, 0, tzinfo=UTC), 8, date(2026, 11, 29)),
        (datetime(2026, 6, 10, 7, 30, tzinfo=UTC), 8, date(2026, 6, 11)),  # 08:30 in London
        (datetime(2026, 6, 10, 23, 30, tzinfo=UTC), 8, date(2026, 6, 11)),  # the next day in London
    ],
)
def test_a_slot_begins_with_its_next_hour(made_at: datetime, hour: int, begins: date) -> None:
    values = {"wall_time": time(hour), "starts_on": date(2026, 1, 1), "now": made_at}
    made = campaigns.add_slot(factories.author(), factories.series(), weekdays=list(range(7)), **values)
    assert made.starts_on == begins


def test_a_slot_that_is_to_begin_later_does() -> None:
    values = {"wall_time": time(8), "starts_on": date(2026, 12, 24), "now": factories.NOW}
    assert campaigns.add_slot(factories.author(), factories.series(), weekdays=[0], **values).starts_on == date(
        2026, 12, 24
    )


@pytest.mark.parametrize("weekdays", [[], [7], [-1]])
def test_what_is_no_weekday_is_refused(weekdays: list[int]) -> None:
    with pytest.raises(Forbidden, match="Weekdays are"):
        slot(*weekdays)

"""The hours of a campaign: at most one a day (R45)."""

from __future__ import annotations

from datetime import date, time

import pytest
import world

from pressqueue import moves
from pressqueue.errors import Forbidden
from pressqueue.models import Slot

pytestmark = pytest.mark.usefixtures("office")


def slot(*weekdays: int, hour: int = 8) -> Slot:
    values = {"wall_time": time(hour), "starts_on": date(2026, 3, 1), "now": world.NOW}
    return moves.add_slot(world.author(), world.series(), weekdays=list(weekdays), **values)


def test_a_series_has_one_hour_a_day() -> None:
    slot(0, 1, 2)
    with pytest.raises(Forbidden, match="one feature a day"):
        slot(2, 3, hour=18)
    assert slot(3, 4, hour=18).weekdays == [3, 4]
    assert Slot.objects.count() == 2


def test_an_hour_that_ended_leaves_its_days_free() -> None:
    first = slot(0)
    first.ends_on = date(2026, 3, 8)
    first.save()
    assert slot(0, hour=9).wall_time == time(9)


@pytest.mark.parametrize("weekdays", [[], [7], [-1]])
def test_what_is_no_weekday_is_refused(weekdays: list[int]) -> None:
    with pytest.raises(Forbidden, match="Weekdays are"):
        slot(*weekdays)

"""Wall time in the office's zone, on both nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from publisher.desk.moments import LocalMoment, in_zone

LONDON = ZoneInfo("Europe/London")
# Wall time in London, and the moment it means (UTC).
MOMENTS = [
    ("2026-01-15T08:00", "2026-01-15T08:00"),  # winter: no offset
    ("2026-07-15T08:00", "2026-07-15T07:00"),  # summer: one hour ahead
    ("2026-03-29T00:59", "2026-03-29T00:59"),  # the last minute before the gap
    ("2026-03-29T02:00", "2026-03-29T01:00"),  # the first after it
    ("2026-10-25T00:59", "2026-10-24T23:59"),  # the last minute before the hour that comes twice
    ("2026-10-25T02:00", "2026-10-25T02:00"),  # the first after it
]


@pytest.mark.parametrize(("wall", "moment"), MOMENTS)
def test_a_wall_time_means_one_moment(wall: str, moment: str) -> None:
    assert in_zone(datetime.fromisoformat(wall), LONDON) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("wall", ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T01:59"])
def test_an_hour_that_does_not_exist_is_refused_with_its_reason(wall: str) -> None:
    with pytest.raises(ValueError, match=r"29 March 2026 the clocks go forward and 01:.. does not exist"):
        in_zone(datetime.fromisoformat(wall), LONDON)


@pytest.mark.parametrize("wall", ["2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T01:59"])
def test_an_hour_that_comes_twice_is_refused_with_its_reason(wall: str) -> None:
    with pytest.raises(ValueError, match=r"25 October 2026 the clocks go back and 01:.. comes twice"):
        in_zone(datetime.fromisoformat(wall), LONDON)


@pytest.mark.parametrize("typed", ["2026-08-03T08:00", "2026-08-03 08:00", "03/08/2026 08:00", " 2026-08-03T08:00:00 "])
def test_the_field_takes_what_browsers_and_people_write(typed: str) -> None:
    assert LocalMoment().clean(typed) == datetime(2026, 8, 3, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["tomorrow", "2026-13-01T08:00", "08:00", "2026-08-03"])
def test_what_is_no_moment_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match="such as 3 August 2026 at 08:00"):
        LocalMoment().clean(typed)


def test_a_stored_moment_is_shown_as_wall_time() -> None:
    shown = LocalMoment().prepare_value(datetime(2026, 8, 3, 7, 0, tzinfo=UTC))
    assert str(shown) == "2026-08-03 08:00:00"

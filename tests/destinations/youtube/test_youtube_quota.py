"""The quota day is a calendar day in Los Angeles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from publisher.destinations.youtube.quota import COSTS, UNITS, UPLOADS, next_reset, rules


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),  # a second before midnight, UTC-8
        ("2026-11-23T08:00:00", "2026-11-24T08:00:00"),  # midnight begins the new day
        ("2026-07-01T12:00:00", "2026-07-02T07:00:00"),  # summer, UTC-7
        ("2026-03-08T08:30:00", "2026-03-09T07:00:00"),  # clocks go forward: the day has 23 hours
        ("2026-11-01T07:30:00", "2026-11-02T08:00:00"),  # clocks go back: the day has 25 hours
    ],
)
def test_the_quota_day_ends_at_midnight_in_los_angeles(now: str, reset: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_reset(at) == datetime.fromisoformat(reset).replace(tzinfo=UTC)


def test_the_autumn_day_lasts_twenty_five_hours() -> None:
    start = datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert next_reset(start) - start == timedelta(hours=25)


def test_an_upload_is_counted_in_its_own_bucket() -> None:
    # Older pages say 1,600 units for one insert.
    assert COSTS["session"] == (UPLOADS, 1)
    assert {name for name, (bucket, _) in COSTS.items() if bucket == UPLOADS} == {"session", "chunk", "query"}
    assert {bucket for bucket, _ in COSTS.values()} == {UPLOADS, UNITS}


def test_the_rest_of_an_upload_is_free() -> None:
    assert COSTS["chunk"][1] == COSTS["query"][1] == 0


def test_the_number_of_uploads_is_configuration_and_withdrawals_have_a_reserve() -> None:
    uploads, units = rules(uploads=4, units=10_000, reserve=1_000)
    assert (uploads.units, uploads.zone, uploads.window) == (4, "America/Los_Angeles", "day")
    assert (units.units, units.reserve) == (10_000, 1_000)


def test_the_reserve_is_never_more_than_there_is() -> None:
    assert rules(units=10, reserve=1_000)[1].reserve == 10

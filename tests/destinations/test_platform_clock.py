"""A reply's own time: heard by whoever listens, in their thread, and never by anybody else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from publisher.destinations.platform_clock import capture_date_header, record_date_header

TOLD = "Tue, 09 Aug 2011 18:30:05 GMT"
AT = datetime(2011, 8, 9, 18, 30, 5, tzinfo=UTC)


def test_the_newest_reply_within_the_block_is_heard() -> None:
    record_date_header("Mon, 08 Aug 2011 00:00:00 GMT")
    with capture_date_header() as header:
        record_date_header("Mon, 08 Aug 2011 23:00:00 GMT")
        record_date_header(TOLD)
    record_date_header("Wed, 10 Aug 2011 00:00:00 GMT")
    assert header.at == AT


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Aug 2011 18:30:05 GMT"])
def test_what_is_no_date_is_as_good_as_none(date: str | None) -> None:
    with capture_date_header() as header:
        record_date_header(date)
    assert header.at is None


def test_another_zone_is_the_same_moment() -> None:
    with capture_date_header() as header:
        record_date_header("Tue, 09 Aug 2011 19:30:05 +0100")
    assert header.at == AT


def test_another_thread_hears_nothing() -> None:
    with capture_date_header() as header:
        other = threading.Thread(target=record_date_header, args=(TOLD,))
        other.start()
        other.join()
    assert header.at is None

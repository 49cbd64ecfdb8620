"""A session that does not come about means that certainly nothing was sent."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publisher.destinations.base import Absent, Destination, Parcel
from publisher.destinations.errors import NotSent, Stop
from publisher.destinations.youtube.session import LOST, SESSION

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Footage = Callable[..., Parcel]


@pytest.mark.parametrize("kind", ["500", "503", "504html", "429html", "closed", "reset", "302", "empty200"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_session_that_does_not_come_about_means_not_sent(
    bench: Any, channel: Destination, journal: Any, footage: Footage, kind: str, when: str
) -> None:
    bench.control.fault("youtube.session", kind, when=when)
    with pytest.raises(NotSent):
        channel.send(footage(), journal)
    assert bench.control.met()
    assert journal.get(SESSION) is None
    assert channel.find(footage(), journal, SINCE) == Absent(authoritative=True)
    channel.send(footage(), journal)
    assert len(bench.videos()) == 1


def test_a_server_that_is_not_there_means_not_sent(bench: Any, journal: Any, footage: Footage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(NotSent, match="cannot be reached"):
        bench.channel(root_url=nowhere, token_url=bench.base + "/token").send(footage(), journal)


def test_the_daily_429_stops_uploads_and_empties_the_bucket(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.session", "daily429")
    with pytest.raises(NotSent) as refusal:
        channel.send(footage(), journal)
    assert refusal.value.stop is Stop.UPLOADS
    assert refusal.value.retry_at is not None
    assert bench.ledger.told == [("uploads", refusal.value.retry_at)]
    assert bench.control.count("youtube.session") == 1  # the library would have asked five times


def test_the_channels_limit_stops_uploads_for_a_day(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.session", "uploadLimitExceeded")
    with pytest.raises(NotSent) as refusal:
        channel.send(footage(), journal)
    wait = refusal.value.retry_at - datetime.now(UTC)
    assert timedelta(hours=23) < wait <= timedelta(hours=24)
    assert refusal.value.stop is Stop.UPLOADS


def test_a_revoked_consent_stops_until_a_person_connects_again(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.revoke_google()
    with pytest.raises(NotSent, match="connect youtube") as refusal:
        channel.send(footage(), journal)
    assert refusal.value.stop is Stop.AUTH


def test_a_sign_in_service_with_a_fault_is_waited_for(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("google.token", "503", times=5)
    with pytest.raises(NotSent) as refusal:
        channel.send(footage(), journal)
    assert refusal.value.stop is Stop.NONE
    assert bench.control.count("google.token") == 1


# What stands in Location where a session's address should.
STRAY = [
    {"location": "http://uploads.example.org/upload/youtube/v3/videos?uploadType=resumable&upload_id=x"},
    {"location": "https://{address}"},
    {"location": "/upload/youtube/v3/videos?upload_id=x"},
    {"location": ""},
    {"location": "http://[half"},
    {"length": 20},
    {"length": 60},  # the path and no upload_id
]


@pytest.mark.parametrize("fault", STRAY, ids=lambda fault: str(*fault.values())[:24])
def test_an_address_that_is_no_sessions_is_not_kept_and_nothing_was_sent(
    fault: dict[str, Any], bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.session", "session_at", **fault)
    with pytest.raises(NotSent) as refusal:
        channel.send(footage(), journal)
    assert journal.kept == {}
    assert not refusal.value.trouble
    assert bench.control.count("youtube.chunk") == 0
    channel.send(footage(), journal)
    assert len(bench.videos()) == 1


def test_a_stray_address_that_was_kept_before_gives_way_to_the_listing(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    journal.kept[SESSION] = "http://uploads.example.org/upload?upload_id=x"
    assert channel.find(footage(), journal, SINCE) == Absent(authoritative=False)
    assert (journal.get(SESSION), journal.get(LOST)) == (None, "1")


def test_a_session_that_cannot_be_opened_says_nothing_of_a_video(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.session", "youtube_error", http=404, reason="notFound")
    with pytest.raises(NotSent, match="did not open an upload"):
        channel.send(footage(), journal)


@pytest.mark.parametrize("kind", ["html200", "empty200"])
def test_a_token_endpoint_that_answers_with_a_page_is_down(
    kind: str, bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("google.token", kind)
    with pytest.raises(NotSent, match="sign-in service does not answer") as refusal:
        channel.send(footage(), journal)
    assert (refusal.value.stop, refusal.value.trouble) == (Stop.NONE, True)

"""Sending footage: private, once, and resumed from what YouTube says it holds."""

from __future__ import annotations

import io
import socket
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from publisher.destinations.base import Absent, Destination, Parcel, Partial, Present
from publisher.destinations.errors import NotSent, Refused, Stop, Unsure, UploadInterrupted
from publisher.destinations.net import BadSetting
from publisher.destinations.youtube.session import LOST, SESSION

CHUNK = 256 * 1024
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Footage = Callable[..., Parcel]


def send_until_done(channel: Destination, parcel: Parcel, journal: Any) -> str:
    """What the caller does: send; after Unsure look, and send on where a session still stands."""
    for _ in range(6):
        try:
            return channel.send(parcel, journal).remote_id
        except Unsure:
            found = channel.find(parcel, journal, SINCE)
        if isinstance(found, Present):
            return found.receipts[0].remote_id
        assert isinstance(found, Partial)
    raise AssertionError("never done")


def test_footage_arrives_whole_and_was_never_public(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    receipt = channel.send(parcel, journal)
    video = bench.only()
    assert (video["id"], video["sha256"], video["size"]) == (receipt.remote_id, parcel.sha256, parcel.size)
    assert (video["visibility"], video["public"]) == ("private", [])
    assert receipt.url == f"{bench.base}/watch?v={receipt.remote_id}"


def test_the_approved_words_and_the_mark_arrive(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    channel.send(parcel, journal)
    video = bench.only()
    assert (video["title"], video["description"]) == (parcel.title, parcel.description)
    assert video["tags"] == [*parcel.tags, f"publisher:mark={parcel.mark}"]


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_every_length_arrives_whole(bench: Any, journal: Any, footage: Footage, size: int) -> None:
    parcel = footage(size)
    bench.channel().send(parcel, journal)
    assert bench.only()["sha256"] == parcel.sha256


def test_subscribers_are_not_notified(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    channel.send(footage(), journal)
    assert bench.only()["parts"]["notified"] is False


def test_an_upload_costs_one_of_its_own_bucket(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    channel.send(footage(), journal)
    assert (bench.ledger.units("uploads"), bench.ledger.units("units")) == (1, 0)


def test_without_quota_nothing_is_asked(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    bench.ledger.empty.add("uploads")
    with pytest.raises(NotSent) as refusal:
        channel.send(footage(), journal)
    assert refusal.value.retry_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert bench.control.count("youtube.session") == 0


def test_an_upload_that_was_begun_is_finished_on_an_empty_bucket(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.chunk", "503", when="after")
    with pytest.raises(Unsure):
        channel.send(footage(), journal)
    bench.ledger.empty.add("uploads")
    assert channel.find(footage(), journal, SINCE) == Partial(CHUNK)
    channel.send(footage(), journal)
    assert bench.only()["sha256"] == footage().sha256


def test_the_token_is_asked_for_at_the_configured_address(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    channel.send(footage(), journal)
    assert bench.control.count("google.token") == 1


def test_footage_is_never_held_in_memory(bench: Any, journal: Any, footage: Footage, tmp_path: Path) -> None:
    stored = tmp_path / "footage.mp4"
    with footage(32 * CHUNK).open_body() as body:
        stored.write_bytes(body.read())
    parcel = replace(footage(32 * CHUNK), open_body=lambda: stored.open("rb"))
    channel = bench.channel(chunk_bytes=32 * CHUNK)
    channel.send(footage(1, mark="f" * 32), type(journal)())  # the library's own furniture is in place now
    tracemalloc.start()
    try:
        channel.send(parcel, journal)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < parcel.size / 2


# -- what is refused before anything leaves --------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"size": 0}, "empty"),
        ({"media_type": "image/jpeg"}, "video/mp4"),
        ({"title": "x" * 101}, "title"),
        ({"description": "€" * 1700}, "bytes"),
        ({"sha256": "0" * 64}, "approved"),
    ],
)
def test_what_youtube_would_not_take_is_refused_before_a_request(
    bench: Any, journal: Any, footage: Footage, change: dict[str, Any], word: str
) -> None:
    parcel = footage(0) if "size" in change else footage(**change)
    with pytest.raises(Refused, match=word):
        bench.channel().send(parcel, journal)
    assert bench.control.count("youtube.session") == 0


@pytest.mark.parametrize("size", [-1, 0, 1, CHUNK + 1, 100_000, True, "8 MB"])
def test_a_chunk_that_is_no_multiple_of_256_kib_is_refused_at_start(bench: Any, size: Any) -> None:
    with pytest.raises(BadSetting, match="chunk_bytes"):
        bench.channel(chunk_bytes=size)


# -- before a session stands: certainly not sent ----------------------------------------------------


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


# -- once a session stands --------------------------------------------------------------------------


def test_the_session_is_saved_before_a_byte_of_the_body_leaves(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    journal.lost = True  # saving it fails: so nothing may follow
    with pytest.raises(UploadInterrupted):
        channel.send(footage(), journal)
    assert bench.control.count("youtube.session") == 1
    assert bench.control.count("youtube.chunk") == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["500", "503", "504html", "closed", "reset"])
def test_a_chunk_that_fails_is_looked_up_and_carried_on(
    bench: Any, channel: Destination, journal: Any, footage: Footage, kind: str, when: str
) -> None:
    parcel = footage()
    bench.control.fault("youtube.chunk", kind, when=when)
    send_until_done(channel, parcel, journal)
    assert bench.control.met()
    assert bench.only()["sha256"] == parcel.sha256
    assert bench.control.count("youtube.session") == 1


def test_a_chunk_is_not_tried_again_before_the_session_was_asked(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    # It was stored although the reply said 503: sending it again would overlap and spoil the session.
    bench.control.fault("youtube.chunk", "503", when="after")
    with pytest.raises(Unsure):
        channel.send(footage(), journal)
    assert bench.control.count("youtube.chunk") == 1


@pytest.mark.parametrize("kind", ["503", "closed", "reset", "empty200"])
def test_a_lost_reply_to_the_last_chunk_makes_no_second_video(
    bench: Any, channel: Destination, journal: Any, footage: Footage, kind: str
) -> None:
    parcel = footage(CHUNK // 2)
    bench.control.fault("youtube.chunk", kind, when="after")
    with pytest.raises(Unsure):
        channel.send(parcel, journal)
    found = channel.find(parcel, journal, SINCE)
    assert isinstance(found, Present)
    assert [receipt.remote_id for receipt in found.receipts] == [bench.only()["id"]]


def test_a_stalled_chunk_ends_at_the_timeout(bench: Any, journal: Any, footage: Footage) -> None:
    bench.control.fault("youtube.chunk", "stall")
    with pytest.raises(Unsure):
        bench.channel(patience=0.5).send(footage(), journal)
    bench.control.release()
    assert bench.control.met()


def test_a_401_in_the_middle_is_answered_with_a_new_token_and_the_whole_chunk(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    bench.control.fault("youtube.chunk", "401")
    channel.send(parcel, journal)
    assert bench.control.met()
    assert bench.only()["sha256"] == parcel.sha256


def test_a_server_that_stores_less_than_it_was_sent_is_believed(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage(6 * CHUNK)
    bench.control.fault("youtube.chunk", "partial")
    bench.channel(chunk_bytes=4 * CHUNK).send(parcel, journal)
    assert bench.control.met()
    assert bench.only()["sha256"] == parcel.sha256


def test_after_a_crash_the_session_is_asked_first_and_carried_on(bench: Any, journal: Any, footage: Footage) -> None:
    parcel = footage(5 * CHUNK)
    bench.control.fault("youtube.chunk", "closed", when="after")
    with pytest.raises(Unsure):
        bench.channel().send(parcel, journal)
    # A new process: nothing but the Journal is left.
    bench.channel().send(parcel, journal)
    assert bench.control.count("youtube.session") == 1
    assert bench.control.count("youtube.query") == 1
    assert bench.control.count("youtube.chunk") == 5
    assert bench.only()["sha256"] == parcel.sha256


def test_after_a_crash_past_the_end_the_same_video_is_answered(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    first = channel.send(parcel, journal)
    assert bench.channel().send(parcel, journal) == first
    assert len(bench.videos()) == 1


def test_a_session_that_ended_is_not_replaced_before_anybody_looked(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    bench.control.fault("youtube.chunk", "closed", when="after")
    with pytest.raises(Unsure):
        channel.send(parcel, journal)
    bench.control.fault("youtube.query", "session404")
    with pytest.raises(Unsure, match="ended"):
        channel.send(parcel, journal)
    assert (journal.get(SESSION), journal.get(LOST)) == (None, "1")
    assert bench.control.count("youtube.session") == 1
    # One look proves nothing; only then does the caller decide to send anew.
    assert channel.find(parcel, journal, SINCE) == Absent(authoritative=False)
    channel.send(parcel, journal)
    assert len(bench.videos()) == 1


def test_a_session_that_ends_under_a_chunk_is_looked_into_as_well(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.chunk", "session404")
    with pytest.raises(Unsure):
        channel.send(footage(), journal)
    assert (journal.get(SESSION), journal.get(LOST)) == (None, "1")


def test_a_lease_lost_in_the_middle_stops_the_upload(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    with parcel.open_body() as body:
        content = body.read()
    opened = 0

    class Ended(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= CHUNK + 100_000:
                raise UploadInterrupted
            return super().read(size)

    def open_body() -> BinaryIO:
        nonlocal opened
        opened += 1
        return io.BytesIO(content) if opened == 1 else Ended(content)  # the first is the check of the whole

    with pytest.raises(UploadInterrupted):
        channel.send(footage(open_body=open_body), journal)
    assert bench.videos() == []
    assert channel.find(parcel, journal, SINCE) == Partial(CHUNK)


def test_a_file_that_changed_in_the_store_is_not_sent_on(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    bench.control.fault("youtube.chunk", "closed", when="after")
    with pytest.raises(Unsure):
        channel.send(parcel, journal)
    sent = bench.control.count("youtube.chunk")
    with pytest.raises(Refused, match="approved"):
        channel.send(footage(open_body=lambda: io.BytesIO(b"x" * parcel.size)), journal)
    assert bench.control.count("youtube.chunk") == sent


def test_a_store_that_cannot_be_read_means_not_sent(channel: Destination, journal: Any, footage: Footage) -> None:
    def broken() -> BinaryIO:
        raise OSError("stale handle")

    with pytest.raises(NotSent, match="store"):
        channel.send(footage(open_body=broken), journal)


def test_a_channel_locked_to_private_says_so_when_looked_at(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.settings(private_lock=True)
    receipt = channel.send(footage(), journal)
    channel.reveal(receipt, footage().visibility)
    assert channel.look(receipt).visibility == "private"


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

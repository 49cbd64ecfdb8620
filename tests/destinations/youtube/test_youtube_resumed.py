"""Once a session stands, an upload goes on from what YouTube says it holds, and makes one video."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest

from publisher.destinations.base import Absent, Destination, Parcel, Partial, Present
from publisher.destinations.errors import Refused, Unsure, UploadInterrupted
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

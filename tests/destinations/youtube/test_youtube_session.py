"""Chunks that can be sent twice, and sessions that are asked before they are believed."""

from __future__ import annotations

import hashlib
import io
from typing import Any, BinaryIO

import pytest

from publisher.destinations.base import Parcel
from publisher.destinations.errors import Refused, UploadInterrupted
from publisher.destinations.youtube.session import (
    LOST,
    SESSION,
    Finished,
    Gone,
    Odd,
    Slice,
    Stored,
    check_body,
    forget,
    stored_bytes,
    understand,
)

BODY = bytes(range(256)) * 1024  # 256 KiB


def parcel(content: bytes = BODY, opened: Any = None, **changes: Any) -> Parcel:
    fields: dict[str, Any] = {
        "mark": "ab" * 16,
        "kind": "appeal",
        "title": "Title",
        "description": "",
        "alt_text": "",
        "tags": (),
        "filename": "x.mp4",
        "media_type": "video/mp4",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "open_body": opened or (lambda: io.BytesIO(content)),
    }
    return Parcel(**{**fields, **changes})


def test_a_chunk_gives_the_same_bytes_each_time_it_is_sent() -> None:
    chunk = Slice(parcel(), 1000, 200_000)
    assert len(chunk) == 200_000
    assert b"".join(chunk) == b"".join(chunk) == BODY[1000:201_000]


def test_the_last_chunk_ends_with_the_file() -> None:
    chunk = Slice(parcel(), len(BODY) - 10, 1000)
    assert (len(chunk), b"".join(chunk)) == (10, BODY[-10:])


def test_a_body_that_cannot_be_rewound_is_read_up_to_the_place() -> None:
    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation

    chunk = Slice(parcel(opened=lambda: OneWay(BODY)), 100_000, 50)
    assert b"".join(chunk) == BODY[100_000:100_050]


def test_a_lost_lease_stops_a_chunk_within_one_piece() -> None:
    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 128 * 1024:
                raise UploadInterrupted
            return super().read(size)

    sent = 0
    with pytest.raises(UploadInterrupted):
        for piece in Slice(parcel(opened=lambda: Watched(BODY)), 0, len(BODY)):
            sent += len(piece)
    assert sent == 128 * 1024


def test_a_chunk_closes_the_file_it_opened() -> None:
    opened: list[BinaryIO] = []

    def open_body() -> BinaryIO:
        opened.append(io.BytesIO(BODY))
        return opened[-1]

    list(Slice(parcel(opened=open_body), 0, 10))
    assert [body.closed for body in opened] == [True]


def test_a_file_that_shrinks_while_it_is_sent_is_noticed() -> None:
    with pytest.raises(EOFError):
        list(Slice(parcel(opened=lambda: io.BytesIO(BODY[:100])), 0, len(BODY)))


def test_the_approved_body_passes() -> None:
    read: list[bytes] = []

    class Noted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            read.append(super().read(size))
            return read[-1]

    check_body(parcel(opened=lambda: Noted(BODY)))
    assert b"".join(read) == BODY, "the whole of it was read"


@pytest.mark.parametrize("content", [BODY[:-1], BODY + b"x", BODY[:-1] + b"\x00"])
def test_a_body_that_is_not_the_approved_one_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="not the one that was approved"):
        check_body(parcel(opened=lambda: io.BytesIO(content)))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Refused, match="empty"):
        check_body(parcel(b""))


@pytest.mark.parametrize(
    ("header", "stored"),
    [
        (None, 0),  # no Range: nothing is stored
        ("bytes=0-0", 1),
        ("bytes=0-262143", 262_144),
        ("bytes=100-200", None),  # a gap at the start cannot be carried on from
        ("0-9", 10),
        ("nonsense", None),
    ],
)
def test_only_the_range_says_how_much_is_stored(header: str | None, stored: int | None) -> None:
    assert stored_bytes(header) == stored


@pytest.mark.parametrize(
    ("status", "headers", "content", "answer"),
    [
        (308, {"range": "bytes=0-99"}, b"", Stored(100)),
        (201, {}, b'{"id": "v1"}', Finished({"id": "v1"})),
        (404, {}, b"", Gone()),
        (410, {}, b"", Gone()),
        (200, {}, b"", Odd(200, b"", None)),  # success without a video proves nothing
        (200, {}, b"<html>", Odd(200, b"<html>", None)),
        (200, {}, b"[]", Odd(200, b"[]", None)),
        (308, {"range": "bytes=5-9"}, b"", Odd(308, b"", None)),
        (503, {"retry-after": "9"}, b"", Odd(503, b"", "9")),
    ],
)
def test_what_a_session_answers(status: int, headers: dict[str, str], content: bytes, answer: object) -> None:
    assert understand(status, headers, content) == answer


def test_a_308_that_asks_to_wait_is_no_invitation_to_send() -> None:
    # The client library does not look at it.
    assert understand(308, {"range": "bytes=0-9", "retry-after": "7"}, b"") == Odd(308, b"", "7")


def test_a_completed_session_answers_with_its_video() -> None:
    assert understand(200, {}, b'{"id": "v1"}') == Finished({"id": "v1"})


def test_a_308_without_a_range_has_stored_nothing() -> None:
    assert understand(308, {}, b"") == Stored(0)


def test_a_forgotten_session_leaves_a_trace() -> None:
    kept: list[tuple[str, str | None]] = []

    class Notes:
        def get(self, key: str) -> str | None: ...

        def save(self, key: str, value: str | None) -> None:
            kept.append((key, value))

    forget(Notes())
    # The trace first: dying in between must not leave a Journal that says nothing was ever sent.
    assert kept == [(LOST, "1"), (SESSION, None)]

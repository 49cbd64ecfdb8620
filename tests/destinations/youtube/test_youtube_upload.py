"""Sending footage: private, whole, once, and refused before anything leaves where YouTube would not take it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from publisher.destinations.base import Destination, Parcel, Partial
from publisher.destinations.errors import NotSent, Refused, Unsure
from publisher.destinations.net import BadSetting

CHUNK = 256 * 1024
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Footage = Callable[..., Parcel]


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


def test_a_channel_locked_to_private_says_so_when_looked_at(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.settings(private_lock=True)
    receipt = channel.send(footage(), journal)
    channel.reveal(receipt, footage(), channel.look(receipt))
    assert channel.look(receipt).visibility == "private"


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


def test_a_store_that_cannot_be_read_means_not_sent(channel: Destination, journal: Any, footage: Footage) -> None:
    def broken() -> BinaryIO:
        raise OSError("stale handle")

    with pytest.raises(NotSent, match="store"):
        channel.send(footage(open_body=broken), journal)

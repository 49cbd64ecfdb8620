"""Everything after the upload: metadata, reveal, look, amend, file, conceal, remove."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from publisher.destinations.base import AlbumKey, Destination, Parcel, Processing, Purpose, Receipt, Visibility
from publisher.destinations.errors import Later, Refused, Stop

from support.destination_benches import make_parcel

Footage = Callable[..., Parcel]
ALBUM = AlbumKey("op-example", "Operation Example", "Do you know these people?", "ab" * 16)
NOWHERE = Receipt("zzzzzzzzzzz", "")


@pytest.fixture
def sent(channel: Destination, journal: Any, footage: Footage) -> Receipt:
    return channel.send(footage(), journal)


@pytest.fixture
def poster(tmp_path: Path) -> Path:
    path = tmp_path / "poster.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + b"poster" * 100 + b"\xff\xd9")
    return path


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "captions.vtt"
    path.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nA man enters.\n")
    return path


# -- reveal and conceal ------------------------------------------------------------------------------


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_what_is_revealed_is_seen_as_asked(channel: Destination, sent: Receipt, visibility: Visibility) -> None:
    channel.reveal(sent, make_parcel(visibility=visibility), channel.look(sent))
    assert channel.look(sent).visibility is visibility


def test_what_is_concealed_is_private_again(bench: Any, channel: Destination, sent: Receipt) -> None:
    channel.reveal(sent, make_parcel(), channel.look(sent))
    channel.conceal(sent)
    assert channel.look(sent).visibility is Visibility.PRIVATE
    ((_, until),) = bench.only()["public"]
    assert until is not None


def test_a_change_of_visibility_keeps_the_other_settings(bench: Any, channel: Destination, sent: Receipt) -> None:
    before = bench.only()
    bench.control.edit("youtube", sent.remote_id, embeddable=False, license="creativeCommon")
    channel.reveal(sent, make_parcel(), channel.look(sent))
    after = bench.only()
    assert after["visibility"] == "public"
    assert (after["title"], after["tags"]) == (before["title"], before["tags"])
    assert (after["parts"]["embeddable"], after["licence"]) == (False, "creativeCommon")
    assert after["parts"]["selfDeclaredMadeForKids"] is False


def test_concealing_what_is_private_costs_one_look(bench: Any, channel: Destination, sent: Receipt) -> None:
    channel.conceal(sent)
    assert bench.control.count("youtube.videos.update") == 0
    assert bench.ledger.units() == 1


def test_concealing_what_is_gone_is_success(bench: Any, channel: Destination) -> None:
    channel.conceal(NOWHERE)
    assert bench.control.count("youtube.videos.update") == 0


def test_revealing_what_is_not_found_is_asked_again(channel: Destination) -> None:
    with pytest.raises(Later, match="no longer"):
        channel.reveal(NOWHERE, make_parcel(), channel.look(NOWHERE))


@pytest.mark.parametrize("kind", ["500", "closed", "reset", "html200", "401"])
def test_a_write_whose_reply_is_lost_may_be_repeated(
    bench: Any, channel: Destination, sent: Receipt, kind: str
) -> None:
    bench.control.fault("youtube.videos.update", kind, when="after")
    try:
        channel.reveal(sent, make_parcel(), channel.look(sent))
    except Later:
        channel.reveal(sent, make_parcel(), channel.look(sent))
    assert bench.control.met()
    assert channel.look(sent).visibility is Visibility.PUBLIC


# -- look and remove ---------------------------------------------------------------------------------


def test_a_look_reads_back_what_was_sent(channel: Destination, sent: Receipt, footage: Footage) -> None:
    video = channel.look(sent)
    assert (video.title, video.description) == (footage().title, footage().description)
    assert (video.mark, video.visibility) == (footage().mark, Visibility.PRIVATE)
    assert video.processing is Processing.DONE
    assert video.uploaded_at is not None


def test_threads_do_not_disturb_each_other(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.control.fault("youtube.videos.list", "stall")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(channel.look, sent)
        while not bench.control.held() and not waiting.done():
            pass
        try:
            channel.look(sent)
        except Later:
            pytest.fail("a request of one thread broke another's")
        finally:
            bench.control.clear_faults()
        assert waiting.result().exists


def test_what_is_removed_is_seen_gone(bench: Any, channel: Destination, sent: Receipt) -> None:
    channel.remove(sent)
    assert channel.look(sent).exists is False
    assert bench.only()["deleted"] is not None


def test_removing_twice_is_success(bench: Any, channel: Destination, sent: Receipt) -> None:
    channel.remove(sent)
    channel.remove(sent)
    channel.remove(NOWHERE)
    assert bench.only()["deleted"] is not None


def test_an_empty_reply_does_not_count_as_gone(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.control.fault("youtube.videos.list", "empty200")
    with pytest.raises(Later):
        channel.look(sent)


def test_a_removal_whose_reply_is_lost_may_be_repeated(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.control.fault("youtube.videos.delete", "closed", when="after")
    with pytest.raises(Later):
        channel.remove(sent)
    channel.remove(sent)
    assert channel.look(sent).exists is False


def test_withdrawals_spend_from_their_reserve(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.ledger.spent.clear()
    withdrawal = channel.as_withdrawal()
    withdrawal.conceal(sent)
    withdrawal.remove(sent)
    withdrawal.look(sent)
    assert {purpose for _, _, purpose in bench.ledger.spent} == {Purpose.WITHDRAW}


def test_a_request_without_quota_is_not_made(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.ledger.empty.add("units")
    with pytest.raises(Later):
        channel.remove(sent)
    assert bench.control.count("youtube.videos.delete") == 0


def test_an_emptied_pool_stops_the_account(bench: Any, channel: Destination, sent: Receipt) -> None:
    bench.control.fault("youtube.videos.delete", "quotaExceeded")
    with pytest.raises(Later) as refusal:
        channel.remove(sent)
    assert refusal.value.stop is Stop.ACCOUNT
    assert [bucket for bucket, _ in bench.ledger.told] == ["units"]


# -- amend -------------------------------------------------------------------------------------------


def test_an_amendment_changes_the_words_and_nothing_else(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage
) -> None:
    channel.reveal(sent, make_parcel(), channel.look(sent))
    channel.amend(sent, footage(title="Identified: thank you", description="", tags=()))
    video = channel.look(sent)
    assert (video.title, video.description) == ("Identified: thank you", "")
    assert (video.visibility, video.mark) == (Visibility.PUBLIC, footage().mark)
    assert bench.only()["sha256"] == footage().sha256


def test_an_amendment_over_the_limit_is_refused_before_a_request(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage
) -> None:
    with pytest.raises(Refused, match="title"):
        channel.amend(sent, footage(title="x" * 101))
    assert bench.control.count("youtube.videos.update") == 0


def test_amending_what_is_not_found_is_asked_again(channel: Destination, footage: Footage) -> None:
    with pytest.raises(Later, match="no longer"):
        channel.amend(NOWHERE, footage())


# -- metadata ----------------------------------------------------------------------------------------


def test_the_approved_poster_frame_becomes_the_thumbnail(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, poster: Path
) -> None:
    channel.apply_metadata(sent, footage(thumbnail=poster), channel.look(sent))
    assert bench.only()["thumbnail_sha256"] == hashlib.sha256(poster.read_bytes()).hexdigest()


def test_dressing_waits_until_the_footage_is_processed(
    bench: Any, channel: Destination, journal: Any, footage: Footage, poster: Path
) -> None:
    bench.control.settings(processing_seconds=100.0)
    receipt = channel.send(footage(), journal)
    with pytest.raises(Later, match="processing"):
        channel.apply_metadata(receipt, footage(thumbnail=poster), channel.look(receipt))
    bench.control.advance(101)
    channel.apply_metadata(receipt, footage(thumbnail=poster), channel.look(receipt))
    assert bench.only()["thumbnail_sha256"]


def test_footage_that_youtube_cannot_process_is_refused_in_words(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.fault("youtube.chunk", "processing_failed", match=None)
    receipt = channel.send(footage(1000), journal)
    bench.control.advance(1000)
    with pytest.raises(Refused, match="YouTube"):
        channel.apply_metadata(receipt, footage(), channel.look(receipt))
    assert channel.look(receipt).processing is Processing.FAILED


def test_a_channel_that_is_not_verified_is_told_what_to_do(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, poster: Path
) -> None:
    bench.control.settings(channel_verified=False)
    with pytest.raises(Refused, match="verif"):
        channel.apply_metadata(sent, footage(thumbnail=poster), channel.look(sent))


def test_an_empty_poster_frame_is_refused_before_a_request(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    with pytest.raises(Refused, match="poster frame"):
        channel.apply_metadata(sent, footage(thumbnail=empty), channel.look(sent))
    assert bench.control.count("youtube.thumbnails.set") == 0


def test_captions_are_added_once(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, captions: Path
) -> None:
    parcel = footage(captions=(("en-GB", captions),))
    channel.apply_metadata(sent, parcel, channel.look(sent))
    channel.apply_metadata(sent, parcel, channel.look(sent))
    assert bench.control.count("youtube.captions.insert") == 1


@pytest.mark.parametrize("kind", ["closed", "503"])
def test_captions_whose_reply_is_lost_are_not_added_twice(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, captions: Path, kind: str
) -> None:
    parcel = footage(captions=(("en-GB", captions),))
    bench.control.fault("youtube.captions.insert", kind, when="after")
    with pytest.raises(Later):
        channel.apply_metadata(sent, parcel, channel.look(sent))
    channel.apply_metadata(sent, parcel, channel.look(sent))
    assert bench.control.count("youtube.captions.insert") == 1


def test_captions_cost_what_youtube_charges(
    bench: Any, channel: Destination, sent: Receipt, footage: Footage, captions: Path
) -> None:
    channel.apply_metadata(sent, footage(captions=(("en-GB", captions),)), channel.look(sent))
    assert bench.ledger.units() == 1 + 50 + 400


def test_dressing_what_is_not_found_is_asked_again(channel: Destination, footage: Footage) -> None:
    with pytest.raises(Later, match="no longer"):
        channel.apply_metadata(NOWHERE, footage(), channel.look(NOWHERE))


# -- playlists ---------------------------------------------------------------------------------------


def entries(bench: Any, playlist_id: str) -> list[str]:
    (album,) = [album for album in bench.control.albums() if album["id"] == playlist_id]
    return [thing for _, thing in album["members"]]


def test_a_playlist_is_made_once_and_known_again_by_its_mark(bench: Any, channel: Destination, sent: Receipt) -> None:
    first = channel.file_under(sent, ALBUM)
    assert bench.channel().file_under(sent, ALBUM) == first
    assert bench.control.count("youtube.playlists.insert") == 1
    assert entries(bench, first) == [sent.remote_id]


def test_a_playlist_of_the_same_name_is_not_ours(bench: Any, channel: Destination, sent: Receipt) -> None:
    theirs = channel.file_under(sent, AlbumKey("x", ALBUM.title, "By hand", "cd" * 16))
    assert channel.file_under(sent, ALBUM) != theirs


@pytest.mark.parametrize("operation", ["youtube.playlists.insert", "youtube.playlistItems.insert"])
@pytest.mark.parametrize("kind", ["closed", "reset", "503", "empty200"])
def test_filing_whose_reply_is_lost_leaves_exactly_one_entry(
    bench: Any, channel: Destination, sent: Receipt, operation: str, kind: str
) -> None:
    bench.control.fault(operation, kind, when="after")
    with pytest.raises(Later):
        channel.file_under(sent, ALBUM)
    playlist_id = channel.file_under(sent, ALBUM)
    assert bench.control.count(operation) == 1
    assert entries(bench, playlist_id) == [sent.remote_id]


def test_a_video_not_yet_known_everywhere_is_filed_later(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    bench.control.settings(new_video_delay=60.0)
    receipt = channel.send(footage(), journal)
    with pytest.raises(Later):
        channel.file_under(receipt, ALBUM)
    bench.control.advance(61)
    assert entries(bench, channel.file_under(receipt, ALBUM)) == [receipt.remote_id]


def test_what_a_person_set_of_a_playlist_stays_when_it_is_described_anew(
    bench: Any, channel: Destination, sent: Receipt
) -> None:
    """An update that leaves a field out deletes it (discovery document, playlists.update)."""
    playlist_id = channel.file_under(sent, ALBUM)
    bench.control.edit_album("youtube", playlist_id, language="cy")
    assert channel.describe_album(playlist_id, replace(ALBUM, description="Anew."))
    (album,) = bench.control.albums()
    assert (album["language"], album["visibility"]) == ("cy", "public")
    assert album["description"].startswith("Anew.")


def test_a_playlist_is_described_for_51_units_and_looked_at_for_one(
    bench: Any, channel: Destination, sent: Receipt
) -> None:
    playlist_id = channel.file_under(sent, ALBUM)
    for expected in (51, 1):
        before = bench.ledger.units()
        channel.describe_album(playlist_id, replace(ALBUM, description="Anew."))
        assert bench.ledger.units() - before == expected


# -- the limits --------------------------------------------------------------------------------------


def test_the_limits_are_youtubes(bench: Any) -> None:
    limits = bench.channel(uploads_per_day=6).limits()
    assert limits.media_types == ("video/mp4",)
    assert (limits.title_chars, limits.description_bytes, limits.forbidden_in_text) == (100, 5000, "<>")
    assert limits.conceals
    assert limits.needs_comment_attestation
    assert [bucket.units for bucket in limits.buckets] == [6, 10_000]


def test_only_a_verified_channel_takes_more_than_fifteen_minutes(bench: Any) -> None:
    assert bench.channel().limits().max_seconds == 900
    assert bench.channel(long_uploads=True).limits().max_seconds == 43_200

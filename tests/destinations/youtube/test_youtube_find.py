"""Finding copies: by the session first, then by the Mark in the channel's own listing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publisher.destinations.base import Absent, Destination, Parcel, Partial, Present, Purpose, Window
from publisher.destinations.errors import Later, Stop, Unsure
from publisher.destinations.youtube.session import LOST, RESTORED, SESSION
from publisher.destinations.youtube.uploads import Uploads

CHUNK = 256 * 1024
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Footage = Callable[..., Parcel]


def ids(found: object) -> list[str]:
    assert isinstance(found, Present)
    return [receipt.remote_id for receipt in found.receipts]


def test_without_a_session_nothing_was_ever_sent(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    assert channel.find(footage(), journal, SINCE) == Absent(authoritative=True)
    assert bench.ledger.spent == []


def test_an_unfinished_session_says_how_much_it_holds(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    parcel = footage()
    bench.control.fault("youtube.chunk", "503", when="after")
    with pytest.raises(Unsure):
        channel.send(parcel, journal)
    assert channel.find(parcel, journal, SINCE) == Partial(CHUNK)


def test_a_finished_session_names_its_video_without_a_listing(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    receipt = channel.send(footage(), journal)
    assert ids(channel.find(footage(), journal, SINCE)) == [receipt.remote_id]
    assert bench.control.count("youtube.playlistItems.list") == 0


def test_a_dead_session_sends_us_to_the_channel(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    receipt = channel.send(footage(), journal)
    bench.control.fault("youtube.query", "session404")
    assert ids(channel.find(footage(), journal, SINCE)) == [receipt.remote_id]
    assert (journal.get(SESSION), journal.get(LOST)) == (None, "1")


def test_one_listing_without_the_mark_proves_nothing(channel: Destination, journal: Any, footage: Footage) -> None:
    journal.save(LOST, "1")
    assert channel.find(footage(), journal, SINCE) == Absent(authoritative=False)


def test_after_a_restore_an_empty_journal_proves_nothing(channel: Destination, journal: Any, footage: Footage) -> None:
    channel.send(footage(), journal)
    journal.kept.clear()
    journal.save(RESTORED, "1")
    assert len(ids(channel.find(footage(), journal, SINCE))) == 1


def test_every_copy_is_found_oldest_first(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    first = channel.send(footage(), journal)
    bench.control.advance(60)
    journal.kept.clear()
    second = channel.send(footage(), journal)
    journal.kept.clear()
    journal.save(LOST, "1")
    assert ids(channel.find(footage(), journal, SINCE)) == [first.remote_id, second.remote_id]


def test_anothers_mark_is_not_ours(channel: Destination, journal: Any, footage: Footage) -> None:
    channel.send(footage(mark="f" * 32), journal)
    journal.kept.clear()
    journal.save(LOST, "1")
    assert channel.find(footage(), journal, SINCE) == Absent(authoritative=False)


def test_a_copy_behind_a_hundred_others_is_found(
    bench: Any, channel: Destination, journal: Any, footage: Footage
) -> None:
    receipt = channel.send(footage(), journal)
    bench.control.advance(60)
    bench.control.plant("youtube", count=120, title="Inherited")
    journal.kept.clear()
    journal.save(LOST, "1")
    assert ids(channel.find(footage(), journal, SINCE)) == [receipt.remote_id]


def test_the_search_ends_with_what_is_too_old(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    bench.control.plant("youtube", count=120, title="Inherited")
    journal.save(LOST, "1")
    channel.find(footage(), journal, datetime.now(UTC) + timedelta(days=3))
    assert bench.control.count("youtube.playlistItems.list") == 1


@pytest.mark.parametrize("operation", ["youtube.channels.list", "youtube.playlistItems.list", "youtube.videos.list"])
@pytest.mark.parametrize("kind", ["500", "closed", "html200", "empty200", "302", "429html"])
def test_a_listing_that_fails_counts_for_nothing(
    bench: Any, channel: Destination, journal: Any, footage: Footage, operation: str, kind: str
) -> None:
    channel.send(footage(), journal)
    journal.kept.clear()
    journal.save(LOST, "1")
    bench.control.fault(operation, kind, times=2)
    with pytest.raises(Later):
        channel.find(footage(), journal, SINCE)
    assert bench.control.met()


@pytest.mark.parametrize("kind", ["500", "closed", "retry_after", "429html", "empty200"])
def test_a_session_that_does_not_answer_is_asked_again_later(
    bench: Any, channel: Destination, journal: Any, footage: Footage, kind: str
) -> None:
    channel.send(footage(), journal)
    bench.control.fault("youtube.query", kind)
    with pytest.raises(Later) as wait:
        channel.find(footage(), journal, SINCE)
    assert journal.get(SESSION) is not None
    assert (wait.value.retry_at is not None) == (kind == "retry_after")


def test_a_reply_that_drips_for_ever_is_cut(bench: Any, journal: Any, footage: Footage) -> None:
    journal.save(LOST, "1")
    bench.control.fault("youtube.channels.list", "drip", seconds=0.2, count=500)
    with pytest.raises(Later):
        bench.channel(patience=0.4).find(footage(), journal, SINCE)


def test_another_persons_channel_is_not_ours(bench: Any, journal: Any, footage: Footage) -> None:
    bench.token["channel_id"] = "UCsomebodyElse"
    journal.save(LOST, "1")
    with pytest.raises(Later, match="connect youtube") as refusal:
        bench.channel().find(footage(), journal, SINCE)
    assert refusal.value.stop is Stop.AUTH


# -- the whole account -----------------------------------------------------------------------------


def always() -> Window:
    return Window(SINCE, datetime.now(UTC) + timedelta(days=1))


def test_a_listing_names_everything_once(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    bench.control.plant("youtube", count=55, title="Inherited")
    receipt = channel.send(footage(), journal)
    listed = list(channel.listing(always()))
    assert len(listed) == 56
    assert len({video.remote_id for video in listed}) == 56
    ours = [video for video in listed if video.mark is not None]
    assert [video.remote_id for video in ours] == [receipt.remote_id]


class Repeating:
    """A channel whose playlist names the last video of a page again on the next."""

    channel_id = None

    def call(self, operation: str, purpose: Purpose, **asked: Any) -> dict[str, Any]:
        if operation == "channels.list":
            return {"items": [{"id": "UC1", "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}]}
        if operation == "videos.list":
            return {"items": [{"id": one, "snippet": {"publishedAt": TIME}} for one in asked["id"].split(",")]}
        first = "pageToken" not in asked
        entries = [
            {"snippet": {"publishedAt": TIME, "resourceId": {"videoId": one}}} for one in ("ab" if first else "bc")
        ]
        return {"items": entries, **({"nextPageToken": "2"} if first else {})}


TIME = "2026-11-23T08:00:00Z"


def test_an_id_named_on_two_pages_is_one_video() -> None:
    uploads = Uploads(Repeating(), "{id}", lambda: datetime.now(UTC), Purpose.LOOK)
    assert [video.remote_id for video in uploads.within(always())] == ["a", "b", "c"]


def test_a_listing_keeps_to_its_window(channel: Destination, journal: Any, footage: Footage) -> None:
    channel.send(footage(), journal)
    before = Window(SINCE, datetime.now(UTC) - timedelta(hours=1))
    assert list(channel.listing(before)) == []


def test_a_listing_is_complete_or_an_error(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    bench.control.plant("youtube", count=55, title="Inherited")
    bench.control.fault("youtube.videos.list", "503", match="")
    with pytest.raises(Later):
        channel.listing(always())


def test_looking_costs_one_unit_for_each_page(bench: Any, channel: Destination, journal: Any, footage: Footage) -> None:
    bench.control.plant("youtube", count=55, title="Inherited")
    list(channel.listing(always()))
    # channels.list, two pages of the playlist, two of the videos
    assert bench.ledger.units() == 5

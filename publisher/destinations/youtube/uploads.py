"""The channel's uploads playlist: everything ever sent to it, private videos included, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from publisher.destinations.base import Purpose, Receipt, Seen, Window
from publisher.destinations.errors import Later, Stop
from publisher.destinations.youtube.seen import PARTS, instant, seen

PAGE = 50  # the most that playlistItems.list and videos.list take at a time

# The listing's times and ours come from different clocks, and nothing promises a strict order.
_MARGIN = timedelta(days=1)
# A video so new may be in the playlist and not yet among the videos: not a deleted one.
_SETTLING = timedelta(hours=1)


class Lists(Protocol):
    """The two things needed of the wire."""

    @property
    def channel_id(self) -> str | None:
        """The channel that was consented to; None where the token does not say."""
        ...

    def call(self, operation: str, purpose: Purpose, **arguments: Any) -> dict[str, Any]:
        """Make one API request and return its answer."""
        ...


class Uploads:
    """Reads the uploads playlist. Every method answers completely or raises Later."""

    def __init__(self, wire: Lists, watch_url: str, now: Callable[[], datetime], purpose: Purpose) -> None:
        self._wire = wire
        self._watch_url = watch_url
        self._now = now
        self._purpose = purpose
        self._playlist_id: str | None = None
        self._unread = 0  # entries of the last listing that named no video

    def with_mark(self, mark: str, since: datetime) -> dict[str, Receipt]:
        """Returns every copy that carries `mark` and was uploaded at or after `since`, oldest first, by video id.

        Raises Later where the listing is not complete.
        """
        self._unread = 0
        found = [video for video in self._videos(since) if video.mark == mark]
        if self._unread and not found:
            raise Later("YouTube's listing holds an entry that cannot be read: what is looked for may be that one.")
        return {video.remote_id: Receipt(video.remote_id, video.url, video.media_urls) for video in reversed(found)}

    def within(self, window: Window) -> list[Seen]:
        """Returns everything uploaded within `window`, newest first. Raises Later where the listing is not complete."""
        return [
            video
            for video in self._videos(window.since)
            if video.uploaded_at is not None and window.since <= video.uploaded_at < window.until
        ]

    def _videos(self, since: datetime) -> list[Seen]:
        added = self._added(since)
        times = dict(added)
        # The playlist may repeat an id on its next page (daiki-beppu/youtube-automation#4745).
        ids = list(dict.fromkeys(video_id for video_id, _ in added))
        return [video for some in _fifties(ids) for video in self._resources(some, times)]

    def _added(self, since: datetime) -> list[tuple[str, datetime | None]]:
        """Video ids with the time each was added, newest first, as the playlist names them.

        Ends with the first page wholly older than `since`.
        """
        added: list[tuple[str, datetime | None]] = []
        for page in pages(self._list, playlistId=self._playlist(), part="snippet"):
            found = [entry for item in page if (entry := _entry(item)) is not None]
            self._unread += len(page) - len(found)
            added += found
            if found and all(time is not None and time < since - _MARGIN for _, time in found):
                break
        return added

    def _list(self, **arguments: Any) -> dict[str, Any]:
        return self._wire.call("playlistItems.list", self._purpose, **arguments)

    def _resources(self, ids: Sequence[str], added: dict[str, datetime | None]) -> list[Seen]:
        """The videos for up to 50 ids, in their order."""
        answer = self._wire.call("videos.list", self._purpose, id=",".join(ids), part=PARTS)
        videos = {item["id"]: seen(item, self._watch_url) for item in items_of(answer)}
        for missing in (video_id for video_id in ids if video_id not in videos):
            time = added[missing]
            if time is None or time > self._now() - _SETTLING:
                raise Later("YouTube's listing names a video that it does not show yet.")
        return [videos[video_id] for video_id in ids if video_id in videos]

    def _playlist(self) -> str:
        """The id of the uploads playlist, asked for once."""
        if self._playlist_id is None:
            self._playlist_id = str(self.channel()["contentDetails"]["relatedPlaylists"]["uploads"])
        return self._playlist_id

    def channel(self) -> dict[str, Any]:
        """Requests the channel resource anew. Raises Later where the consent belongs to another channel."""
        answer = self._wire.call("channels.list", self._purpose, mine=True, part="id,contentDetails")
        channels = items_of(answer)
        if not channels or self._wire.channel_id not in (None, channels[0]["id"]):
            raise Later(
                "The connected Google account is not this channel's; run `publisher connect youtube`.",
                stop=Stop.AUTH,
            )
        return channels[0]


def pages(ask: Callable[..., dict[str, Any]], **arguments: Any) -> Iterator[list[dict[str, Any]]]:
    """Yields the items of every page that `ask(**arguments)` has, page by page. Raises Later."""
    met: set[str] = set()
    while True:
        answer = ask(maxResults=PAGE, **arguments)
        yield items_of(answer)
        token = answer.get("nextPageToken")
        if token is None:
            return
        if token in met:
            raise Later("YouTube's listing turns in a circle.")
        met.add(token)
        arguments["pageToken"] = token


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the items of a list reply.

    An empty reply proves no absence: raises Later, unless its own count is zero.
    """
    items = answer.get("items")
    if items is None and answer.get("pageInfo", {}).get("totalResults") == 0:
        return []
    if not isinstance(items, list):
        raise Later("YouTube answered with a listing that cannot be read.")
    return items


def _entry(item: dict[str, Any]) -> tuple[str, datetime | None] | None:
    """One entry's video and when it was added; None where it names none: no reason to hide the others."""
    snippet = item.get("snippet", {})
    video = snippet.get("resourceId", {}).get("videoId")
    return (str(video), instant(snippet.get("publishedAt"))) if video else None


def _fifties(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]

"""What is done at YouTube, and in which order: the destination itself, without the client library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from publisher.destinations.base import (
    Absent,
    AlbumKey,
    Destination,
    Journal,
    Limits,
    Parcel,
    Partial,
    Present,
    Processing,
    Purpose,
    Receipt,
    Seen,
    Visibility,
    Window,
)
from publisher.destinations.errors import Later, NotSent, Refused, Unsure
from publisher.destinations.youtube.seen import PARTS, receipt_of, seen
from publisher.destinations.youtube.session import (
    LOST,
    RESTORED,
    SESSION,
    Finished,
    Gone,
    Stored,
    check_body,
    forget,
)
from publisher.destinations.youtube.settings import Settings
from publisher.destinations.youtube.texts import (
    CAPTION_NAME,
    DESCRIPTION_BYTES,
    FORBIDDEN,
    MARK_PREFIX,
    MARK_TAG_CHARS,
    TAGS_CHARS,
    TITLE_CHARS,
    caption_body,
    changed_playlist,
    changed_snippet,
    changed_status,
    check_texts,
    playlist_body,
    playlist_item_body,
)
from publisher.destinations.youtube.uploads import Uploads, items_of, pages

MAX_BYTES = 274_877_906_944  # maxSize of videos.insert in the discovery document: 256 GiB
MAX_THUMBNAIL_BYTES = 52_428_800  # maxSize of thumbnails.set
MAX_CAPTION_BYTES = 104_857_600  # maxSize of captions.insert
_GONE = "The video is no longer at YouTube."


class Calls(Protocol):
    """What the destination needs of the wire; youtube.Wire explains each."""

    @property
    def channel_id(self) -> str | None:
        """The channel that was consented to; None where the token does not say."""
        ...

    def call(
        self,
        operation: str,
        purpose: Purpose,
        *,
        file: tuple[bytes, str] | None = None,
        settled: tuple[str | int, ...] = (),
        **arguments: Any,
    ) -> dict[str, Any]:
        """Make one API request and return its answer."""
        ...

    def ask(self, uri: str, size: int, purpose: Purpose) -> Stored | Finished | Gone:
        """Returns how far the upload session at `uri` got."""
        ...

    def upload(self, parcel: Parcel, journal: Journal, resume: tuple[str, int] | None) -> dict[str, Any]:
        """Upload the file, or the rest of it from `resume`; returns the video resource."""
        ...


def limits_of(settings: Settings, channel_id: str = "") -> Limits:
    """Returns YouTube's limits; `tags_chars` is what remains of 500 beside the Mark and its comma."""
    return Limits(
        media_types=("video/mp4",),
        max_bytes={"video/mp4": MAX_BYTES},
        title_chars=TITLE_CHARS,
        description_bytes=DESCRIPTION_BYTES,
        tags_chars=TAGS_CHARS - MARK_TAG_CHARS - 1,
        forbidden_in_text=FORBIDDEN,
        own_tags=(MARK_PREFIX,),
        # No field of a video closes its comments: only the channel's default does.
        needs_comment_attestation=True,
        buckets=settings.buckets,
        # Longer than 15 minutes needs a verified channel; longer than 12 hours nobody may.
        max_seconds=12 * 3600 if settings.long_uploads else 15 * 60,
        account=f"youtube:{channel_id}" if channel_id else "",
    )


class YouTube:
    """One YouTube channel. Uploads are private until `reveal`; every change reads before it writes."""

    def __init__(
        self,
        name: str,
        wire: Calls,
        settings: Settings,
        now: Callable[[], datetime],
        withdrawing: bool = False,
    ) -> None:
        self.name = name
        self._wire = wire
        self._settings = settings
        self._now = now
        self._withdrawing = withdrawing
        self._uploads = Uploads(wire, settings.watch_url, now, self._purpose(Purpose.LOOK))

    def limits(self) -> Limits:
        """Returns the limits under this account's settings, with its channel's id."""
        return limits_of(self._settings, self._wire.channel_id or "")

    def whoami(self) -> str:
        """Returns the channel's id; costs one request of one unit."""
        return str(self._uploads.channel()["id"])

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        """Upload the video as private, in a new session or on from the one in the Journal."""
        check_texts(parcel)
        self._check_file(parcel)
        uri = journal.get(SESSION)
        self._check_body(parcel, fresh=uri is None)
        resume = None
        if uri is not None:
            answer = self._ask_before_resuming(uri, parcel, journal)
            if isinstance(answer, Finished):
                return self._receipt(answer.video)
            resume = (uri, answer.bytes)
        return self._receipt(self._wire.upload(parcel, journal, resume))

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        """Ask the upload session first, which is the strongest evidence, then the channel's own listing.

        No session means that no byte ever left, unless an earlier session ended or the Journal comes from a backup:
        then a listing decides, and one listing proves no absence. search.list is never used: its index lags by hours.
        """
        doubtful = any(journal.get(key) for key in (LOST, RESTORED))
        uri = journal.get(SESSION)
        answer = self._wire.ask(uri, parcel.size, self._purpose(Purpose.LOOK)) if uri else None
        if isinstance(answer, Gone):
            forget(journal)
            doubtful = True
        if not doubtful:
            return self._evidence(answer)
        copies = self._uploads.with_mark(parcel.mark, since)
        if isinstance(answer, Finished):
            copies.setdefault(answer.video["id"], self._receipt(answer.video))
        if copies:
            return Present(tuple(copies.values()))
        return Partial(answer.bytes) if isinstance(answer, Stored) else Absent(authoritative=False)

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Set the approved poster frame and add missing captions, once YouTube has processed the file."""
        if not seen.exists:
            raise Later(_GONE, answered=True)
        if seen.processing is Processing.FAILED:
            raise Refused(seen.message)
        if seen.processing is Processing.PENDING:
            raise Later("YouTube is still processing the footage.")
        if parcel.thumbnail is not None:
            self._set_thumbnail(receipt, parcel.thumbnail)
        if parcel.captions:
            self._add_captions(receipt, parcel)

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Make the video public or unlisted. `look` says whether YouTube did so.

        The status is read anew all the same: what is not sent of it YouTube deletes, and `seen` does not hold it all.
        """
        status = self._part(receipt, "status")
        if status is None:
            raise Later(_GONE, answered=True)
        if status.get("privacyStatus") != parcel.visibility:
            self._write(receipt, "status", changed_status(status, parcel.visibility))

    def look(self, receipt: Receipt) -> Seen:
        """Returns what YouTube reports now; an empty list is YouTube's answer for a video that does not exist."""
        items = self._items("videos.list", Purpose.LOOK, id=receipt.remote_id, part=PARTS)
        if not items:
            return Seen(receipt.remote_id, exists=False)
        return seen(items[0], self._settings.watch_url, self._wire.channel_id)

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        """Replace title, description and tags; category and language stay as read."""
        check_texts(parcel)
        snippet = self._part(receipt, "snippet")
        if snippet is None:
            raise Later(_GONE, answered=True)
        self._write(receipt, "snippet", changed_snippet(snippet, parcel))

    def conceal(self, receipt: Receipt) -> None:
        """Make the video private, and cancel a publication that somebody scheduled by hand."""
        status = self._part(receipt, "status")
        if status is None:
            return
        if status.get("privacyStatus") != Visibility.PRIVATE or "publishAt" in status:
            changed = changed_status(status, Visibility.PRIVATE)
            self._write(receipt, "status", changed, settled=(404,))

    def remove(self, receipt: Receipt) -> None:
        """Delete the video; one that is already gone counts as success."""
        self._call("videos.delete", settled=(404,), id=receipt.remote_id)

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        """List the playlist before each insert: YouTube accepts a second playlist of one title and a second entry."""
        playlist_id, there = known, self._entries(receipt, known) if known else None
        if there is None:
            playlist_id = self._playlist(album)
            there = self._entries(receipt, playlist_id, settled=())
        if not there:
            body = playlist_item_body(playlist_id, receipt.remote_id)
            self._call("playlistItems.insert", part="snippet", body=body)
        return playlist_id

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        """Read before writing: YouTube deletes each part of a snippet that is not sent (playlists.update reference)."""
        found = self._items("playlists.list", Purpose.PUBLISH, id=remote_id, part="snippet", maxResults=1)
        if not found:
            return False
        snippet = dict(found[0]["snippet"])
        changed = changed_playlist(snippet, album)
        if all(snippet.get(name) == value for name, value in changed.items()):
            return True  # 50 units saved
        body = {"id": remote_id, "snippet": changed}
        return bool(self._call("playlists.update", settled=(404,), part="snippet", body=body))

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        """Delete its entries: a playlist goes on showing “Deleted video” for one that is gone (invidious#552)."""
        for playlist in albums:
            for entry in self._entries(receipt, playlist) or ():
                self._call("playlistItems.delete", settled=(404,), id=entry)

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        """Returns the addresses of the thumbnails that `look` reads; none where the video is gone."""
        return self.look(receipt).media_urls

    def still_served(self, url: str) -> bool:
        """Ask the address itself; see `served.MediaHosts.still_served`."""
        return self._settings.media.still_served(url)

    def by_hand(self, receipt: Receipt) -> str:
        """Returns the steps by which a person deletes the video in YouTube Studio."""
        return (
            "Sign in to YouTube Studio as this channel and open Content. Find the video "
            f"{receipt.remote_id}, choose “Delete forever” from its menu and confirm. Open "
            f"{self._settings.watch_url.format(id=receipt.remote_id)} without being signed in: it must say that the "
            "video is not available."
        )

    def listing(self, window: Window) -> Iterator[Seen]:
        """Reads the whole listing before it yields the first video: complete, or an error."""
        return iter(self._uploads.within(window))

    def as_withdrawal(self) -> Destination:
        """Returns this channel with every request counted as a withdrawal."""
        return YouTube(self.name, self._wire, self._settings, self._now, withdrawing=True)

    # -- sending ------------------------------------------------------------------------------------

    def _check_file(self, parcel: Parcel) -> None:
        if parcel.media_type != "video/mp4":
            raise Refused(f"YouTube takes footage as video/mp4 here, not {parcel.media_type}.")
        if parcel.size > MAX_BYTES:
            raise Refused("The footage is larger than the 256 GiB YouTube takes.")

    def _check_body(self, parcel: Parcel, fresh: bool) -> None:
        message = "The approved file cannot be read from the store at the moment."
        try:
            check_body(parcel)
        except OSError as error:
            raise (NotSent(message) if fresh else Unsure(message)) from error

    def _ask_before_resuming(self, uri: str, parcel: Parcel, journal: Journal) -> Stored | Finished:
        """Where the saved session stands. Raises Unsure where it cannot be carried on."""
        try:
            answer = self._wire.ask(uri, parcel.size, Purpose.PUBLISH)
        except Later as error:
            raise Unsure(error.message) from error
        if isinstance(answer, Gone):
            # Not a new session at once: this one may have been completed before it went.
            forget(journal)
            raise Unsure("The upload session has ended at YouTube; the channel must be looked through.")
        if isinstance(answer, Stored) and answer.bytes >= parcel.size:
            raise Unsure("YouTube holds the whole file and has not made a video of it yet.")
        return answer

    def _evidence(self, answer: Stored | Finished | Gone | None) -> Present | Partial | Absent:
        """What the session alone proves; None: there never was one."""
        if isinstance(answer, Finished):
            return Present((self._receipt(answer.video),))
        if isinstance(answer, Stored):
            return Partial(answer.bytes)
        return Absent(authoritative=True)

    def _receipt(self, video: dict[str, Any]) -> Receipt:
        return receipt_of(video, self._settings.watch_url)

    def _entries(self, receipt: Receipt, playlist: str, settled: tuple[str | int, ...] = (404,)) -> list[str] | None:
        """The ids under which the playlist holds the video; None where there is no such playlist any more."""
        answer = self._wire.call(
            "playlistItems.list", self._purpose(Purpose.PUBLISH), settled=settled,
            playlistId=playlist, videoId=receipt.remote_id, part="id", maxResults=50,
        )  # fmt: skip
        return [str(item["id"]) for item in items_of(answer)] if answer else None

    # -- dressing and filing --------------------------------------------------------------------------

    def _set_thumbnail(self, receipt: Receipt, path: Path) -> None:
        image = _read(path, MAX_THUMBNAIL_BYTES, "poster frame")
        self._call("thumbnails.set", videoId=receipt.remote_id, file=(image, "image/jpeg"))

    def _add_captions(self, receipt: Receipt, parcel: Parcel) -> None:
        tracks = self._items("captions.list", Purpose.PUBLISH, videoId=receipt.remote_id, part="snippet")
        there = {track["snippet"]["language"] for track in tracks if track["snippet"]["name"] == CAPTION_NAME}
        for language, path in parcel.captions:
            if language in there:
                continue
            self._call(
                "captions.insert",
                # 409: it came into being after our listing, so it is there.
                settled=("captionExists",),
                part="snippet",
                body=caption_body(receipt.remote_id, language),
                file=(_read(path, MAX_CAPTION_BYTES, "caption file"), "application/octet-stream"),
            )

    def _playlist(self, album: AlbumKey) -> str:
        """The id of our playlist, the oldest where there are several; made where there is none."""

        def ask(**arguments: Any) -> dict[str, Any]:
            return self._call("playlists.list", **arguments)

        ours = [
            (item["snippet"].get("publishedAt", ""), item["id"])
            for page in pages(ask, mine=True, part="snippet")
            for item in page
            if album.mark in item["snippet"].get("description", "")
        ]
        if ours:
            return str(min(ours)[1])
        made = self._call("playlists.insert", part="snippet,status", body=playlist_body(album))
        return str(made["id"])

    # -- requests -------------------------------------------------------------------------------------

    def _part(self, receipt: Receipt, part: str) -> dict[str, Any] | None:
        """One part of the video as it stands; None where there is no such video."""
        items = self._items("videos.list", Purpose.PUBLISH, id=receipt.remote_id, part=part)
        return dict(items[0][part]) if items else None

    def _write(self, receipt: Receipt, part: str, value: dict[str, Any], settled: tuple[str | int, ...] = ()) -> None:
        """Replace one part whole: what is not sent of it, YouTube deletes."""
        body = {"id": receipt.remote_id, part: value}
        self._call("videos.update", settled=settled, part=part, body=body)

    def _items(self, operation: str, purpose: Purpose, **arguments: Any) -> list[dict[str, Any]]:
        return items_of(self._wire.call(operation, self._purpose(purpose), **arguments))

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._wire.call(operation, self._purpose(Purpose.PUBLISH), **arguments)

    def _purpose(self, purpose: Purpose) -> Purpose:
        return Purpose.WITHDRAW if self._withdrawing else purpose


def _read(path: Path, limit: int, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Later(f"The approved {what} cannot be read from the store at the moment.") from error
    if not 0 < len(content) <= limit:
        raise Refused(f"The approved {what} has {len(content)} bytes; YouTube takes 1 to {limit}.")
    return content

"""A folder as a destination: for a force's own web gallery, for exercises and for tests.

    ROOT/public/<mark>/            what is public: the file, about.json, thumbnail and captions
    ROOT/.concealed/<mark>/        what is not; mode 0700, and no web server shows a dotted folder
    ROOT/.arriving/, .leaving/     half written or half deleted; never public
    ROOT/albums/<name>.json        {"title", "description", "mark", "items": [id, ...]}
    ROOT/.account                  a name of the gallery's own: another folder in its place is another account

A thing is one folder, and revealing it is one rename: nobody ever sees half of it. Its id is the Mark,
so sending twice arrives at the same place and leaves one copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.destinations.base import (
    GUARDED_KINDS,
    Absent,
    Account,
    AlbumKey,
    Destination,
    Journal,
    Limits,
    Parcel,
    Partial,
    Present,
    Receipt,
    Seen,
    Visibility,
    Window,
)
from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure, UploadInterrupted
from publisher.destinations.folder import files
from publisher.destinations.net import BadSetting

LARGEST = 8 * 1024**3  # bytes; the folder itself knows no limit, a mistake should meet one
UNWRITABLE = "The gallery's folder cannot be written to. Check its disk space and permissions."
ASK_AGAIN = timedelta(minutes=5)  # no consent is given to a folder, so nobody could set the account going again
GONE = "The gallery no longer has this item."


def build(account: Account) -> Destination:
    """Returns the destination for `account`. Raises BadSetting.

    options: path (absolute), base_url (optional: where ROOT/public is served).
    """
    path = Path(str(account.options.get("path", "")))
    if not path.is_absolute():
        raise BadSetting(f"{account.name}: `path` must be an absolute folder, not {str(path)!r}.")
    base_url = str(account.options.get("base_url", "") or (path / "public").as_uri()).rstrip("/")
    try:
        files.prepare(path)
    except OSError as error:
        raise BadSetting(f"{account.name}: the folder {path} cannot be used ({error.strerror}).") from error
    return Folder(account.name, path, base_url, account.now)


def limits(account: Account | None = None) -> Limits:  # no folder takes less than another
    """Returns what a folder takes: JPEG and MP4 of up to LARGEST bytes each."""
    return Limits(
        media_types=("image/jpeg", "video/mp4"),
        max_bytes={"image/jpeg": LARGEST, "video/mp4": LARGEST},
        alt_text_field=True,
        longest_server_time=0.0,
    )


@dataclass
class Folder:
    """One gallery below `root`; `base_url` is where `root/public` is served."""

    name: str
    root: Path
    base_url: str
    now: Callable[[], datetime]

    def limits(self) -> Limits:
        """Returns the limits of every folder, with this gallery's own name as the account."""
        return replace(limits(), account=files.account_of(self.root))

    def whoami(self) -> str:
        """Returns the gallery's own name once it can be read. Raises Later with Stop.ACCOUNT where it cannot."""
        with self._in_words():
            with os.scandir(self.root) as entries:
                next(entries, None)
            return self.limits().account.removeprefix("folder:")

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        """Write the item completely, then move it into the concealed folder. A second call changes nothing."""
        if parcel.size == 0:
            raise Refused("The file is empty.")
        if files.place_of(self.root, parcel.mark) is None:
            try:
                files.receive(self.root, parcel.mark, _about(parcel, self.now()), parcel)
            except files.NotAsApproved as error:
                raise Refused("The file in the store is not the one that was approved.") from error
            except OSError as error:
                raise NotSent(UNWRITABLE, self.now() + ASK_AGAIN, Stop.ACCOUNT) from error
            except UploadInterrupted:
                raise
            except Exception as error:
                raise Unsure("Writing to the gallery's folder broke off.") from error
        return self._receipt(parcel.mark)

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        """Look in the item's place. Either answer is certain: an item is there completely, or not at all."""
        if files.place_of(self.root, parcel.mark) is None:
            return Absent(authoritative=True)
        return Present((self._receipt(parcel.mark),))

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Copy thumbnail and captions beside the file; write licence and comments into about.json."""
        with self._in_words():
            place = self._place(receipt)
            if parcel.thumbnail is not None:
                files.copy(parcel.thumbnail, place / "thumbnail.jpg")
            for language, captions in parcel.captions:
                files.copy(captions, place / f"captions.{files.safe(language)}.vtt")
            files.amend(place, licence=parcel.licence, comments=_comments(parcel))

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Rename the item into the public folder.

        Raises Refused for Visibility.UNLISTED, which a folder does not have, and where the item is gone.
        """
        if parcel.visibility is Visibility.PRIVATE:
            return self.conceal(receipt)
        if parcel.visibility is not Visibility.PUBLIC:
            raise Refused("The gallery knows public and private items only, none that are unlisted.")
        with self._in_words():
            self._place(receipt)
            files.move(self.root, receipt.remote_id, public=True)
        return None

    def look(self, receipt: Receipt) -> Seen:
        """Read about.json and hash the file."""
        with self._in_words():
            place = files.place_of(self.root, receipt.remote_id)
            if place is None:
                return Seen(receipt.remote_id, exists=False)
            return self._seen(place)

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        """Write title, description, alternative text and tags into about.json."""
        with self._in_words():
            texts = {"title": parcel.title, "description": parcel.description, "alt_text": parcel.alt_text}
            files.amend(self._place(receipt), **texts, tags=list(parcel.tags))

    def conceal(self, receipt: Receipt) -> None:
        """Rename the item into the concealed folder."""
        with self._in_words():
            files.move(self.root, receipt.remote_id, public=False)

    def remove(self, receipt: Receipt) -> None:
        """Delete the item's folder and take the item out of every album."""
        with self._in_words():
            files.remove(self.root, receipt.remote_id)

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        """Add the item to the album's list; returns the album's name (32 hex digits)."""
        with self._in_words():
            self._place(receipt)
            return files.file_under(self.root, receipt.remote_id, album)

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        """Write the album's title and description; False where there is no such album."""
        with self._in_words():
            return files.describe_album(self.root, remote_id, album)

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        """Does nothing: `remove` takes the item out of every album's list, and no album has a cover."""

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        """Returns the one address of the item's file; none where the item is gone."""
        return self.look(receipt).media_urls

    def still_served(self, url: str) -> bool:
        """Whether the item is in the public folder. Certain: the web server serves that folder and no other."""
        with self._in_words():
            place = files.place_of(self.root, url.removeprefix(f"{self.base_url}/").partition("/")[0])
            return place is not None and files.is_public(place)

    def by_hand(self, receipt: Receipt) -> str:
        """Returns which folder a person deletes on the gallery's machine."""
        return f"Delete the folder {self.root / 'public' / receipt.remote_id} on the machine that serves the gallery."

    def listing(self, window: Window) -> Iterator[Seen]:
        """Reads every item first, then yields those uploaded within the window, newest first."""
        with self._in_words():
            everything = [self._seen(place) for place in files.places(self.root)]
        within = [one for one in everything if one.uploaded_at and window.since <= one.uploaded_at < window.until]
        yield from sorted(within, key=lambda one: (one.uploaded_at, one.remote_id), reverse=True)

    def as_withdrawal(self) -> Destination:
        """Returns itself: a folder has no quota to reserve."""
        return self

    def _place(self, receipt: Receipt) -> Path:
        place = files.place_of(self.root, receipt.remote_id)
        if place is None:
            raise Refused(GONE)
        return place

    def _receipt(self, mark: str) -> Receipt:
        place = files.place_of(self.root, mark)
        named = files.about(place)["filename"] if place else ""
        url = f"{self.base_url}/{mark}/"
        return Receipt(mark, url, (url + str(named),))

    def _seen(self, place: Path) -> Seen:
        stored = files.about(place)
        url = f"{self.base_url}/{place.name}/"
        return Seen(
            remote_id=place.name,
            exists=True,
            visibility=Visibility.PUBLIC if files.is_public(place) else Visibility.PRIVATE,
            title=str(stored["title"]),
            description=str(stored["description"]),
            alt_text=str(stored["alt_text"]) if "alt_text" in stored else None,
            tags=tuple(str(tag) for tag in stored["tags"]),
            mark=place.name,
            url=url,
            uploaded_at=datetime.fromisoformat(str(stored["uploaded_at"])),
            media_urls=(url + str(stored["filename"]),),
            sha256=files.sha256(place / str(stored["filename"])),
        )

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Later(UNWRITABLE, self.now() + ASK_AGAIN, Stop.ACCOUNT) from error


def _comments(parcel: Parcel) -> bool:
    return parcel.comments and parcel.kind not in GUARDED_KINDS


def _about(parcel: Parcel, now: datetime) -> dict[str, object]:
    """What about.json holds; a gallery's templates read it. Times are UTC, ISO 8601."""
    return {
        "filename": files.safe(parcel.filename),
        "media_type": parcel.media_type,
        "sha256": parcel.sha256,
        "kind": parcel.kind,
        "title": parcel.title,
        "description": parcel.description,
        "alt_text": parcel.alt_text,
        "tags": list(parcel.tags),
        "licence": parcel.licence,
        "comments": _comments(parcel),
        "uploaded_at": now.astimezone(UTC).isoformat(),
    }

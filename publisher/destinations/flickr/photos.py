"""The Flickr destination: the contract of `base`, spoken in Flickr's methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.destinations.base import (
    GUARDED_KINDS,
    Absent,
    AlbumKey,
    BucketRule,
    Budget,
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
from publisher.destinations.errors import Incomplete, Later, Refused, Stop
from publisher.destinations.flickr.albums import describe, file_under, unfile
from publisher.destinations.flickr.calls import CallFault, Calls
from publisher.destinations.flickr.errors import CONSENT, FULL, GONE, of_call
from publisher.destinations.flickr.listing import Cut, marked, uploaded
from publisher.destinations.flickr.replies import UNSAFE, BadReply, child, seen_in_info
from publisher.destinations.flickr.sending import send
from publisher.destinations.flickr.texts import MARK_TAG, tag_line
from publisher.destinations.flickr.wire import HttpFault
from publisher.destinations.served import MediaHosts

BUCKET = "calls"
CALLS_PER_POST = 5  # upload, getInfo, setPerms, getInfo, getSizes
BELOW = "below_limit"  # people.getUploadStatus as recorded
_NOBODY = {"is_public": "0", "is_friend": "0", "is_family": "0"}
_THROTTLED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account may do: requests for each clock hour, the reserve of them, and length of footage."""

    calls_per_hour: int = 3600  # per key, of all its users together (Flickr's API guide)
    reserve: int = 300
    max_seconds: int = 600  # footage: 10 min for Pro accounts (2018), the only ones that get a key


def limits_of(terms: Terms, nsid: str = "") -> Limits:
    """Returns Flickr's limits: sizes as people.getUploadStatus reports them (recorded).

    Flickr documents no length of texts.
    """
    return Limits(
        media_types=("image/jpeg", "video/mp4"),
        max_bytes={"image/jpeg": 209_715_200, "video/mp4": 1_073_741_824},
        # 75 were announced in 2007; past the limit Flickr drops all tags, and the Mark is one.
        tags_count=74,
        own_tags=(MARK_TAG,),
        conceals=True,
        buckets=(BucketRule(BUCKET, terms.calls_per_hour, "hour", reserve=terms.reserve, per_post=CALLS_PER_POST),),
        longest_server_time=120.0,
        max_seconds=terms.max_seconds,
        account=nsid and f"flickr:{nsid}",
    )


@dataclass
class Flickr:
    """One Flickr account. `photos_url` ends where a photo's id goes."""

    name: str
    calls: Calls
    budget: Budget
    now: Callable[[], datetime]
    photos_url: str
    hosts: MediaHosts
    nsid: str = ""  # whose account it is, as Flickr's consent says; empty: nobody said, so no owner is compared
    token: str = ""  # the public half of the consent: auth.oauth.checkToken asks for it
    terms: Terms = Terms()
    withdrawing: bool = False

    def limits(self) -> Limits:
        """Returns the limits under this account's Terms, with its nsid."""
        return limits_of(self.terms, self.nsid)

    def whoami(self) -> str:
        """Returns the account's nsid, as auth.oauth.checkToken names it.

        Raises Later, with its `stop`, where the consent covers less than "delete" (Stop.AUTH), or where
        people.getUploadStatus reports the account as full (Stop.ACCOUNT); a withdrawal ignores the second.
        """
        with self._in_words():
            calls = self._calls(Purpose.LOOK)
            granted = child(calls.call("auth.oauth.checkToken", oauth_token=self.token), "oauth")
            if (granted.findtext("perms") or "").strip() != "delete":
                raise Later(CONSENT, stop=Stop.AUTH, answered=True)
            status = child(calls.call("people.getUploadStatus"), "user").get("upload_limit_status", BELOW)
            if status != BELOW and not self.withdrawing:
                raise Later(FULL, stop=Stop.ACCOUNT, answered=True)
            return child(granted, "user").get("nsid", "")

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        """Upload the photo or video, visible to nobody else; see `sending.send`."""
        return send(self._calls(Purpose.PUBLISH), parcel, journal, self.photos_url, self.now(), self.nsid)

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        """Look through the whole account once. A miss is never authoritative: Flickr's lists lag behind uploads."""
        with self._in_words():
            calls = self._calls(Purpose.LOOK)
            copies = marked(calls, parcel.mark, since, self.now(), self.photos_url)
        if not copies:
            return Absent(authoritative=False)
        return Present(tuple(Receipt(copy.remote_id, copy.url) for copy in copies))

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Set licence and safety level where they differ. Raises Later while Flickr prepares footage."""
        _ready(seen)
        with self._in_words():
            calls = self._calls(Purpose.PUBLISH)
            licence = "0" if parcel.kind in GUARDED_KINDS else parcel.licence
            if seen.licence != licence:
                calls.call("photos.licenses.setLicense", photo_id=receipt.remote_id, license_id=licence)
            if UNSAFE in seen.faults:
                calls.call("photos.setSafetyLevel", photo_id=receipt.remote_id, safety_level="1")

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Make the photo public and set who may comment, in one photos.setPerms: it always sets both.

        Raises Refused for Visibility.UNLISTED, which Flickr does not have, and Later where `seen` says that Flickr
        prepares footage: photos.setPerms fails then (as Photini found).
        """
        if parcel.visibility is Visibility.PRIVATE:
            return self.conceal(receipt)
        if parcel.visibility is not Visibility.PUBLIC:
            raise Refused("Flickr knows public and private photos only, none that are unlisted.")
        remarks = "3" if parcel.comments and parcel.kind not in GUARDED_KINDS else "0"
        public = {**_NOBODY, "is_public": "1"}
        _ready(seen)
        with self._in_words():
            calls = self._calls(Purpose.PUBLISH)
            calls.call("photos.setPerms", photo_id=receipt.remote_id, **public, perm_comment=remarks, perm_addmeta="0")
        return None

    def look(self, receipt: Receipt) -> Seen:
        """Returns what photos.getInfo reports, its texts unescaped once only: compare them by `texts.normalise`.

        With the direct addresses, by photos.getSizes, where the receipt names none yet and Flickr has prepared it: they
        are known before it is revealed. A withdrawal asks `media` for them where it needs them.
        """
        with self._in_words():
            calls = self._calls(Purpose.LOOK)
            try:
                seen = seen_in_info(calls.call("photos.getInfo", photo_id=receipt.remote_id), self.nsid)
            except CallFault as fault:
                if fault.code != 1:
                    raise
                return Seen(receipt.remote_id, exists=False)
        if self.withdrawing or receipt.media_urls or seen.processing is not Processing.DONE:
            return seen
        return replace(seen, media_urls=self._media(calls, receipt))

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        """Replace title and description (photos.setMeta), then all tags, the Mark among them (photos.setTags)."""
        with self._in_words():
            calls = self._calls(Purpose.PUBLISH)
            number = receipt.remote_id
            calls.call("photos.setMeta", photo_id=number, title=parcel.title, description=parcel.description)
            # setTags replaces all of them, the Mark too.
            calls.call("photos.setTags", photo_id=number, tags=tag_line(parcel.mark, parcel.tags))

    def conceal(self, receipt: Receipt) -> None:
        """Make the photo private and close its comments, by photos.setPerms, always from the withdrawal reserve."""
        self._take_away("photos.setPerms", receipt, **_NOBODY, perm_comment="0", perm_addmeta="0")

    def remove(self, receipt: Receipt) -> None:
        """Delete the photo by photos.delete, always from the withdrawal reserve."""
        self._take_away("photos.delete", receipt)

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        """Put the photo into the album whose description holds the album's mark; see `albums.file_under`."""
        with self._in_words():
            return file_under(self._calls(Purpose.PUBLISH), receipt.remote_id, album, known)

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        """Replace the album's title and description by photosets.editMeta; see `albums.describe`."""
        with self._in_words():
            return describe(self._calls(Purpose.PUBLISH), remote_id, album)

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        """Choose another cover for each album whose cover is this photo; see `albums.unfile`."""
        with self._in_words():
            unfile(self._calls(Purpose.PUBLISH), receipt.remote_id, albums)

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        """Returns the address of every size that photos.getSizes lists at the media hosts; none where that fails."""
        return self._media(self._calls(Purpose.LOOK), receipt)

    def still_served(self, url: str) -> bool:
        """Ask the address itself; see `served.MediaHosts.still_served`."""
        return self.hosts.still_served(url)

    def by_hand(self, receipt: Receipt) -> str:
        """Returns the steps by which a person deletes the photo on Flickr's website."""
        return (
            f"Sign in to Flickr as this account and open {receipt.url or self.photos_url + receipt.remote_id}. "
            "Below the photo choose “Delete this photo” (the dustbin) and confirm. Open the address again without "
            "being signed in: it must say that the photo is not there."
        )

    def listing(self, window: Window) -> Iterator[Seen]:
        """Yields every photo uploaded within the window, newest first; see `listing.uploaded`.

        Raises Incomplete after the last one where more than 4,000 photos were uploaded within one second.
        """
        with self._in_words():
            try:
                yield from uploaded(self._calls(Purpose.LOOK), window, self.photos_url)
            except Cut as cut:
                raise Incomplete(_cut_words(cut), answered=True) from cut

    def as_withdrawal(self) -> Destination:
        """Returns this account with every request counted as a withdrawal."""
        return replace(self, withdrawing=True)

    def _media(self, calls: Calls, receipt: Receipt) -> tuple[str, ...]:
        """A film's player is a page of its own that only leads to the bytes: not an address that can be asked."""
        return tuple(url for url in _media_urls(calls, receipt.remote_id) if self.hosts.hold(url))

    def _take_away(self, operation: str, receipt: Receipt, **args: str) -> None:
        """Code 1 is "not found": already gone, which is what was wanted."""
        with self._in_words():
            try:
                self.calls.spending(Purpose.WITHDRAW).call(operation, photo_id=receipt.remote_id, **args)
            except CallFault as fault:
                if fault.code != 1:
                    raise

    def _calls(self, purpose: Purpose) -> Calls:
        return self.calls.spending(Purpose.WITHDRAW if self.withdrawing else purpose)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn whatever went wrong at Flickr into Later or Refused, in words for the officer."""
        try:
            yield
        except CallFault as fault:
            answer = of_call(fault.operation, fault.cause, self.now())
            if isinstance(fault.cause, HttpFault) and fault.cause.code == 429 and isinstance(answer, Later):
                answer.retry_at = answer.retry_at or self.now() + _THROTTLED
                self.budget.exhausted(BUCKET, answer.retry_at)
            raise answer from fault
        except BadReply as fault:
            raise of_call("", fault, self.now()) from fault


def _cut_words(cut: Cut) -> str:
    seconds = ", ".join(f"{at:%d %B %Y %H:%M:%S}" for at in cut.seconds[:3])
    return (
        f"Flickr lists no more than 4,000 photos uploaded within one second, and there are more of {seconds} (UTC). "
        "The others were compared. Change the date of some of them at Flickr, or remove them there, to see the rest."
    )


def _ready(seen: Seen) -> None:
    if not seen.exists:
        raise Later(GONE, answered=True)
    if seen.processing is Processing.FAILED:
        raise Refused(seen.message)
    if seen.processing is Processing.PENDING:
        raise Later(seen.message)


def _media_urls(calls: Calls, number: str) -> tuple[str, ...]:
    """Every size's direct address. Worth having, not worth failing for."""
    try:
        sizes = calls.call("photos.getSizes", photo_id=number)
    except (CallFault, Later):
        return ()
    return tuple(source for size in sizes.iterfind("sizes/size") if (source := size.get("source")))

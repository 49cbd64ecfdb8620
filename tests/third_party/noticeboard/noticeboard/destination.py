"""The destination: Publisher's contract, spoken in the board's requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from noticeboard import replies, upload
from noticeboard.replies import MARK_TAG, id_in, seen_in, tags_of
from noticeboard.wire import BrokenOff, NoConnection, Reply, Wire
from publisher.destinations.base import (
    GUARDED_KINDS,
    Absent,
    Account,
    AlbumKey,
    BucketRule,
    Budget,
    Destination,
    Journal,
    Limits,
    Parcel,
    Partial,
    Present,
    Purpose,
    Receipt,
    Seen,
    Visibility,
    Window,
)
from publisher.destinations.errors import Later, Refused
from publisher.destinations.net import BadSetting, check_address
from publisher.destinations.served import MediaHosts, media_hosts

URL = "https://noticeboard.example"
BUCKET = "requests"
LARGEST = 64 * 1024 * 1024  # bytes
GONE = 404


def address_of(account: Account) -> str:
    """The board's address without a slash at its end. Raises BadSetting where this office may not speak to it."""
    return check_address(str(account.options.get("url", URL)), account.exercise).rstrip("/")


def limits_of(account_id: str = "") -> Limits:
    """What the board takes, as its terms say."""
    return Limits(
        media_types=("image/jpeg", "video/mp4"),
        max_bytes={"image/jpeg": LARGEST, "video/mp4": LARGEST},
        title_chars=200,
        description_chars=2000,
        alt_text_field=True,
        alt_text_chars=500,
        own_tags=(MARK_TAG,),
        buckets=(BucketRule(BUCKET, 3600, "hour", reserve=300),),
        longest_server_time=30.0,
        account=account_id and f"noticeboard:{account_id}",
    )


def build(account: Account) -> Noticeboard:
    """The destination for `account`. Raises BadSetting, in a sentence.

    options: url, media_hosts (where direct addresses lie, if not at the board itself). token: token, account.
    """
    url, token = address_of(account), account.token or {}
    if not token.get("token"):
        raise BadSetting(f"{account.name} has no token of the board yet. Run `publisher connect {account.name}`.")
    parts, patience = urlsplit(url), (account.connect_timeout, account.read_timeout)
    return Noticeboard(
        name=account.name,
        url=url,
        wire=Wire(url, token["token"], *patience),
        hosts=media_hosts(account.options, parts.netloc, parts.scheme, account.exercise, patience),
        budget=account.budget,
        now=account.now,
        account_id=token.get("account", ""),
    )


@dataclass
class Noticeboard:
    """One account at the board. `holder`: whose it is, in words, once `whoami` was asked."""

    name: str
    url: str
    wire: Wire
    hosts: MediaHosts
    budget: Budget
    now: Callable[[], datetime]
    account_id: str = ""
    holder: str = ""
    withdrawing: bool = False

    def limits(self) -> Limits:
        return limits_of(self.account_id)

    def whoami(self) -> str:
        told = self._told("GET", "/api/account", Purpose.LOOK)
        self.holder = str(told.get("holder", ""))
        return str(told.get("id", ""))

    def send(self, parcel: Parcel, journal: Journal) -> Receipt:
        """One request, whole or not at all: there is no session to resume, so the journal stays as it is."""
        return self._receipt(upload.send(self.wire, self._spend, parcel, self.now, self.name))

    def find(self, parcel: Parcel, journal: Journal, since: datetime) -> Present | Partial | Absent:
        """A miss is one listing's: what was sent last may still be on its way into it."""
        copies = [one for one in self._notices(since) if one.mark == parcel.mark]
        if not copies:
            return Absent(authoritative=False)
        return Present(tuple(self._receipt(one.remote_id) for one in reversed(copies)))

    def apply_metadata(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        """Whether others may comment. The board knows no thumbnails, captions or licences."""
        comments = parcel.comments and parcel.kind not in GUARDED_KINDS
        self._told("PATCH", _notice(receipt), Purpose.PUBLISH, {"comments": comments})

    def reveal(self, receipt: Receipt, parcel: Parcel, seen: Seen) -> None:
        if parcel.visibility is Visibility.PRIVATE:
            return self.conceal(receipt)
        if parcel.visibility is not Visibility.PUBLIC:
            raise Refused("The board knows public and private notices only, none that are unlisted.")
        self._told("PATCH", _notice(receipt), Purpose.PUBLISH, {"public": True})
        return None

    def look(self, receipt: Receipt) -> Seen:
        told = self._told("GET", _notice(receipt), Purpose.LOOK, gone_is_well=True)
        return seen_in(told, self.url) if told else Seen(receipt.remote_id, exists=False)

    def amend(self, receipt: Receipt, parcel: Parcel) -> None:
        words = {"title": parcel.title, "description": parcel.description, "alt_text": parcel.alt_text}
        self._told("PATCH", _notice(receipt), Purpose.PUBLISH, {**words, "tags": tags_of(parcel)})

    def conceal(self, receipt: Receipt) -> None:
        self._told("PATCH", _notice(receipt), Purpose.WITHDRAW, {"public": False}, gone_is_well=True)

    def remove(self, receipt: Receipt) -> None:
        self._told("DELETE", _notice(receipt), Purpose.WITHDRAW, gone_is_well=True)

    def file_under(self, receipt: Receipt, album: AlbumKey, known: str = "") -> str:
        """Looked for first: a death after the album was made must not make another."""
        albums = self._told("GET", "/api/albums", Purpose.PUBLISH).get("albums", [])
        standing = next((each for each in albums if album.mark in str(each.get("description"))), None)
        made = standing or self._told("POST", "/api/albums", Purpose.PUBLISH, _words(album))
        self._told("PUT", _member(id_in(made), receipt), Purpose.PUBLISH)
        return id_in(made)

    def describe_album(self, remote_id: str, album: AlbumKey) -> bool:
        return bool(self._told("PATCH", _album(remote_id), Purpose.PUBLISH, _words(album), gone_is_well=True))

    def unfile(self, receipt: Receipt, albums: tuple[str, ...]) -> None:
        for remote_id in albums:
            self._told("DELETE", _member(remote_id, receipt), Purpose.WITHDRAW, gone_is_well=True)

    def media(self, receipt: Receipt) -> tuple[str, ...]:
        return self.look(receipt).media_urls

    def still_served(self, url: str) -> bool:
        return self.hosts.still_served(url)

    def by_hand(self, receipt: Receipt) -> str:
        return (
            f"Sign in to the board as this account, open {self.url}/notices/{receipt.remote_id}, choose “Take down” "
            "and confirm. Open the address again without being signed in: it must say that there is no such notice."
        )

    def listing(self, window: Window) -> Iterator[Seen]:
        yield from self._notices(window.since, window.until)

    def as_withdrawal(self) -> Destination:
        return replace(self, withdrawing=True)

    def _notices(self, since: datetime, until: datetime | None = None) -> Iterator[Seen]:
        """Newest first, a page at a time; the board says where the next one begins."""
        span = {"since": since.isoformat()} | ({"until": until.isoformat()} if until else {})
        before = ""
        while True:
            told = self._told("GET", f"/api/notices?{urlencode(span | {'before': before})}", Purpose.LOOK)
            yield from (seen_in(each, self.url) for each in told.get("notices", []))
            before = str(told.get("next") or "")
            if not before:
                return

    def _receipt(self, remote_id: str) -> Receipt:
        return Receipt(remote_id, f"{self.url}/notices/{remote_id}", (f"{self.url}/media/{remote_id}",))

    def _spend(self, purpose: Purpose) -> None:
        self.budget.spend(BUCKET, 1, Purpose.WITHDRAW if self.withdrawing else purpose)

    def _told(
        self, method: str, path: str, purpose: Purpose, given: dict[str, Any] | None = None, gone_is_well: bool = False
    ) -> dict[str, Any]:
        """The object answered; empty where the thing is gone and that is well. Raises Later or Refused."""
        self._spend(purpose)
        try:
            reply = self.wire.ask(method, path, *replies.as_json(given or {}))
        except (NoConnection, BrokenOff) as error:
            raise Later(replies.AWAY, trouble=True) from error
        if reply.done:
            return reply.told
        if reply.code == GONE and gone_is_well:
            return {}
        raise self._in_words(reply)

    def _in_words(self, reply: Reply) -> Later | Refused:
        answer = replies.of_call(reply, self.name, self.now())
        if reply.code == replies.TOO_MANY and isinstance(answer, Later):
            self.budget.exhausted(BUCKET, answer.retry_at)
        return answer


def _notice(receipt: Receipt) -> str:
    return f"/api/notices/{quote(receipt.remote_id, safe='')}"


def _album(remote_id: str) -> str:
    return f"/api/albums/{quote(remote_id, safe='')}"


def _member(remote_id: str, receipt: Receipt) -> str:
    return f"{_album(remote_id)}/members/{quote(receipt.remote_id, safe='')}"


def _words(album: AlbumKey) -> dict[str, str]:
    """The mark stays among the words, so that the album is known again."""
    return {"title": album.title, "description": f"{album.description}\n\n{album.mark}"}

"""A list is complete or it is an error: pages, totals and the 4,000 results after which Flickr repeats itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

import pytest

from publisher.destinations import flickr_albums, flickr_listing
from publisher.destinations.base import AlbumKey, Later, Purpose, Seen, Window
from publisher.destinations.flickr_replies import BadReply

if TYPE_CHECKING:
    from conftest import Scripted

    from publisher.destinations.base import Destination

BEGIN = datetime(2011, 8, 9, tzinfo=UTC)
CAP = 4000


class Account:
    """An account of so many photos, one uploaded each minute from BEGIN, listed as Flickr lists: newest
    first, at most 500 on a page, pages past the 4,000th result repeating the last one before it."""

    def __init__(self, photos: int, minutes_apart: float = 1) -> None:
        self.dates = [int((BEGIN + timedelta(minutes=n * minutes_apart)).timestamp()) for n in range(photos)]
        self.asked: list[dict[str, str]] = []

    def call(self, operation: str, **args: str) -> Element:
        self.asked.append({"operation": operation, **args})
        since, until = int(args.get("min_upload_date", 0)), int(args.get("max_upload_date", 2**40))
        found = [(n, date) for n, date in enumerate(self.dates) if since <= date <= until][::-1]
        per_page = int(args["per_page"])
        start = min((int(args["page"]) - 1) * per_page, CAP - per_page)
        rsp = Element("rsp", stat="ok")
        photos = SubElement(rsp, "photos", total=str(len(found)))
        for number, date in found[start : min(start + per_page, CAP)]:
            SubElement(photos, "photo", id=str(number), dateupload=str(date), ispublic="1", isfriend="0", isfamily="0")
        return rsp

    def upload(self, fields: dict[str, str], body: Any) -> Element:
        raise NotImplementedError

    def spending(self, purpose: Purpose) -> Account:
        return self


def listed(account: Account, hours: float = 1000) -> list[Seen]:
    return list(flickr_listing.uploaded(account, Window(BEGIN, BEGIN + timedelta(hours=hours)), "https://x/"))


@pytest.mark.parametrize(
    ("photos", "requests"),
    [
        (0, 1),
        (1, 1),
        (500, 1),
        (501, 2),  # the second page holds one
        (3999, 8),  # the most that one list is believed for
    ],
)
def test_every_page_is_read(photos: int, requests: int) -> None:
    account = Account(photos)
    assert [seen.remote_id for seen in listed(account)] == [str(n) for n in reversed(range(photos))]
    assert len(account.asked) == requests
    assert {asked["per_page"] for asked in account.asked} == {"500"}


@pytest.mark.parametrize("photos", [4000, 4001, 9000])
def test_more_than_flickr_lists_is_asked_for_in_halves(photos: int) -> None:
    seen = listed(Account(photos))
    assert [one.remote_id for one in seen] == [str(n) for n in reversed(range(photos))]


def test_more_than_flickr_lists_within_a_second_is_an_error() -> None:
    with pytest.raises(BadReply):
        listed(Account(4100, minutes_apart=0))


def test_a_window_ends_before_its_end() -> None:
    assert [seen.remote_id for seen in listed(Account(90), hours=1)] == [str(n) for n in reversed(range(60))]


def test_a_photo_without_an_upload_date_makes_the_list_worthless() -> None:
    account = Account(2)
    whole = account.call

    def dateless(operation: str, **args: str) -> Element:
        rsp = whole(operation, **args)
        del rsp.find("photos/photo").attrib["dateupload"]  # type: ignore[union-attr]
        return rsp

    account.call = dateless  # type: ignore[method-assign]
    with pytest.raises(BadReply):
        listed(account)


# Through the destination, the platform saying exactly this


@pytest.fixture
def find(on_scripted: Destination, parcels: Callable[..., Any], journals: Any) -> Callable[[], Any]:
    return lambda: on_scripted.find(parcels(), journals(), datetime.now(UTC))


def photos(total: str, *rows: str) -> str:
    inner = "".join(f"\t{row}\n" for row in rows)
    return f'<rsp stat="ok">\n<photos page="1" pages="1" perpage="500" total="{total}">\n{inner}</photos>\n</rsp>\n'


EMPTY = photos("0")
ROW = '<photo id="7" dateupload="1303057683" ispublic="0" isfriend="0" isfamily="0" />'


@pytest.mark.parametrize("first", [True, False], ids=["by upload date", "recently updated"])
@pytest.mark.parametrize(
    "reply",
    [
        photos(""),  # oPromessa/flickr-uploader#66
        photos("12"),  # a total, and no rows
        photos("2", ROW, ROW),  # the same row again
        photos("many"),
        '<rsp stat="ok" />',
        photos("1", ROW.replace('ispublic="0"', "")),
    ],
    ids=["no total", "no rows", "repeats", "no number", "no list", "no visibility"],
)
def test_a_list_shorter_than_its_total_is_no_list(scripted: Scripted, find: Any, reply: str, first: bool) -> None:
    for answer in [reply, EMPTY] if first else [EMPTY, reply]:
        scripted.will_say(answer)
        scripted.will_say(answer) if answer is reply and "<photo " in reply and 'total="2"' in reply else None
    with pytest.raises(Later):
        find()


def test_more_recent_changes_than_flickr_lists_is_later(scripted: Scripted, find: Any) -> None:
    scripted.will_say(EMPTY)
    scripted.will_say(photos("4000", ROW))
    with pytest.raises(Later):
        find()


def test_albums_are_looked_for_on_every_page() -> None:
    class Albums(Account):
        def call(self, operation: str, **args: str) -> Element:
            rsp = Element("rsp", stat="ok")
            sets = SubElement(rsp, "photosets", total="501")
            for number in range(500) if args["page"] == "1" else [500]:
                row = SubElement(sets, "photoset", id=str(1000 + number))
                SubElement(row, "description").text = "ours album-5f3a9c" if number == 500 else "not ours"
            return rsp

    assert flickr_albums.find(Albums(0), AlbumKey("withern", "Operation", "", "album-5f3a9c")) == "1500"


def test_of_albums_made_twice_the_older_is_ours() -> None:
    class Albums(Account):
        def call(self, operation: str, **args: str) -> Element:
            rsp = Element("rsp", stat="ok")
            sets = SubElement(rsp, "photosets", total="2")
            for number in ("1000", "999"):
                row = SubElement(sets, "photoset", id=number)
                SubElement(row, "description").text = "&lt;b&gt;album-5f3a9c&lt;/b&gt;"
            return rsp

    assert flickr_albums.find(Albums(0), AlbumKey("withern", "Operation", "", "album-5f3a9c")) == "999"

"""A list is complete or it is an error: pages, totals and the 4,000 results after which Flickr repeats itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

import pytest

from publisher.destinations.base import Absent, AlbumKey, Purpose, Seen, Visibility, Window
from publisher.destinations.errors import Later
from publisher.destinations.flickr import albums, listing

if TYPE_CHECKING:
    from conftest import Scripted

    from publisher.destinations.base import Destination

BEGIN = datetime(2011, 8, 9, tzinfo=UTC)
CAP = 4000
MARK = "0123456789abcdef0123456789abcdef"


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
    return list(listing.uploaded(account, Window(BEGIN, BEGIN + timedelta(hours=hours)), "https://x/"))


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


def test_what_can_be_listed_of_a_crowded_second_is_handed_out_before_the_error() -> None:
    account = Account(4100, minutes_apart=0)
    account.dates += [account.dates[0] + 3600]
    rows, given = listing.uploaded(account, Window(BEGIN, BEGIN + timedelta(hours=2)), "https://x/"), list[str]()
    with pytest.raises(listing.Cut) as cut:
        for seen in rows:
            given.append(seen.remote_id)
    assert cut.value.seconds == [BEGIN]
    assert len(set(given)) == len(given) == CAP + 1


def test_a_window_ends_before_its_end() -> None:
    assert [seen.remote_id for seen in listed(Account(90), hours=1)] == [str(n) for n in reversed(range(60))]


@pytest.mark.parametrize("lacks", ["dateupload", "ispublic", "isfriend"])
def test_a_row_that_says_too_little_of_itself_does_not_hide_the_others(lacks: str) -> None:
    account = Account(3)
    whole = account.call

    def lacking(operation: str, **args: str) -> Element:
        rsp = whole(operation, **args)
        row = rsp.find("photos/photo")
        assert row is not None
        del row.attrib[lacks]
        row.set("ispublic", "0") if lacks == "isfriend" else None
        return rsp

    account.call = lacking  # type: ignore[method-assign]  # a stand-in's
    seen = listed(account)
    assert [one.remote_id for one in seen] == ["2", "1", "0"]
    assert seen[0].visibility is (Visibility.PUBLIC if lacks == "dateupload" else Visibility.UNLISTED)


def test_thousands_of_photos_changed_at_once_leave_the_list_by_upload_date() -> None:
    """photos.recentlyUpdated takes no end, so it cannot be cut into spans."""
    account = Account(5)
    whole, changed = account.call, 4053

    def crowded(operation: str, **args: str) -> Element:
        rsp = whole(operation, **args)
        photos = rsp.find("photos")
        assert photos is not None
        if operation == "photos.recentlyUpdated":
            photos.set("total", str(changed))
        photos[0].set("machine_tags", f"publisher:mark={MARK}")
        return rsp

    account.call = crowded  # type: ignore[method-assign]  # a stand-in's
    found = listing.marked(account, MARK, BEGIN, BEGIN + timedelta(hours=9), "https://x/")
    assert [one.remote_id for one in found] == ["4"]


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
    ],
    ids=["no total", "no rows", "repeats", "no number", "no list"],
)
def test_a_list_shorter_than_its_total_is_no_list(scripted: Scripted, find: Any, reply: str, first: bool) -> None:
    for answer in [reply, EMPTY] if first else [EMPTY, reply]:
        scripted.will_say(answer)
        scripted.will_say(answer) if answer is reply and "<photo " in reply and 'total="2"' in reply else None
    with pytest.raises(Later):
        find()


def test_more_recent_changes_than_flickr_lists_leave_the_list_by_upload_date(scripted: Scripted, find: Any) -> None:
    scripted.will_say(EMPTY)
    scripted.will_say(photos("4000", ROW))
    assert find() == Absent(authoritative=False)


def test_albums_are_looked_for_on_every_page() -> None:
    class Albums(Account):
        def call(self, operation: str, **args: str) -> Element:
            rsp = Element("rsp", stat="ok")
            sets = SubElement(rsp, "photosets", total="501")
            for number in range(500) if args["page"] == "1" else [500]:
                row = SubElement(sets, "photoset", id=str(1000 + number))
                SubElement(row, "description").text = "ours album-5f3a9c" if number == 500 else "not ours"
            return rsp

    assert albums.find(Albums(0), AlbumKey("withern", "Operation", "", "album-5f3a9c")) == "1500"


def test_of_albums_made_twice_the_older_is_ours() -> None:
    class Albums(Account):
        def call(self, operation: str, **args: str) -> Element:
            rsp = Element("rsp", stat="ok")
            sets = SubElement(rsp, "photosets", total="2")
            for number in ("1000", "999"):
                row = SubElement(sets, "photoset", id=number)
                SubElement(row, "description").text = "&lt;b&gt;album-5f3a9c&lt;/b&gt;"
            return rsp

    assert albums.find(Albums(0), AlbumKey("withern", "Operation", "", "album-5f3a9c")) == "999"

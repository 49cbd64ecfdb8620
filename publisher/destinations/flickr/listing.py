"""Complete lists of what an account holds, or an error; never a part that looks like the whole.

An empty answer decides whether an upload is repeated, so everything that makes a list shorter than the
truth is refused: a page that fails, `total=""`, a total without rows (under load:
oPromessa/flickr-uploader#66), and the 4,000 results after which later pages repeat (recorded). A row that says too
little of itself is no reason to hide the others.
photos.search is not used: fresh uploads are missing from it (flickr-net#38).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from publisher.destinations.base import Seen, Window
from publisher.destinations.flickr.calls import Calls
from publisher.destinations.flickr.replies import BadReply, child, count, seen_in_listing

EXTRAS = "date_upload,last_update,description,tags,machine_tags,media"
PER_PAGE = 500
# "max_allowed_results: 4000" in recorded replies of both photos.search and people.getPhotos.
MOST_RESULTS = 4000
# Flickr's clock and ours may differ; looking further back costs nothing where a Mark decides.
SLACK = timedelta(hours=1)
_UNDATED = datetime.max.replace(tzinfo=UTC)  # a row that does not say when: counted as the newest


def marked(calls: Calls, mark: str, since: datetime, now: datetime, photos_url: str) -> list[Seen]:
    """Returns every photo with `mark`, oldest first, from two lists: recently updated, and by upload date.

    Raises CallFault or BadReply where a list is not complete. The first list is exempt: it cannot be cut into spans,
    and where somebody changed thousands of photos at once, the list by upload date decides alone.
    """
    early, cut = since - SLACK, list[datetime]()
    rows = {row.get("id", ""): row for row in _uploaded(calls, Window(early, now + SLACK), cut)}
    try:
        rows |= {row.get("id", ""): row for row in _updated(calls, early)}
        cut.clear()  # everything uploaded since was updated since
    except _TooMany:
        pass
    seen = (seen_in_listing(row, f"{photos_url}{number}/") for number, row in rows.items())
    copies = sorted((one for one in seen if one.mark == mark), key=_age)
    if cut and not copies:
        raise Cut(cut)
    return copies


def uploaded(calls: Calls, window: Window, photos_url: str) -> Iterator[Seen]:
    """Yields every photo uploaded within `window`, newest first.

    Raises CallFault or BadReply; Cut only after the last photo. A photo without an upload time comes first: it may
    belong to any window.
    """
    cut = list[datetime]()
    seen = [seen_in_listing(row, f"{photos_url}{row.get('id')}/") for row in _uploaded(calls, window, cut)]
    within = (one for one in seen if one.uploaded_at is None or window.since <= one.uploaded_at < window.until)
    yield from sorted(within, key=_age, reverse=True)
    if cut:
        raise Cut(cut)


def whole(calls: Calls, operation: str, box: str, item: str, **args: str) -> list[Element]:
    """Returns all `item` elements inside `box`, from every page. Raises CallFault or BadReply."""
    rows: dict[str, Element] = {}
    page = 1
    while True:
        reply = child(calls.call(operation, per_page=str(PER_PAGE), page=str(page), **args), box)
        total, before = count(reply, "total"), len(rows)
        if operation.startswith("photos.") or operation.startswith("people."):
            _within_reach(total)
        for row in reply.iterfind(item):
            rows.setdefault(row.get("id", ""), row)
        if len(rows) >= total:
            return list(rows.values())
        if len(rows) == before:
            raise BadReply(f"{len(rows)} of {total} in {operation}")
        page += 1


class _TooMany(BadReply):
    """More than Flickr lists in one go."""


class Cut(BadReply):
    """More photos were uploaded within one second, the least that can be asked for, than Flickr lists."""

    def __init__(self, seconds: list[datetime]) -> None:
        super().__init__(f"{len(seconds)} seconds with too many photos")
        self.seconds = seconds


def _within_reach(total: int) -> None:
    if total >= MOST_RESULTS:
        raise _TooMany(f"{total} results")


def _updated(calls: Calls, since: datetime) -> list[Element]:
    return whole(calls, "photos.recentlyUpdated", "photos", "photo", min_date=_stamp(since), extras=EXTRAS)


def _uploaded(calls: Calls, window: Window, cut: list[datetime]) -> list[Element]:
    """By upload date, in halves where one list would not hold them.

    A second that holds more than that is noted in `cut`, and its first 4,000 are taken.
    """
    try:
        return whole(calls, **_dated(int(window.since.timestamp()), int(window.until.timestamp())))
    except _TooMany:
        first, last = int(window.since.timestamp()), int(window.until.timestamp())
        middle = (first + last) // 2
        if first == last:
            cut.append(window.since)
            return _first_pages(calls, **_dated(first, last))
        # Both ends are inclusive at Flickr, so neither half needs the other's.
        return [*_uploaded(calls, _span(middle + 1, last), cut), *_uploaded(calls, _span(first, middle), cut)]


def _dated(first: int, last: int) -> dict[str, str]:
    """The arguments of `whole` for everything uploaded from one second to another."""
    return {
        "operation": "people.getPhotos",
        "box": "photos",
        "item": "photo",
        "user_id": "me",
        "min_upload_date": str(first),
        "max_upload_date": str(last),
        "safe_search": "3",  # 3 hides nothing
        "extras": EXTRAS,
    }


def _span(first: int, last: int) -> Window:
    return Window(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC))


def _first_pages(calls: Calls, operation: str, box: str, item: str, **args: str) -> list[Element]:
    """As many as Flickr lists, and no more."""
    rows: dict[str, Element] = {}
    for page in range(1, MOST_RESULTS // PER_PAGE + 1):
        reply = child(calls.call(operation, per_page=str(PER_PAGE), page=str(page), **args), box)
        rows |= {row.get("id", ""): row for row in reply.iterfind(item)}
    return list(rows.values())


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _age(seen: Seen) -> tuple[datetime, str]:
    return (seen.uploaded_at or _UNDATED).astimezone(UTC), seen.remote_id

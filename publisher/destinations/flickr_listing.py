"""Complete lists of what an account holds, or an error; never a part that looks like the whole.

An empty answer decides whether an upload is repeated, so everything that makes a list shorter than the
truth is refused: a page that fails, `total=""`, a total without rows (under load:
oPromessa/flickr-uploader#66), and the 4,000 results after which later pages repeat (recorded).
photos.search is not used: fresh uploads are missing from it (flickr-net#38).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from publisher.destinations.base import Seen, Window
from publisher.destinations.flickr_calls import Calls
from publisher.destinations.flickr_replies import BadReply, child, count, seen_in_listing

EXTRAS = "date_upload,last_update,description,tags,machine_tags,media"
PER_PAGE = 500
# "max_allowed_results: 4000" in recorded replies of both photos.search and people.getPhotos.
MOST_RESULTS = 4000
# Flickr's clock and ours may differ; looking further back costs nothing where a Mark decides.
SLACK = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


def marked(calls: Calls, mark: str, since: datetime, now: datetime, photos_url: str) -> list[Seen]:
    """Every photo with `mark`, oldest first, from two lists: recently updated, and by upload date.

    Raises CallFault or BadReply where either list is not complete.
    """
    early = since - SLACK
    rows = {row.get("id", ""): row for row in _uploaded(calls, Window(early, now + SLACK))}
    rows |= {row.get("id", ""): row for row in _updated(calls, early)}
    seen = (seen_in_listing(row, f"{photos_url}{number}/") for number, row in rows.items())
    return sorted((one for one in seen if one.mark == mark), key=_age)


def uploaded(calls: Calls, window: Window, photos_url: str) -> Iterator[Seen]:
    """Everything uploaded within `window`, newest first. Raises CallFault or BadReply."""
    seen = [seen_in_listing(row, f"{photos_url}{row.get('id')}/") for row in _uploaded(calls, window)]
    within = (one for one in seen if _age(one)[0] >= window.since and _age(one)[0] < window.until)
    yield from sorted(within, key=_age, reverse=True)


def whole(calls: Calls, operation: str, box: str, item: str, **args: str) -> list[Element]:
    """All `item` elements inside `box`, over as many pages as there are."""
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


def _within_reach(total: int) -> None:
    if total >= MOST_RESULTS:
        raise _TooMany(f"{total} results")


def _updated(calls: Calls, since: datetime) -> list[Element]:
    return whole(calls, "photos.recentlyUpdated", "photos", "photo", min_date=_stamp(since), extras=EXTRAS)


def _uploaded(calls: Calls, window: Window) -> list[Element]:
    """By upload date, in halves where one list would not hold them."""
    try:
        return whole(
            calls,
            "people.getPhotos",
            "photos",
            "photo",
            user_id="me",
            min_upload_date=_stamp(window.since),
            max_upload_date=_stamp(window.until),
            safe_search="3",  # 3 hides nothing
            extras=EXTRAS,
        )
    except _TooMany:
        middle = (window.since + (window.until - window.since) / 2).replace(microsecond=0)
        if middle - window.since < _SECOND or window.until - middle < _SECOND:
            raise
        halves = [*_uploaded(calls, Window(middle, window.until)), *_uploaded(calls, Window(window.since, middle))]
        return list({row.get("id", ""): row for row in halves}.values())  # both ends are inclusive at Flickr


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _age(seen: Seen) -> tuple[datetime, str]:
    if seen.uploaded_at is None:
        raise BadReply("no upload date")
    return seen.uploaded_at.astimezone(UTC), seen.remote_id

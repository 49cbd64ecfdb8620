"""Flickr's listings: people.getPhotos, photos.search, photos.recentlyUpdated.

None of them knows a photo at once, and none gives more than its cap, whatever page is asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from publisher.exercise.sandbox.flickr.api import Call, method
from publisher.exercise.sandbox.flickr.photo_info import visibility
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node
from publisher.exercise.sandbox.flickr.text import as_read, machine_parts, normalised
from publisher.exercise.sandbox.records import Thing

PER_PAGE = 500


@method("flickr.people.getPhotos", "none")
def people_get_photos(call: Call) -> Node:
    """A person's photos, newest first; private ones for the owner's token only."""
    if call.get("user_id") not in ("me", call.world.settings.flickr_nsid):
        raise FlickrError(1, "User not found")
    found = _narrowed(call, _known(call, call.world.settings.listing_delay))
    return _page(call, found, capped=True)


@method("flickr.photos.search", "none")
def search(call: Call) -> Node:
    """A search over an index that lags. Under load it gives a total and no rows, or no total at all."""
    found = _narrowed(call, _known(call, call.world.settings.search_delay))
    for wanted in _words(call.get("tags")):
        found = [one for one in found if normalised(wanted) in {normalised(raw) for raw in one.tags}]
    for wanted in _words(call.get("machine_tags")):
        found = [one for one in found if any(_machine_match(wanted, raw) for raw in one.tags)]
    if call.get("text"):
        needle = call.get("text").lower()
        found = [one for one in found if needle in f"{one.title} {one.description}".lower()]
    listing = _page(call, found, capped=True)
    if call.request.fault is not None and call.request.fault.kind == "total_empty":
        listing.attributes["total"] = ""
        listing.children = []
    return listing


@method("flickr.photos.recentlyUpdated", "read")
def recently_updated(call: Call) -> Node:
    """Everything of the account that is new or was changed since `min_date`, newest change first."""
    if not call.get("min_date"):
        raise FlickrError(1, "Required argument missing")
    since = _moment(call.get("min_date"))
    found = [one for one in _known(call, call.world.settings.listing_delay) if one.mine and one.updated >= since]
    found.sort(key=lambda one: one.updated, reverse=True)
    return _page(call, found, capped=False)


def _known(call: Call, delay: float) -> list[Thing]:
    """What a listing with that delay knows by now, newest upload first."""
    ripe = [
        one
        for one in call.world.ledger.things("flickr")
        if one.created + delay <= call.now and (one.is_public or (call.token is not None and one.mine))
    ]
    return sorted(ripe, key=lambda one: (one.parts.get("posted", one.created), one.created), reverse=True)


def _narrowed(call: Call, things: list[Thing]) -> list[Thing]:
    """Those of the asked person, within the asked upload dates and privacy filter."""
    user = call.get("user_id")
    if user:
        ours = user in ("me", call.world.settings.flickr_nsid)
        things = [one for one in things if one.mine == ours]
    if call.get("min_upload_date"):
        since = _moment(call.get("min_upload_date"))
        things = [one for one in things if int(one.parts.get("posted", one.created)) >= since]
    if call.get("max_upload_date"):
        until = _moment(call.get("max_upload_date"))
        things = [one for one in things if int(one.parts.get("posted", one.created)) <= until]
    if call.get("privacy_filter") == "1":
        return [one for one in things if one.visibility == "public"]
    if call.get("privacy_filter") in ("2", "3", "4", "5"):
        return [one for one in things if one.visibility != "public"]
    return things


def _moment(text: str) -> float:
    """A date as Flickr takes it: a Unix timestamp, or a MySQL datetime in UTC."""
    try:
        return float(text)
    except ValueError:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise FlickrError(1, "Invalid date") from None


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word.strip()]


def _machine_match(wanted: str, raw: str) -> bool:
    """`ns:pred=value` compared as stored; a quoted value is the value."""
    return machine_parts(raw) is not None and normalised(wanted.replace('"', "")) == normalised(raw)


def _page(call: Call, found: list[Thing], *, capped: bool) -> Node:
    per_page = min(call.number("per_page", 100) or 100, PER_PAGE)
    page = max(1, call.number("page", 1))
    cap = call.world.settings.listing_cap
    start = (page - 1) * per_page
    if capped and start >= cap:
        # Pages past the 4,000th result repeat earlier ones instead of ending (recorded).
        start = max(0, min(len(found), cap) - per_page)
    rows = found[start : min(start + per_page, cap) if capped else start + per_page]
    attributes: dict[str, str | int | float] = {
        "page": page,
        "pages": ceil(len(found) / per_page),
        "perpage": per_page,
        "total": str(len(found)),
    }
    if capped and len(found) > cap:
        attributes["max_allowed_results"] = cap
    return Node("photos", attributes, [_row(call, one) for one in rows], many="photo")


def _row(call: Call, thing: Thing) -> Node:
    settings = call.world.settings
    row: dict[str, str | int | float] = {
        "id": thing.id,
        "owner": settings.flickr_nsid if thing.mine else "1@N00",
        "secret": thing.parts["secret"],
        "server": "65535",
        "farm": 66,
        "title": thing.title,
        **visibility(thing),
    }
    extras = {one.strip() for one in call.get("extras").split(",")}
    if "license" in extras:
        row["license"] = thing.parts.get("licence", "0")
    if "date_upload" in extras:
        row["dateupload"] = str(int(thing.parts.get("posted", thing.created)))
    if "last_update" in extras or call.get("method") == "flickr.photos.recentlyUpdated":
        row["lastupdate"] = str(int(thing.updated))
    if "tags" in extras:
        row["tags"] = " ".join(normalised(raw) for raw in thing.tags)
    if "machine_tags" in extras:
        row["machine_tags"] = " ".join(normalised(raw) for raw in thing.tags if machine_parts(raw))
    if "media" in extras:
        row |= {"media": "video" if thing.is_video else "photo", "media_status": _media_state(call, thing)}
    if "path_alias" in extras:
        row["pathalias"] = settings.path_alias
    inner = [Node("description", text=as_read(thing.description))] if "description" in extras else []
    return Node("photo", row, inner)


def _media_state(call: Call, thing: Thing) -> str:
    return {"pending": "processing", "done": "ready", "failed": "failed"}[thing.processing(call.now)]

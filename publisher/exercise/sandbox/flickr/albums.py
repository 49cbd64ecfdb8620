"""Flickr's albums (photosets). A title may be used any number of times; an album needs a photo."""

from __future__ import annotations

from math import ceil

from publisher.exercise.sandbox.flickr.api import Call, method
from publisher.exercise.sandbox.flickr.photo_info import visibility
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node
from publisher.exercise.sandbox.naming import numeric_id
from publisher.exercise.sandbox.records import Album

PER_PAGE = 500


def _album(call: Call, code: int = 1) -> Album:
    for album in call.world.ledger.albums("flickr"):
        if album.id == call.get("photoset_id"):
            return album
    raise FlickrError(code, "Photoset not found")


def _position(album: Album, photo: str) -> int:
    return album.things.index(photo) if photo in album.things else -1


def _url(call: Call, album: Album) -> str:
    return f"{call.world.base}/photos/{call.world.settings.path_alias}/sets/{album.id}/"


@method("flickr.photosets.create", "write")
def create(call: Call) -> Node:
    """A new album around one photo. Nothing prevents a second one with the same title."""
    if not call.get("title"):
        raise FlickrError(1, "No title specified")
    primary = call.get("primary_photo_id")
    thing = call.world.ledger.thing("flickr", primary)
    if thing is None or thing.deleted is not None or not thing.mine:
        raise FlickrError(2, "Photo not found")
    limit = call.world.settings.albums_limit
    if limit is not None and sum(1 for _ in call.world.ledger.albums("flickr")) >= limit:
        raise FlickrError(3, "You can't create any more sets")
    album = Album(
        platform="flickr",
        id=numeric_id("721777", 17),
        title=call.get("title"),
        description=call.get("description"),
        created=call.now,
        primary=primary,
        members=[[primary, primary]],
    )
    call.world.ledger.put(album)
    return Node("photoset", {"id": album.id, "url": _url(call, album)})


@method("flickr.photosets.addPhoto", "write")
def add_photo(call: Call) -> None:
    album = _album(call)
    thing = call.photo(2)
    if thing.id in album.things:
        raise FlickrError(3, "Photo already in set")
    limit = call.world.settings.photos_per_album
    if limit is not None and len(album.members) >= limit:
        raise FlickrError(10, "Maximum number of photos in set")
    album.members.append([thing.id, thing.id])
    call.world.ledger.put(album)


@method("flickr.photosets.removePhoto", "write")
def remove_photo(call: Call) -> None:
    album = _album(call)
    thing = call.photo(2)
    at = _position(album, thing.id)
    if at < 0:
        raise FlickrError(3, "Photo not in set")
    del album.members[at]
    _settle(call, album)


@method("flickr.photosets.setPrimaryPhoto", "write")
def set_primary(call: Call) -> None:
    album = _album(call)
    thing = call.photo(2)
    if thing.id not in album.things:
        raise FlickrError(2, "Photo not found")
    album.primary = thing.id
    call.world.ledger.put(album)


@method("flickr.photosets.editPhotos", "write")
def edit_photos(call: Call) -> None:
    """Replace the whole list; it must hold the primary photo."""
    album = _album(call)
    wanted = [one for one in call.get("photo_ids").split(",") if one]
    if call.get("primary_photo_id") not in wanted:
        raise FlickrError(3, "Primary photo not found")
    for one in wanted:
        thing = call.world.ledger.thing("flickr", one)
        if thing is None or thing.deleted is not None or not thing.mine:
            raise FlickrError(2, "Photo not found")
    album.primary = call.get("primary_photo_id")
    album.members = [[one, one] for one in wanted]
    call.world.ledger.put(album)


@method("flickr.photosets.editMeta", "write")
def edit_meta(call: Call) -> None:
    album = _album(call)
    if not call.get("title"):
        raise FlickrError(2, "No title specified")
    album.title = call.get("title")
    album.description = call.get("description", album.description)
    call.world.ledger.put(album)


@method("flickr.photosets.delete", "write")
def delete(call: Call) -> None:
    """Delete the album; its photos stay."""
    album = _album(call)
    album.deleted = call.now
    call.world.ledger.put(album)


def _settle(call: Call, album: Album) -> None:
    if not album.members:
        album.deleted = call.now
    elif album.primary not in album.things:
        album.primary = album.members[0][1]
    call.world.ledger.put(album)


def _paged(call: Call, count: int) -> tuple[int, int, int]:
    """(page, per page, pages) of a listing of `count`."""
    per_page = min(call.number("per_page", PER_PAGE) or PER_PAGE, PER_PAGE)
    return max(1, call.number("page", 1)), per_page, max(1, ceil(count / per_page))


@method("flickr.photosets.getList", "none")
def get_list(call: Call) -> Node:
    """The account's albums, newest first, 500 on a page. The total is a number here."""
    albums = sorted(call.world.ledger.albums("flickr"), key=lambda one: one.created, reverse=True)
    page, per_page, pages = _paged(call, len(albums))
    rows = albums[(page - 1) * per_page : page * per_page]
    head: dict[str, str | int | float] = {
        "cancreate": 1,
        "page": page,
        "pages": pages,
        "perpage": per_page,
        "total": len(albums),
    }
    return Node("photosets", head, [_listed(call, one) for one in rows], many="photoset")


def _listed(call: Call, album: Album) -> Node:
    settings = call.world.settings
    photos, videos = _counts(call, album)
    primary = call.world.ledger.thing("flickr", album.primary)
    stamp = str(int(album.created))
    return Node(
        "photoset",
        {
            "id": album.id,
            "owner": settings.flickr_nsid,
            "username": settings.flickr_username,
            "primary": album.primary,
            "secret": primary.parts["secret"] if primary else "",
            "server": "65535",
            "farm": 66,
            "count_views": "0",
            "count_comments": "0",
            "count_photos": photos,
            "count_videos": videos,
            "can_comment": 1,
            "date_create": stamp,
            "date_update": stamp,
            "photos": photos,
            "videos": videos,
            "visibility_can_see_set": 1,
            "needs_interstitial": 0,
        },
        [Node("title", text=album.title), Node("description", text=album.description)],
    )


def _counts(call: Call, album: Album) -> tuple[int, int]:
    things = [call.world.ledger.thing("flickr", one) for one in album.things]
    videos = sum(1 for one in things if one is not None and one.is_video)
    return len(things) - videos, videos


@method("flickr.photosets.getInfo", "none")
def get_info(call: Call) -> Node:
    return _listed(call, _album(call))


@method("flickr.photosets.getPhotos", "none")
def get_photos(call: Call) -> Node:
    """The photos of an album that the caller may see, in the album's order."""
    album = _album(call)
    if call.get("user_id") not in ("me", call.world.settings.flickr_nsid):
        raise FlickrError(2, "User not found")
    things = [call.world.ledger.thing("flickr", one) for one in album.things]
    seen = [one for one in things if one is not None and (call.token is not None or one.visibility == "public")]
    page, per_page, pages = _paged(call, len(seen))
    rows = [
        Node(
            "photo",
            {
                "id": one.id,
                "secret": one.parts["secret"],
                "server": "65535",
                "farm": 66,
                "title": one.title,
                "isprimary": str(int(one.id == album.primary)),
                **visibility(one),
            },
        )
        for one in seen[(page - 1) * per_page : page * per_page]
    ]
    head: dict[str, str | int | float] = {
        "id": album.id,
        "primary": album.primary,
        "owner": call.world.settings.flickr_nsid,
        "ownername": call.world.settings.flickr_username,
        "page": page,
        "per_page": per_page,
        "perpage": per_page,
        "pages": pages,
        "title": album.title,
        "total": len(seen),
    }
    return Node("photoset", head, rows, many="photo")

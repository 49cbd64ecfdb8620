"""Filing under an album. Albums have no unique title at Flickr, so ours are known by a mark."""

from __future__ import annotations

from publisher.destinations.base import AlbumKey
from publisher.destinations.flickr.calls import CallFault, Calls
from publisher.destinations.flickr.listing import whole
from publisher.destinations.flickr.replies import BadReply, child
from publisher.destinations.texts import normalise


def file_under(calls: Calls, photo_id: str, album: AlbumKey, known: str = "") -> str:
    """Put the photo into the album, which is made if missing; returns the album's id. Repeatable.

    `known`: the id that the album had last, which saves looking for it. Raises CallFault or BadReply. Where the answer
    to photosets.create was lost, the next call finds that album by its mark.
    """
    if known:
        try:
            return _add(calls, photo_id, known)
        except CallFault as fault:
            if fault.code != 1:  # "photoset not found": an album goes with its last photo
                raise
    standing = find(calls, album)
    return _create(calls, photo_id, album) if standing is None else _add(calls, photo_id, standing)


def describe(calls: Calls, album_id: str, album: AlbumKey) -> bool:
    """Write the album's title and description, with its mark; returns False where Flickr has no such album.

    photosets.editMeta replaces both texts at once and answers 1 for “photoset not found”. Raises CallFault.
    """
    try:
        calls.call("photosets.editMeta", photoset_id=album_id, title=album.title, description=_marked(album))
    except CallFault as fault:
        if fault.code != 1:
            raise
        return False
    return True


def unfile(calls: Calls, photo_id: str, albums: tuple[str, ...]) -> None:
    """Give each of these albums another cover where the photo is its cover.

    With its last photo an album goes too. photos.delete takes the photo out of every album by itself; which cover
    Flickr then shows is not documented.
    """
    for album in albums:
        try:
            _change_cover(calls, photo_id, album)
        except CallFault as fault:
            # 1 "photoset not found", 2 "photo not found" (or not in it): there is nothing to leave in order.
            if fault.code not in {1, 2}:
                raise


def _change_cover(calls: Calls, photo_id: str, album: str) -> None:
    head = child(calls.call("photosets.getInfo", photoset_id=album), "photoset")
    if head.get("primary") != photo_id:
        return
    listed = calls.call("photosets.getPhotos", photoset_id=album, user_id="me", per_page="2")
    others = [one for row in listed.iterfind("photoset/photo") if (one := row.get("id", "")) != photo_id]
    if others:
        calls.call("photosets.setPrimaryPhoto", photoset_id=album, photo_id=others[0])


def find(calls: Calls, album: AlbumKey) -> str | None:
    """Returns the id of the album that carries the mark; of doubles, the lowest id.

    Reads every page of photosets.getList (500 sets each). Raises CallFault or BadReply.
    """
    ours = [
        row.get("id", "")
        for row in whole(calls, "photosets.getList", "photosets", "photoset")
        if album.mark in normalise(row.findtext("description") or "")
    ]
    return min(ours, key=lambda number: (len(number), number), default=None)


def _add(calls: Calls, photo_id: str, album: str) -> str:
    try:
        calls.call("photosets.addPhoto", photoset_id=album, photo_id=photo_id)
    except CallFault as fault:
        # 3 "photo already in set" is success (data-transfer-project#803; #1349 for footage).
        if fault.code != 3:
            raise
    return album


def _create(calls: Calls, photo_id: str, album: AlbumKey) -> str:
    reply = calls.call("photosets.create", title=album.title, description=_marked(album), primary_photo_id=photo_id)
    number = child(reply, "photoset").get("id", "")
    if not number:
        raise BadReply("no album id")
    return number


def _marked(album: AlbumKey) -> str:
    """Its description with the mark that we know it by."""
    return album.description if album.mark in album.description else f"{album.description}\n\n{album.mark}".strip()

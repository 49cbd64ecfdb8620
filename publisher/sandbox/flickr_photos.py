"""Flickr's methods about one photo: read it, change it, delete it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from publisher.sandbox.flickr import Call, method
from publisher.sandbox.flickr_account import LICENCES
from publisher.sandbox.flickr_reply import FlickrError, Node
from publisher.sandbox.flickr_text import as_read, machine_parts, normalised, split_tags, unique_tags
from publisher.sandbox.picture import dimensions
from publisher.sandbox.records import Thing

# label, suffix in the file's address, suffix of the page, longest side; as recorded by getSizes.
_SIZES = (
    ("Square", "_s", "sq", 75),
    ("Large Square", "_q", "q", 150),
    ("Thumbnail", "_t", "t", 100),
    ("Small", "_m", "s", 240),
    ("Medium", "", "m", 500),
    ("Large", "_b", "l", 1024),
)


@method("flickr.photos.getInfo", "none")
def get_info(call: Call) -> Node:
    """Everything about a photo. A private one is there for its owner's token only."""
    thing = _visible(call, f'Photo "{call.get("photo_id")}" not found (invalid ID)')
    world, settings = call.world, call.world.settings
    owner: dict[str, str | int | float] = {
        "nsid": settings.flickr_nsid if thing.mine else "1@N00",
        "username": settings.flickr_username,
        "realname": settings.flickr_fullname,
        "location": "",
        "iconserver": "0",
        "iconfarm": 0,
        "path_alias": settings.path_alias,
    }
    taken = datetime.fromtimestamp(thing.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
    page = f"{world.base}/photos/{settings.path_alias}/{thing.id}/"
    children = [
        Node("owner", owner),
        Node("title", text=thing.title),
        Node("description", text=as_read(thing.description)),
        Node("visibility", visibility(thing)),
        Node(
            "dates",
            {
                "posted": str(int(_posted(thing))),
                "taken": thing.parts.get("taken", taken),
                "takengranularity": str(thing.parts.get("granularity", 0)),
                "takenunknown": "1",
                "lastupdate": str(int(thing.updated)),
            },
        ),
    ]
    if call.token and thing.mine:
        children.append(Node("permissions", _permissions(thing)))
    children += [
        Node("editability", {"cancomment": 1, "canaddmeta": 1}),
        Node("publiceditability", {"cancomment": int(thing.parts.get("perm_comment", 3) == 3), "canaddmeta": 0}),
        Node("usage", {"candownload": 1, "canblog": 1, "canprint": 1, "canshare": 1}),
        Node("comments", text="0"),
        Node("notes", many="note"),
        Node("people", {"haspeople": 0}),
        Node("tags", children=_tags(call, thing, "tag"), many="tag"),
        Node("urls", children=[Node("url", {"type": "photopage"}, text=page)], many="url"),
    ]
    if thing.is_video:
        children.insert(-1, Node("video", _video(call, thing)))
    return Node("photo", _head(call, thing), children)


def _visible(call: Call, message: str) -> Thing:
    """The photo named, if the caller may see it."""
    thing = call.world.ledger.thing("flickr", call.get("photo_id"))
    if thing is None or thing.deleted is not None:
        raise FlickrError(1, message)
    if thing.visibility != "public" and not (call.token and thing.mine):
        raise FlickrError(1, message)
    return thing


def _head(call: Call, thing: Thing) -> dict[str, str | int | float]:
    head: dict[str, str | int | float] = {
        "id": thing.id,
        "secret": thing.parts["secret"],
        "server": "65535",
        "farm": 66,
        "dateuploaded": str(int(_posted(thing))),
        "isfavorite": 0,
        "license": thing.parts.get("licence", "0"),
        "safety_level": str(thing.parts.get("safety", 0)),
        "rotation": 0,
    }
    if call.token and thing.mine:
        head |= {"originalsecret": thing.parts["originalsecret"], "originalformat": _extension(thing)}
    return head | {"views": "0", "media": "video" if thing.is_video else "photo"}


def _posted(thing: Thing) -> float:
    return float(thing.parts.get("posted", thing.created))


def _extension(thing: Thing) -> str:
    return {"image/png": "png", "image/gif": "gif", "video/mp4": "mp4"}.get(thing.media_type, "jpg")


def visibility(thing: Thing) -> dict[str, str | int | float]:
    """The three flags of a photo's audience."""
    return {
        "ispublic": int(thing.visibility == "public"),
        "isfriend": int(thing.visibility != "public" and bool(thing.parts.get("is_friend"))),
        "isfamily": int(thing.visibility != "public" and bool(thing.parts.get("is_family"))),
    }


def _permissions(thing: Thing) -> dict[str, str | int | float]:
    return {
        "permcomment": thing.parts.get("perm_comment", 3),
        "permaddmeta": thing.parts.get("perm_addmeta", 2),
    }


def _video(call: Call, thing: Thing) -> dict[str, str | int | float]:
    state = thing.processing(call.now)
    return {
        "ready": int(state == "done"),
        "failed": int(state == "failed"),
        "pending": int(state == "pending"),
        "duration": thing.parts.get("duration", 10),
        "width": 960,
        "height": 540,
    }


def _tags(call: Call, thing: Thing, kind: str, only: list[str] | None = None) -> list[Node]:
    settings = call.world.settings
    return [
        Node(
            kind,
            {
                "id": f"24541304-{thing.id}-{number}",
                "author": settings.flickr_nsid,
                "authorname": settings.flickr_username,
                "raw": raw,
                "machine_tag": int(machine_parts(raw) is not None),
            },
            text=normalised(raw),
        )
        for number, raw in enumerate(thing.tags, 1)
        if only is None or raw in only
    ]


@method("flickr.photos.getPerms", "read")
def get_perms(call: Call) -> Node:
    thing = call.photo()
    return Node("perms", {"id": thing.id, **visibility(thing), **_permissions(thing), "permprint": 0})


@method("flickr.photos.getSizes", "none")
def get_sizes(call: Call) -> Node:
    """The direct addresses of a photo's bytes, on this stand-in."""
    thing = _visible(call, "Photo not found")
    world, parts = call.world, thing.parts
    width, height = dimensions(world.ledger.held(thing.held)) if thing.held else (1024, 768)
    page = f"{world.base}/photos/{world.settings.path_alias}/{thing.id}/sizes"
    media = "video" if thing.is_video else "photo"
    start = f"{world.base}/live/65535/{thing.id}_"
    sizes = [
        _size(label, f"{start}{parts['secret']}{suffix}.jpg", f"{page}/{end}/", (width, height), side, media)
        for label, suffix, end, side in _SIZES
        if side in (75, 150) or side < max(width, height)
    ]
    if call.token and thing.mine:
        original = f"{start}{parts['originalsecret']}_o.{_extension(thing)}"
        sizes.append(_size("Original", original, f"{page}/o/", (width, height), max(width, height), media))
    return Node("sizes", {"canblog": 1, "canprint": 1, "candownload": 1}, sizes, many="size")


def _size(label: str, source: str, page: str, full: tuple[int, int], side: int, media: str) -> Node:
    scale = side / max(full)
    wide, high = (side, side) if "Square" in label else (round(full[0] * scale), round(full[1] * scale))
    return Node(
        "size",
        {"label": label, "width": wide, "height": high, "source": source, "url": page, "media": media},
    )


@method("flickr.photos.getAllContexts", "none")
def get_all_contexts(call: Call) -> list[Node]:
    """The albums a photo is in, with no element around them."""
    thing = _visible(call, "Photo not found")
    return [
        Node("set", {"id": album.id, "title": album.title})
        for album in call.world.ledger.albums("flickr")
        if thing.id in album.things
    ]


@method("flickr.photos.delete", "delete")
def delete(call: Call) -> None:
    """Delete for good. Not found and another's are the same error 1."""
    thing = call.photo(1, "Photo not found")
    thing.remove(call.now)
    call.keep(thing)
    for album in call.world.ledger.albums("flickr"):
        if thing.id not in album.things:
            continue
        album.members = [one for one in album.members if one[1] != thing.id]
        if not album.members:
            album.deleted = call.now  # an empty album is no album
        elif album.primary == thing.id:
            album.primary = album.members[0][1]
        call.world.ledger.put(album)


@method("flickr.photos.setMeta", "write")
def set_meta(call: Call) -> Node:
    thing = call.photo()
    thing.title = call.get("title", thing.title)
    thing.description = call.get("description", thing.description)
    call.keep(thing)
    return Node(
        "photo",
        children=[Node("title", text=thing.title), Node("description", text=as_read(thing.description))],
    )


@method("flickr.photos.setTags", "write")
def set_tags(call: Call) -> None:
    thing = call.photo()
    thing.tags = _allowed(call, unique_tags(split_tags(call.get("tags"))))
    call.keep(thing)


@method("flickr.photos.addTags", "write")
def add_tags(call: Call) -> Node:
    """Add tags; past the maximum the whole request is ignored and none is added."""
    thing = call.photo()
    wanted = split_tags(call.get("tags"))
    before = list(thing.tags)
    thing.tags = _allowed(call, unique_tags([*thing.tags, *wanted]))
    call.keep(thing)
    added = [raw for raw in thing.tags if raw not in before]
    nodes = _tags(call, thing, "tag", added)
    for node in nodes:
        full = node.attributes.pop("id")
        node.attributes |= {"full_tag_id": full, "id": str(full).rpartition("-")[2]}
    return Node("tags", children=nodes, many="tag")


def _allowed(call: Call, tags: list[str]) -> list[str]:
    if len(tags) > call.world.settings.tags_per_photo:
        raise FlickrError(2, "Maximum number of tags reached")
    return tags


@method("flickr.photos.removeTag", "write")
def remove_tag(call: Call) -> None:
    _, photo, number = (["", "", "0", *call.get("tag_id").split("-")])[-3:]
    thing = call.world.ledger.thing("flickr", photo)
    if thing is None or thing.deleted is not None or not 0 < int(number) <= len(thing.tags):
        raise FlickrError(1, "Tag not found")
    del thing.tags[int(number) - 1]
    call.keep(thing)


@method("flickr.photos.setPerms", "write")
def set_perms(call: Call) -> None:
    """Who may see, comment and tag. All three audience flags are required."""
    thing = call.photo()
    flags = [call.get(name) for name in ("is_public", "is_friend", "is_family")]
    if any(flag not in ("0", "1") for flag in flags):
        raise FlickrError(2, "Required arguments missing")
    if thing.is_video and thing.processing(call.now) == "pending":
        # No documented code: uploaders skip it because it fails (Photini).
        raise FlickrError(106, "Write operation failed")
    thing.parts |= {"is_friend": flags[1] == "1", "is_family": flags[2] == "1"}
    for name in ("perm_comment", "perm_addmeta"):
        if call.get(name) in ("0", "1", "2", "3"):
            thing.parts[name] = int(call.get(name))
    thing.show("public" if flags[0] == "1" else "private", call.now)
    call.keep(thing)


@method("flickr.photos.setDates", "write")
def set_dates(call: Call) -> None:
    thing = call.photo()
    if not any(call.get(name) for name in ("date_posted", "date_taken", "granularity")):
        raise FlickrError(2, "Not enough arguments")
    if call.get("date_posted"):
        posted = call.number("date_posted", -1)
        if not 0 <= posted <= call.now:
            raise FlickrError(1, "Invalid date posted")
        thing.parts["posted"] = posted
    if call.get("date_taken"):
        try:
            time.strptime(call.get("date_taken"), "%Y-%m-%d %H:%M:%S")
        except ValueError:
            raise FlickrError(3, "Invalid date taken") from None
        thing.parts["taken"] = call.get("date_taken")
    call.keep(thing)


@method("flickr.photos.setSafetyLevel", "write")
def set_safety_level(call: Call) -> None:
    """Safety 1 to 3; `hidden` is 0 or 1 here, where the upload takes 1 or 2."""
    thing = call.photo()
    level, hidden = call.get("safety_level"), call.get("hidden")
    if level not in ("", "1", "2", "3") or hidden not in ("", "0", "1") or not (level or hidden):
        raise FlickrError(2, "Invalid or missing safety level")
    if level:
        thing.parts["safety"] = int(level)
    if hidden:
        thing.parts["hidden"] = hidden == "1"
    call.keep(thing)


@method("flickr.photos.setContentType", "write")
def set_content_type(call: Call) -> None:
    thing = call.photo()
    if call.get("content_type") not in ("1", "2", "3", "4"):
        raise FlickrError(2, "Required arguments missing")
    thing.parts["content_type"] = int(call.get("content_type"))
    call.keep(thing)


@method("flickr.photos.licenses.setLicense", "write")
def set_licence(call: Call) -> None:
    thing = call.photo()
    if call.get("license_id") not in LICENCES:
        raise FlickrError(2, "License not found")
    thing.parts["licence"] = call.get("license_id")
    call.keep(thing)

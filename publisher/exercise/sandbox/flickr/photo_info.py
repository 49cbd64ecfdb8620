"""Flickr's methods that read one photo: what it is, who may see it, where its bytes and albums are."""

from __future__ import annotations

from datetime import UTC, datetime

from publisher.exercise.sandbox.flickr.api import Call, method
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node
from publisher.exercise.sandbox.flickr.text import as_read, machine_parts, normalised
from publisher.exercise.sandbox.picture import dimensions
from publisher.exercise.sandbox.records import Thing

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
        Node("tags", children=tags_of(call, thing), many="tag"),
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
        "duration": thing.parts.get("duration", 0),
        "width": 960,
        "height": 540,
    }


def tags_of(call: Call, thing: Thing, only: list[str] | None = None) -> list[Node]:
    """The photo's tags (those in `only`), normalised, with what was sent as `raw`."""
    settings = call.world.settings
    return [
        Node(
            "tag",
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

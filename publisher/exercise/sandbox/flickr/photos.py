"""Flickr's methods that change one photo, or delete it."""

from __future__ import annotations

import time

from publisher.exercise.sandbox.flickr.account import LICENCES
from publisher.exercise.sandbox.flickr.api import Call, method
from publisher.exercise.sandbox.flickr.photo_info import tags_of
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node
from publisher.exercise.sandbox.flickr.text import as_read, split_tags, unique_tags


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
    nodes = tags_of(call, thing, added)
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
    posted, taken = call.get("date_posted"), call.get("date_taken")
    if posted and not 0 <= call.number("date_posted", -1) <= call.now:
        raise FlickrError(1, "Invalid date posted")
    if taken and not _datetime(taken):
        raise FlickrError(3, "Invalid date taken")
    if posted:
        thing.parts["posted"] = int(posted)
    if taken:
        thing.parts["taken"] = taken
    call.keep(thing)


def _datetime(text: str) -> bool:
    try:
        time.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return False
    return True


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

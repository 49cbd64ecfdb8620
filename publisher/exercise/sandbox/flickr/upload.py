"""Flickr's upload address: a signed multipart form of which everything but the photo is signed.

Codes and their meaning: upload.api.html. What is left out becomes the account's default, which is public
on most accounts: the reason why a careful client sends every privacy argument.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.exercise.sandbox.flickr import api
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node, answered, failed
from publisher.exercise.sandbox.flickr.text import split_tags, unique_tags
from publisher.exercise.sandbox.multipart import Part, parts
from publisher.exercise.sandbox.naming import numeric_id
from publisher.exercise.sandbox.picture import seconds, sniffed
from publisher.exercise.sandbox.records import Thing, Ticket, Token
from publisher.exercise.sandbox.spoiled import receive, under_faults
from publisher.exercise.sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

PATH = "/services/upload/"


def serve(world: World, request: Request) -> Reply:
    """Take one upload in."""
    request.operation = "flickr.upload"
    arriving = world.ledger.arriving()
    try:
        receive(world, request, arriving)
        boundary = request.headers.get_param("boundary")
        found = parts(arriving, str(boundary)) if boundary else []
        fields = [(part.name, part.read().decode("utf-8", "replace")) for part in found if part.name != "photo"]
        request.fields = {name: value for name, value in fields if not name.startswith("oauth_")}
        photo = next((part for part in found if part.name == "photo"), None)
        return under_faults(world, request, lambda: _answer(world, request, fields, photo))
    finally:
        arriving.unlink(missing_ok=True)


def _answer(world: World, request: Request, fields: list[tuple[str, str]], photo: Part | None) -> Reply:
    with world.lock:
        try:
            token = api.authenticated(world, request, fields)
            api.within_hourly_limit(world)
            api.permitted(token, "write", request.fields, world)
            return answered(_stored(world, request, photo, token), request.fields)
        except FlickrError as error:
            return failed(error.code, error.message, request.fields, error.extra)


def _stored(world: World, request: Request, photo: Part | None, token: Token | None) -> Node:
    """Store what passes every check; returns `<photoid>`, or `<ticketid>` for an asynchronous upload."""
    if photo is None or photo.filename is None:
        raise FlickrError(2, "No photo specified")
    if photo.size == 0:
        raise FlickrError(4, "Filesize was zero")
    arrived = world.ledger.arriving()
    photo.copy_to(arrived)
    try:
        media_type = sniffed(arrived, photo.filename)
        _within_limits(world, media_type, photo.size)
        thing = _thing(world, request, photo, media_type)
        thing.parts["duration"] = round(seconds(arrived) or 0) if thing.is_video else 0
        thing.sha256, thing.size = world.ledger.hold(arrived, f"flickr-{thing.id}")
        _no_duplicate(world, request, thing)
    finally:
        arrived.unlink(missing_ok=True)
    world.ledger.put(thing)
    if request.fields.get("async") == "1":
        # A hyphenated word, not a number (phpflickr#71).
        ticket = Ticket(f"{numeric_id('2', 9)}-{numeric_id('721577', 17)}", thing.id, thing.ready_at, thing.outcome)
        world.ledger.put(ticket)
        return Node("ticketid", text=ticket.id)
    secret = {name: thing.parts[name] for name in ("secret", "originalsecret")}
    return Node("photoid", secret, text=thing.id)


def _within_limits(world: World, media_type: str, size: int) -> None:
    if not media_type:
        raise FlickrError(5, "Filetype was not recognised")
    video = media_type.startswith("video/")
    if size > (world.settings.video_bytes if video else world.settings.photo_bytes):
        raise FlickrError(8, "Filesize was too large")
    limit = world.settings.flickr_items_limit
    if limit is not None and sum(one.mine for one in world.ledger.things("flickr")) >= limit:
        raise FlickrError(6, "Upload limit reached. For more info, visit flickr.com/pro")


def _thing(world: World, request: Request, photo: Part, media_type: str) -> Thing:
    fields, now, settings = request.fields, world.now(), world.settings
    default = "1" if settings.account_default_public else "0"
    public = fields.get("is_public", default)
    if public not in ("0", "1"):
        public = default
    thing = Thing(
        platform="flickr",
        id=numeric_id("54", 11),
        created=now,
        updated=now,
        title=fields.get("title", Path(photo.filename or "").stem),
        description=fields.get("description", ""),
        # How the upload treats too many is undocumented; the photo comes in, the surplus does not.
        tags=unique_tags(split_tags(fields.get("tags", "")))[: settings.tags_per_photo],
        filename=photo.filename or "",
        media_type=media_type,
    )
    thing.held = f"flickr-{thing.id}"
    thing.ready_at = now + settings.processing_seconds if thing.is_video else now
    if request.fault is not None and request.fault.kind == "processing_failed":
        thing.outcome = "failed:conversion"
    thing.parts = {
        "secret": secrets.token_hex(5),
        "originalsecret": secrets.token_hex(5),
        "is_friend": fields.get("is_friend") == "1",
        "is_family": fields.get("is_family") == "1",
        "safety": int(fields["safety_level"]) if fields.get("safety_level") in ("1", "2", "3") else 1,
        "content_type": int(fields["content_type"]) if fields.get("content_type") in ("1", "2", "3") else 1,
        "hidden": fields.get("hidden") == "2",  # 1 keeps it in searches, 2 hides it
        "perm_comment": 3,
        "perm_addmeta": 2,
        "licence": "0",
    }
    thing.show("public" if public == "1" else "private", now)
    return thing


def _no_duplicate(world: World, request: Request, thing: Thing) -> None:
    """With `dedup_check`, the same bytes already on the account are error 9, which names them."""
    if request.fields.get("dedup_check") not in ("1", "2"):
        return
    for other in world.ledger.things("flickr"):
        if other.mine and other.sha256 == thing.sha256:
            world.ledger.held(f"flickr-{thing.id}").unlink(missing_ok=True)
            raise FlickrError(
                9,
                "Duplicate photo/video detected",
                {"duplicate_photo_id": other.id, "duplicate_photo_status": "0"},
            )

"""Things that come, change and go without the API: by hand, in the platform's own web pages."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox.naming import letters, numeric_id
from publisher.exercise.sandbox.records import Thing

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

_PLAIN = ("title", "description", "tags", "media_type", "mine", "outcome", "filename", "size", "sha256")


def plant(world: World, platform: str, count: int = 1, **fields: Any) -> list[str]:
    """Put `count` things there, public unless `visibility` says otherwise; returns their ids.

    Fields: title (`{n}` counts), description, tags, visibility, media_type, mine, created (epoch seconds),
    outcome; any other is kept as the platform's own setting. `spread`: over how many seconds up to `created`
    they came, evenly; without it all at once.
    """
    apart = float(fields.pop("spread", 0.0)) / count if count else 0.0
    last = float(fields.pop("created", world.now()))
    with world.lock, world.ledger.together():
        return [_planted(world, platform, n, last - apart * (count - n), fields) for n in range(1, count + 1)]


def _unused(world: World, platform: str) -> str:
    """An id nobody has: of nine thousand random ones two may well be the same."""
    while True:
        key = numeric_id("53", 11) if platform == "flickr" else letters(11)
        if world.ledger.thing(platform, key) is None:
            return key


def _planted(world: World, platform: str, number: int, created: float, fields: dict[str, Any]) -> str:
    flickr = platform == "flickr"
    thing = Thing(
        platform=platform,
        id=_unused(world, platform),
        created=created,
        media_type="image/jpeg" if flickr else "video/mp4",
        title=f"Inherited {number}",
    )
    thing.updated = thing.ready_at = thing.created
    if flickr:
        thing.parts = {"secret": secrets.token_hex(5), "originalsecret": secrets.token_hex(5)}
    _write(thing, {"visibility": "public", **fields}, thing.created)
    thing.title = thing.title.replace("{n}", str(number))
    world.ledger.put(thing)
    return thing.id


def _write(thing: Thing, fields: dict[str, Any], now: float) -> None:
    for name, value in fields.items():
        if name == "visibility":
            thing.show(value, now)
        elif name in _PLAIN:
            setattr(thing, name, value)
        elif name != "created":
            thing.parts[name] = value


def _standing(world: World, platform: str, key: str) -> Thing:
    thing = world.ledger.thing(platform, key)
    if thing is None or thing.deleted is not None:
        raise ValueError(f"There is no {key} at {platform}.")
    return thing


def edit(world: World, platform: str, id: str, **fields: Any) -> None:
    """Change a thing as somebody in the platform's own page would."""
    with world.lock:
        thing = _standing(world, platform, id)
        _write(thing, fields, world.now())
        thing.updated = world.now()
        world.ledger.put(thing)


def edit_album(world: World, platform: str, id: str, **fields: str) -> None:
    """Change an album's or playlist's words, language or visibility in the same way; `deleted` ends it."""
    with world.lock:
        album = next((one for one in world.ledger.albums(platform) if one.id == id), None)
        if album is None:
            raise ValueError(f"There is no album {id} at {platform}.")
        if fields.pop("deleted", ""):
            album.deleted = world.now()
        for name, value in fields.items():
            if name not in ("title", "description", "language", "visibility"):
                raise ValueError(f"An album has no {name} to change.")
            setattr(album, name, value)
        world.ledger.put(album)


def delete(world: World, platform: str, id: str) -> None:
    """Delete a thing as somebody in the platform's own page would."""
    with world.lock:
        thing = _standing(world, platform, id)
        thing.remove(world.now())
        world.ledger.put(thing)
        for album in world.ledger.albums(platform):
            if thing.id in album.things:
                album.members = [one for one in album.members if one[1] != thing.id]
                world.ledger.put(album)

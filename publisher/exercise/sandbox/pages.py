"""What a person would see at the platforms: the photo stream, an album, the channel, a playlist.

The pages show the owner's view: everything, each thing with the word Public or Private.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.exercise.sandbox.flickr.text import as_read
from publisher.exercise.sandbox.page_frame import framed
from publisher.exercise.sandbox.records import Album, Thing
from publisher.exercise.sandbox.wire import Reply, Request, html_reply

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

_MEDIA = re.compile(r"/live/[^/]+/(\d+)_([0-9a-f]+)(?:_[a-z]+)?\.\w+")
_THUMBNAIL = re.compile(r"/vi/([\w-]+)/\w+\.jpg")
_FOOTAGE = re.compile(r"/media/([\w-]+)\.mp4")
_PHOTO = re.compile(r"/photos/([^/]+)/(?:(\d+)|sets/(\d+))?/?(?:sizes/\w+/)?")
# Whoever asks Flickr for a deleted photo gets a picture that says so (photocloud-frame-slideshow#47; by a redirect, we
# assume); YouTube's 404 carries a grey one (wp-youtube-lyte PR 28).
_UNAVAILABLE = "/images/en-us/photo_unavailable.gif"
_GREY = bytes.fromhex("47494638396101000100800000808080ffffff2c00000000010001000002024401003b")
_SLICE = re.compile(r"bytes=(\d+)-(\d*)")
_CHANNEL = re.compile(r"/channel/([\w-]+)/?")


def serve(world: World, request: Request) -> Reply:
    """Answer a browser."""
    if request.method not in ("GET", "HEAD"):
        return html_reply(405, "Method Not Allowed")
    with world.lock:
        world.ripen()
        return _page(world, request) or _missing(world)


def _page(world: World, request: Request) -> Reply | None:  # noqa: PLR0911 - one line for each address
    path = request.path
    if path == _UNAVAILABLE:
        return Reply(200, _GREY, "image/gif")
    if path == "/":
        return _overview(world)
    if found := _MEDIA.fullmatch(path):
        return _photo_bytes(world, found[1], found[2])
    if found := _THUMBNAIL.fullmatch(path):
        return _video_bytes(world, found[1], thumbnail=True)
    if found := _FOOTAGE.fullmatch(path):
        return _sliced(request, _video_bytes(world, found[1], thumbnail=False))
    if (found := _PHOTO.fullmatch(path)) and found[1] in (world.settings.path_alias, world.settings.flickr_nsid):
        return _flickr(world, found[2], found[3])
    if (found := _CHANNEL.fullmatch(path)) and found[1] == world.settings.channel_id:
        things = _newest(world, "youtube")
        return _collection(world, world.settings.channel_title, "Channel", things)
    if path == "/watch":
        return _one(world, world.ledger.thing("youtube", request.argument("v")))
    if path == "/playlist":
        return _album(world, "youtube", request.argument("list"))
    return None


def _links(world: World) -> tuple[tuple[str, str], ...]:
    return (
        ("/", "Overview"),
        (f"/photos/{world.settings.path_alias}/", "Photo stream (Flickr)"),
        (f"/channel/{world.settings.channel_id}", "Channel (YouTube)"),
    )


def _missing(world: World) -> Reply:
    words = "<h1>Not here</h1><p>There is nothing at this address, or there no longer is.</p>"
    return framed("Not here", words, _links(world), 404)


def _newest(world: World, platform: str) -> list[Thing]:
    return sorted(world.ledger.things(platform), key=lambda one: one.created, reverse=True)


def _overview(world: World) -> Reply:
    parts = ["<h1>What stands at the platforms</h1>"]
    for platform, address, words in (
        ("flickr", f"/photos/{world.settings.path_alias}/", "Flickr"),
        ("youtube", f"/channel/{world.settings.channel_id}", "YouTube"),
    ):
        things = _newest(world, platform)
        parts.append(f'<h2><a href="{escape(address)}">{words}</a></h2>{_count(things)}{_grid(world, things[:8])}')
        albums = "".join(
            f'<li><a href="{escape(_album_address(world, one))}">{escape(one.title)}</a>, {len(one.members)}</li>'
            for one in world.ledger.albums(platform)
        )
        parts.append(f"<h3>Albums</h3><ul>{albums}</ul>" if albums else "")
    return framed("Overview", "".join(parts), _links(world))


def _count(things: list[Thing]) -> str:
    public = sum(one.is_public for one in things)
    return f'<p class="count">{len(things)} here, {public} of them public.</p>'


def _collection(world: World, title: str, kind: str, things: list[Thing], words: str = "") -> Reply:
    head = f'<p class="count">{kind}</p><h1>{escape(title)}</h1>'
    described = f'<p class="words">{escape(words)}</p>' if words else ""
    return framed(title, head + described + _count(things) + _grid(world, things), _links(world))


def _grid(world: World, things: list[Thing]) -> str:
    return f'<ul class="grid">{"".join(_card(world, one) for one in things)}</ul>' if things else ""


def _card(world: World, thing: Thing) -> str:
    title = escape(thing.title or "Untitled")
    picture = _picture(thing)
    shown = f'<img src="{escape(picture)}" alt="" loading="lazy">' if picture else '<div class="blank">No picture</div>'
    return (
        f'<li class="card">{shown}<div class="text"><h3><a href="{escape(address(world, thing))}">{title}</a></h3>'
        f"{_state(thing)}</div></li>"
    )


def _picture(thing: Thing) -> str:
    """The address of something to look at: the photo, or a video's thumbnail."""
    if thing.platform == "youtube":
        return f"/vi/{thing.id}/hqdefault.jpg" if thing.thumbnail else ""
    return f"/live/65535/{thing.id}_{thing.parts['secret']}_b.jpg" if thing.held and not thing.is_video else ""


def _state(thing: Thing) -> str:
    if thing.deleted is not None:
        return '<span class="state gone">Deleted</span>'
    return f'<span class="state {escape(thing.visibility)}">{escape(thing.visibility.capitalize())}</span>'


def address(world: World, thing: Thing) -> str:
    """A thing's page."""
    if thing.platform == "youtube":
        return f"/watch?v={thing.id}"
    return f"/photos/{world.settings.path_alias}/{thing.id}/"


def _album_address(world: World, album: Album) -> str:
    if album.platform == "youtube":
        return f"/playlist?list={album.id}"
    return f"/photos/{world.settings.path_alias}/sets/{album.id}/"


def _flickr(world: World, photo: str | None, album: str | None) -> Reply | None:
    if photo:
        return _one(world, world.ledger.thing("flickr", photo))
    if album:
        return _album(world, "flickr", album)
    return _collection(world, world.settings.flickr_username, "Photo stream", _newest(world, "flickr"))


def _album(world: World, platform: str, key: str) -> Reply | None:
    for album in world.ledger.albums(platform):
        if album.id == key:
            found = [world.ledger.thing(platform, one) for one in album.things]
            things = [one for one in found if one is not None and one.deleted is None]
            kind = "Album" if platform == "flickr" else "Playlist"
            return _collection(world, album.title, kind, things, album.description)
    return None


def _one(world: World, thing: Thing | None) -> Reply | None:
    """A thing's own page; none once it is deleted."""
    if thing is None or thing.deleted is not None:
        return None
    words = as_read(thing.description) if thing.platform == "flickr" else escape(thing.description)
    tags = "".join(f"<li>{escape(raw)}</li>" for raw in thing.tags)
    inner = (
        f"<h1>{escape(thing.title or 'Untitled')}</h1><p>{_state(thing)}</p>{_shown(thing)}"
        f'<p class="words">{words}</p><ul class="tags" aria-label="Tags">{tags}</ul>{_facts(world, thing)}'
    )
    return framed(thing.title or "Untitled", inner, _links(world))


def _shown(thing: Thing) -> str:
    if thing.is_video and thing.held:
        poster = f' poster="/vi/{thing.id}/hqdefault.jpg"' if thing.thumbnail else ""
        return f'<figure><video controls preload="metadata" src="/media/{thing.id}.mp4"{poster}></video></figure>'
    picture = _picture(thing)
    return f'<figure><img src="{escape(picture)}" alt="{escape(thing.title)}"></figure>' if picture else ""


def _facts(world: World, thing: Thing) -> str:
    rows = [
        ("Uploaded", _clock(thing.created)),
        ("Processing", thing.processing(world.now())),
        ("Size", f"{thing.size:,} bytes"),
        ("SHA-256", f"<code>{thing.sha256 or 'no bytes held'}</code>"),
        ("Public", "; ".join(_interval(one[0] or 0.0, one[1]) for one in thing.public) or "never"),
    ]
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in rows)}</dl>"


def _interval(since: float, until: float | None) -> str:
    return f"from {_clock(since)}" + (f" until {_clock(until)}" if until is not None else "")


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y, %H:%M:%S UTC")


def _photo_bytes(world: World, key: str, secret: str) -> Reply | None:
    """The bytes behind a direct address, which knows no privacy and may outlive the photo."""
    thing = world.ledger.thing("flickr", key)
    if thing is None or not thing.held:
        return None
    if world.media_gone(thing):
        return Reply(302, headers={"Location": f"{world.base}{_UNAVAILABLE}"})
    if secret not in (thing.parts["secret"], thing.parts["originalsecret"]):
        return None
    return _bytes(world.ledger.held(thing.held), thing.media_type)


def _video_bytes(world: World, key: str, *, thumbnail: bool) -> Reply | None:
    thing = world.ledger.thing("youtube", key) or world.ledger.thing("flickr", key)
    if thing is None or world.media_gone(thing):
        return Reply(404, _GREY, "image/gif") if thumbnail else None
    name = thing.thumbnail if thumbnail else thing.held
    return _bytes(world.ledger.held(name), "image/jpeg" if thumbnail else thing.media_type) if name else None


def _bytes(held: Path, media_type: str) -> Reply:
    reply = Reply(200, held, media_type)
    reply.headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    reply.headers["Accept-Ranges"] = "bytes"
    return reply


def _sliced(request: Request, reply: Reply | None) -> Reply | None:
    """The part a player asks for; without it nobody can move about in a film."""
    asked = _SLICE.fullmatch(request.headers.get("Range", ""))
    if reply is None or asked is None or not isinstance(reply.body, Path):
        return reply
    size = reply.body.stat().st_size
    first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if first > last:
        return Reply(416, headers={"Content-Range": f"bytes */{size}"})
    with reply.body.open("rb") as film:
        film.seek(first)
        reply.body = film.read(last - first + 1)
    reply.code = 206
    reply.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return reply

"""YouTube's playlists and their entries. Neither knows uniqueness: an insert repeated is a second one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from publisher.exercise.sandbox.naming import letters
from publisher.exercise.sandbox.records import Album, Thing
from publisher.exercise.sandbox.youtube import resources
from publisher.exercise.sandbox.youtube.api import Ask, method
from publisher.exercise.sandbox.youtube.errors import Refusal
from publisher.exercise.sandbox.youtube.videos import uploads_id

MOST = 50
_PARTS = frozenset(["id", "snippet", "status", "contentDetails", "player", "localizations"])


def _named(ask: Ask) -> list[str]:
    parts = ask.parts
    strange = [one for one in parts if one not in _PARTS]
    if strange:
        raise Refusal(400, "unknownPart", f"'{strange[0]}'", "youtube.part")
    return parts


def _playlist(ask: Ask, key: str, domain: str) -> Album:
    for album in ask.world.ledger.albums("youtube"):
        if album.id == key:
            return album
    raise Refusal(
        404, "playlistNotFound", "The playlist identified with the request's playlistId cannot be found.", domain
    )


@method("playlists.list")
def list_playlists(ask: Ask) -> dict[str, Any]:
    """The channel's playlists, newest first."""
    parts = _named(ask)
    wanted = [one for one in ask.get("id").split(",") if one]
    if not wanted and ask.get("mine") != "true" and not ask.get("channelId"):
        raise Refusal(400, "missingRequiredParameter", "No filter selected.", "youtube.parameter")
    albums = [one for one in ask.world.ledger.albums("youtube") if not wanted or one.id in wanted]
    albums.sort(key=lambda one: one.created, reverse=True)
    rows, tokens, per_page = _page(ask, albums)
    items = [resources.playlist(ask.world, one, parts) for _, one in rows]
    return resources.listing("playlist", items, len(albums), per_page, **tokens)


def _page(ask: Ask, everything: list[Any]) -> tuple[list[tuple[int, Any]], dict[str, str], int]:
    """One page as (position, thing), its tokens, and its size (5 unless asked, 50 at most)."""
    asked = ask.get("maxResults", "5")
    if not asked.isdigit() or int(asked) > MOST:
        raise Refusal(400, "invalidParameter", f"Invalid value '{asked}' for maxResults.", "global")
    per_page = int(asked)
    start = _offset(ask.get("pageToken"))
    tokens = {}
    if start + per_page < len(everything):
        tokens["nextPageToken"] = _token(start + per_page)
    if start:
        tokens["prevPageToken"] = _token(max(0, start - per_page))
    return list(enumerate(everything))[start : start + per_page], tokens, per_page


def _token(offset: int) -> str:
    return urlsafe_b64encode(f"at:{offset}".encode()).decode().rstrip("=")


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("at:"))
    except ValueError:
        raise Refusal(400, "invalidPageToken", "The request specifies an invalid page token.") from None


@method("playlists.insert")
def insert_playlist(ask: Ask) -> dict[str, Any]:
    """A new playlist, also beside one with the same title."""
    parts = _named(ask)
    snippet = ask.section("snippet")
    title = snippet.get("title")
    if not isinstance(title, str) or not title.strip() or len(title) > 150 or set("<>") & set(title):
        raise Refusal(400, "playlistTitleRequired", "The request must specify a playlist title.", "youtube.playlist")
    album = Album(
        platform="youtube",
        id=letters(32, "PL"),
        title=title,
        description=str(snippet.get("description", "")),
        language=str(snippet.get("defaultLanguage", "")),
        created=ask.now,
        visibility=str(ask.section("status").get("privacyStatus", "public")),
    )
    ask.world.ledger.put(album)
    return resources.playlist(ask.world, album, parts)


@method("playlists.update")
def update_playlist(ask: Ask) -> dict[str, Any]:
    """Replace the named parts whole: what is not sent of one is deleted (discovery document, playlists.update)."""
    parts = _named(ask)
    album = _playlist(ask, str(ask.body.get("id")), "youtube.playlist")
    if "snippet" in parts:
        snippet = ask.section("snippet")
        if not snippet.get("title"):
            raise Refusal(400, "playlistTitleRequired", "The request must specify a title.", "youtube.playlist")
        album.title, album.description = snippet["title"], snippet.get("description", "")
        album.language = snippet.get("defaultLanguage", "")
    if "status" in parts:
        album.visibility = str(ask.section("status").get("privacyStatus", "public"))
    ask.world.ledger.put(album)
    return resources.playlist(ask.world, album, parts)


@method("playlists.delete")
def delete_playlist(ask: Ask) -> None:
    album = _playlist(ask, ask.get("id"), "youtube.playlist")
    album.deleted = ask.now
    ask.world.ledger.put(album)


@method("playlistItems.list")
def list_items(ask: Ask) -> dict[str, Any]:
    """The entries of a playlist, or of the channel's uploads, newest first."""
    parts = _named(ask)
    key = ask.get("playlistId")
    if not key:
        raise Refusal(400, "playlistIdRequired", "The request does not specify a playlist.", "youtube.playlistItem")
    entries = _uploads(ask) if key == uploads_id(ask.world.settings.channel_id) else _entries(ask, key)
    if ask.get("videoId"):
        entries = [one for one in entries if one[1].id == ask.get("videoId")]
    rows, tokens, per_page = _page(ask, entries)
    if ask.world.settings.uploads_list_repeats and rows and rows[0][0] > 0:
        # The uploads list may repeat a video on the next page (youtube-automation#4745).
        rows.insert(0, (rows[0][0] - 1, entries[rows[0][0] - 1]))
    items = [
        resources.playlist_item(ask.world, key, entry, thing, position, parts) for position, (entry, thing) in rows
    ]
    return resources.listing("playlistItem", items, len(entries), per_page, **tokens)


def _uploads(ask: Ask) -> list[tuple[str, Thing]]:
    """Every video of the channel that the list knows by now, private ones too: the owner asks."""
    delay = ask.world.settings.listing_delay
    known = [one for one in ask.world.ledger.things("youtube") if one.mine and one.created + delay <= ask.now]
    return [(f"UU{one.id}", one) for one in sorted(known, key=lambda one: one.created, reverse=True)]


def _entries(ask: Ask, key: str) -> list[tuple[str, Thing]]:
    album = _playlist(ask, key, "youtube.playlistItem")
    found = [(entry, ask.world.ledger.thing("youtube", video)) for entry, video in album.members]
    return [(entry, thing) for entry, thing in found if thing is not None]


@method("playlistItems.insert")
def insert_item(ask: Ask) -> dict[str, Any]:
    """Add a video, again if asked again. A new upload may not be known here yet (tokland#305)."""
    parts = _named(ask)
    snippet = ask.section("snippet")
    resource = snippet.get("resourceId")
    if not isinstance(resource, dict) or resource.get("kind") != "youtube#video":
        raise Refusal(400, "resourceIdRequired", "The request must contain a resource.", "youtube.playlistItem")
    album = _playlist(ask, str(snippet.get("playlistId", "")), "youtube.playlistItem")
    thing = ask.world.ledger.thing("youtube", str(resource.get("videoId", "")))
    too_new = thing is not None and ask.now < thing.created + ask.world.settings.new_video_delay
    if thing is None or thing.deleted is not None or too_new:
        raise Refusal(404, "videoNotFound", "Video not found.", "youtube.playlistItem")
    entry = letters(60, "UEx")
    position = min(int(snippet.get("position", len(album.members))), len(album.members))
    album.members.insert(position, [entry, thing.id])
    ask.world.ledger.put(album)
    return resources.playlist_item(ask.world, album.id, entry, thing, position, parts)


@method("playlistItems.delete")
def delete_item(ask: Ask) -> None:
    for album in ask.world.ledger.albums("youtube"):
        kept = [one for one in album.members if one[0] != ask.get("id")]
        if len(kept) < len(album.members):
            album.members = kept
            ask.world.ledger.put(album)
            return
    raise Refusal(404, "playlistItemNotFound", "The playlist item cannot be found.", "youtube.playlistItem")

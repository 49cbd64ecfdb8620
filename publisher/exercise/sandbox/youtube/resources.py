"""YouTube's resources as JSON, part by part; shapes as in the recorded replies."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox.records import Album, Caption, Thing

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

_THUMBNAILS = {
    "default": (120, 90), "medium": (320, 180), "high": (480, 360), "standard": (640, 480), "maxres": (1280, 720),
    "fhd": (1920, 1080), "qhd": (2560, 1440), "uhd": (3840, 2160),
}  # fmt: skip
# The names of the last three are since 2026-09-11 (revision history); what their files are called is not documented.
_FILES = {
    "default": "default", "medium": "mqdefault", "high": "hqdefault", "standard": "sddefault",
    "maxres": "maxresdefault", "fhd": "fhddefault", "qhd": "qhddefault", "uhd": "uhddefault",
}  # fmt: skip
_LARGER = ("standard", "maxres", "fhd", "qhd", "uhd")  # made while the file is processed


def moment(seconds: float) -> str:
    """A time as the API writes it: UTC, whole seconds, Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamped(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """A resource with its kind and etag in front."""
    etag = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:27]
    return {"kind": f"youtube#{kind}", "etag": etag, **body}


def thumbnails(world: World, video: str, *, larger: bool = True) -> dict[str, Any]:
    return {
        name: {"url": f"{world.base}/vi/{video}/{_FILES[name]}.jpg", "width": width, "height": height}
        for name, (width, height) in _THUMBNAILS.items()
        if larger or name not in _LARGER
    }


def video(world: World, thing: Thing, parts: list[str]) -> dict[str, Any]:
    """A video with the asked parts. The caller has checked who may see which."""
    known = {
        "snippet": _snippet,
        "status": _status,
        "contentDetails": _content,
        "fileDetails": _file,
        "processingDetails": _processing,
        "recordingDetails": _recording,
        "statistics": _statistics,
        "localizations": lambda _world, _thing: {},
        "player": _player,
    }
    body: dict[str, Any] = {"id": thing.id}
    for part in parts:
        if part in known:
            body[part] = known[part](world, thing)
    return stamped("video", body)


def _snippet(world: World, thing: Thing) -> dict[str, Any]:
    settings = world.settings
    snippet: dict[str, Any] = {
        "publishedAt": moment(thing.created),
        "channelId": settings.channel_id if thing.mine else "UCsomebodyElse0000000000",
        "title": thing.title,
        "description": thing.description,
        "thumbnails": thumbnails(world, thing.id, larger=thing.processing(world.now()) == "done"),
        "channelTitle": settings.channel_title if thing.mine else "Somebody else",
    }
    if thing.tags:
        snippet["tags"] = list(thing.tags)
    snippet |= {"categoryId": thing.parts.get("categoryId", "22"), "liveBroadcastContent": "none"}
    if thing.parts.get("defaultLanguage"):
        snippet["defaultLanguage"] = thing.parts["defaultLanguage"]
    snippet["localized"] = {"title": thing.title, "description": thing.description}
    return snippet


def _status(world: World, thing: Thing) -> dict[str, Any]:
    state = thing.processing(world.now())
    verdict, _, reason = thing.outcome.partition(":")
    status: dict[str, Any] = {
        "uploadStatus": {"pending": "uploaded", "done": "processed", "failed": verdict}[state],
        "privacyStatus": thing.visibility,
        "license": thing.parts.get("license", "youtube"),
        "embeddable": thing.parts.get("embeddable", True),
        "publicStatsViewable": thing.parts.get("publicStatsViewable", True),
        "madeForKids": bool(thing.parts.get("selfDeclaredMadeForKids", False)),
    }
    if state == "failed":
        status["failureReason" if verdict == "failed" else "rejectionReason"] = reason
    if thing.parts.get("publish_at") is not None:
        status["publishAt"] = moment(thing.parts["publish_at"])
    for name in ("selfDeclaredMadeForKids", "containsSyntheticMedia"):
        if name in thing.parts:
            status[name] = thing.parts[name]
    return status


def _content(world: World, thing: Thing) -> dict[str, Any]:
    return {
        "duration": f"PT{round(thing.parts.get('seconds') or 0)}S",
        "dimension": "2d",
        "definition": "hd",
        "caption": str(any(one.video == thing.id for one in world.ledger.every(Caption))).lower(),
        "licensedContent": False,
        "contentRating": {},
        "projection": "rectangular",
    }


def _file(_world: World, thing: Thing) -> dict[str, Any]:
    """The owner's view of the file; 64-bit numbers are strings."""
    return {
        "fileName": thing.filename or "unknown",
        "fileSize": str(thing.size),
        "fileType": "video",
        "container": "mp4",
    }


def _processing(world: World, thing: Thing) -> dict[str, Any]:
    """Progress for the owner; its counters are strings and may go backwards."""
    state = thing.processing(world.now())
    verdict, _, reason = thing.outcome.partition(":")
    if state == "pending":
        parts = {"partsTotal": "1000", "partsProcessed": "500", "timeLeftMs": "1000"}
        return {"processingStatus": "processing", "processingProgress": parts}
    if state == "done":
        return {"processingStatus": "succeeded", "fileDetailsAvailability": "available"}
    if verdict == "rejected":
        return {"processingStatus": "terminated"}
    failure = "transcodeFailed" if reason in ("conversion", "codec") else "uploadFailed"
    return {"processingStatus": "failed", "processingFailureReason": failure}


def _recording(_world: World, thing: Thing) -> dict[str, Any]:
    date = thing.parts.get("recordingDate")
    return {"recordingDate": date} if date else {}


def _statistics(_world: World, _thing: Thing) -> dict[str, Any]:
    return {"viewCount": "0", "likeCount": "0", "favoriteCount": "0", "commentCount": "0"}


def _player(world: World, thing: Thing) -> dict[str, Any]:
    return {"embedHtml": f'<video src="{world.base}/media/{thing.id}.mp4" controls></video>'}


def playlist(world: World, album: Album, parts: list[str]) -> dict[str, Any]:
    """A playlist with the asked parts."""
    body: dict[str, Any] = {"id": album.id}
    if "snippet" in parts:
        first = album.things[0] if album.things else ""
        body["snippet"] = {
            "publishedAt": moment(album.created),
            "channelId": world.settings.channel_id,
            "title": album.title,
            "description": album.description,
            "thumbnails": thumbnails(world, first),
            "channelTitle": world.settings.channel_title,
            "localized": {"title": album.title, "description": album.description},
        }
        if album.language:
            body["snippet"]["defaultLanguage"] = album.language
    if "status" in parts:
        body["status"] = {"privacyStatus": album.visibility}
    if "contentDetails" in parts:
        body["contentDetails"] = {"itemCount": len(album.members)}
    return stamped("playlist", body)


def playlist_item(
    world: World, playlist_id: str, entry: str, thing: Thing, position: int, parts: list[str]
) -> dict[str, Any]:
    """One entry of a playlist; its own id is not the video's."""
    body: dict[str, Any] = {"id": entry}
    gone = thing.deleted is not None
    if "snippet" in parts:
        body["snippet"] = {
            "publishedAt": moment(thing.created),
            "channelId": world.settings.channel_id,
            "title": "Deleted video" if gone else thing.title,
            "description": "This video is unavailable." if gone else thing.description,
            "thumbnails": {} if gone else thumbnails(world, thing.id),
            "channelTitle": world.settings.channel_title,
            "playlistId": playlist_id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": thing.id},
        }
    if "contentDetails" in parts:
        body["contentDetails"] = {"videoId": thing.id, "videoPublishedAt": moment(thing.created)}
    if "status" in parts:
        body["status"] = {"privacyStatus": "privacyStatusUnspecified" if gone else thing.visibility}
    return stamped("playlistItem", body)


def caption(track: Caption) -> dict[str, Any]:
    """One caption track, as recorded."""
    snippet = {
        "videoId": track.video,
        "lastUpdated": moment(track.updated),
        "trackKind": "standard",
        "language": track.language,
        "name": track.name,
        "audioTrackType": "unknown",
        "isCC": False,
        "isLarge": False,
        "isEasyReader": False,
        "isDraft": track.is_draft,
        "isAutoSynced": False,
        "status": "serving",
    }
    return stamped("caption", {"id": track.id, "snippet": snippet})


def listing(kind: str, items: list[dict[str, Any]], total: int, per_page: int, **tokens: str) -> dict[str, Any]:
    """One page of a list; `tokens` are nextPageToken and prevPageToken, where there are such pages."""
    body = {**tokens, "pageInfo": {"totalResults": total, "resultsPerPage": per_page}, "items": items}
    return stamped(f"{kind}ListResponse", body)

"""YouTube's videos: list, update, delete; and the channel they belong to."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from publisher.exercise.sandbox.records import Thing
from publisher.exercise.sandbox.youtube import resources
from publisher.exercise.sandbox.youtube.api import Ask, method
from publisher.exercise.sandbox.youtube.errors import Refusal
from publisher.exercise.sandbox.youtube.texts import take_snippet, take_status

_OPEN = {"id", "snippet", "status", "contentDetails", "recordingDetails", "statistics", "localizations", "player"}
_RARE = {"topicDetails", "liveStreamingDetails"}
_OWNERS = {"fileDetails", "processingDetails", "suggestions"}
_PARTS = frozenset(_OPEN | _RARE | _OWNERS)


def known_parts(parts: list[str], known: frozenset[str] = _PARTS) -> None:
    """Raise Refusal 400 for a part that does not exist."""
    strange = [one for one in parts if one not in known]
    if strange:
        raise Refusal(400, "unknownPart", f"'{strange[0]}'", "youtube.part")


def own_video(ask: Ask, video: str) -> Thing:
    """Our own video. Raises Refusal 404 for one that is not there, 403 for somebody else's."""
    thing = ask.world.ledger.thing("youtube", video)
    if thing is None or thing.deleted is not None:
        raise Refusal(404, "videoNotFound", "The video that you are trying to change cannot be found.", "youtube.video")
    if not thing.mine:
        raise Refusal(403, "forbidden", "The request is not properly authorized.", "youtube.common")
    return thing


@method("videos.list")
def list_videos(ask: Ask) -> dict[str, Any]:
    """By id, 50 at most; what is not there, or not to be seen, is left out without an error."""
    parts = ask.parts
    known_parts(parts)
    wanted = [one for value in (ask.get("id"),) for one in value.split(",") if one]
    if not wanted:
        raise Refusal(
            400,
            "missingRequiredParameter",
            "No filter selected. Expected one of: id, chart, myRating",
            "youtube.parameter",
        )
    if len(wanted) > 50:
        raise Refusal(400, "invalidFilters", "The request specifies too many video ids.", "youtube.parameter")
    things = [ask.world.ledger.thing("youtube", one) for one in dict.fromkeys(wanted)]
    seen = [
        one for one in things if one is not None and one.deleted is None and (one.mine or one.visibility != "private")
    ]
    if _OWNERS & set(parts) and any(not one.mine for one in seen):
        raise Refusal(403, "forbidden", "The request cannot access the video's owner details.", "youtube.video")
    items = [resources.video(ask.world, one, parts) for one in seen]
    return resources.listing("video", items, len(items), len(items))


@method("videos.update")
def update_video(ask: Ask) -> dict[str, Any]:
    """Every named part is replaced whole; a mutable field that is not sent is deleted."""
    parts = ask.parts
    known_parts(parts)
    video = ask.body.get("id")
    if not isinstance(video, str) or not video:
        raise Refusal(400, "videoIdMissing", "The request does not name the video to update.")
    thing = deepcopy(own_video(ask, video))  # refused in its second part, it must not keep the first
    if "snippet" in parts:
        take_snippet(thing, ask.section("snippet"))
    if "status" in parts:
        take_status(thing, ask.section("status"), ask.now, locked=ask.world.settings.private_lock)
    if "recordingDetails" in parts:
        thing.parts["recordingDate"] = ask.section("recordingDetails").get("recordingDate", "")
    thing.updated = ask.now
    ask.world.ledger.put(thing)
    return resources.video(ask.world, thing, parts)


@method("videos.delete")
def delete_video(ask: Ask) -> None:
    """Delete for good. A playlist keeps its entry, which from then on says "Deleted video"."""
    thing = own_video(ask, ask.get("id"))
    thing.remove(ask.now)
    ask.world.ledger.put(thing)


@method("channels.list")
def list_channels(ask: Ask) -> dict[str, Any]:
    """The caller's channel; its uploads playlist is the id with UU in front."""
    parts = ask.parts
    settings = ask.world.settings
    if ask.get("mine") != "true" and ask.get("id") != settings.channel_id:
        raise Refusal(400, "missingRequiredParameter", "No filter selected.", "youtube.parameter")
    body: dict[str, Any] = {"id": settings.channel_id}
    if "snippet" in parts:
        body["snippet"] = {
            "title": settings.channel_title,
            "description": "",
            "customUrl": "@sandboxpolice",
            "publishedAt": "2011-08-09T00:00:00Z",
            "thumbnails": resources.thumbnails(ask.world, ""),
            "localized": {"title": settings.channel_title, "description": ""},
        }
    if "contentDetails" in parts:
        body["contentDetails"] = {"relatedPlaylists": {"likes": "", "uploads": uploads_id(settings.channel_id)}}
    if "status" in parts:
        body["status"] = {
            "privacyStatus": "public",
            "isLinked": True,
            "longUploadsStatus": "allowed" if settings.channel_verified else "disallowed",
        }
    if "statistics" in parts:
        count = sum(one.is_public and one.mine for one in ask.world.ledger.things("youtube"))
        body["statistics"] = {"viewCount": "0", "hiddenSubscriberCount": False, "videoCount": str(count)}
    return resources.listing("channel", [resources.stamped("channel", body)], 1, 1)


def uploads_id(channel: str) -> str:
    """The playlist of everything the channel uploaded."""
    return "UU" + channel.removeprefix("UC")

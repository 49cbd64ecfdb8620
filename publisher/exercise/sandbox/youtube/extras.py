"""YouTube's thumbnails and caption tracks. Their bytes come in through `youtube_upload`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from publisher.exercise.sandbox.naming import letters
from publisher.exercise.sandbox.picture import sniffed
from publisher.exercise.sandbox.records import Caption
from publisher.exercise.sandbox.youtube import resources
from publisher.exercise.sandbox.youtube.api import Ask, method
from publisher.exercise.sandbox.youtube.errors import Refusal
from publisher.exercise.sandbox.youtube.videos import own_video

NAME_CHARS = 150


def check_thumbnail(ask: Ask) -> None:
    """Raise Refusal unless this video may be given a thumbnail of its own."""
    own_video(ask, ask.get("videoId"))
    if not ask.world.settings.channel_verified:
        raise Refusal(
            403,
            "forbidden",
            "The authenticated user doesn't have permissions to upload and set custom video thumbnails.",
            "youtube.thumbnail",
        )


def keep_thumbnail(ask: Ask, arrived: Path) -> dict[str, Any]:
    """Set the picture that just arrived as the video's thumbnail, in place of any other."""
    thing = own_video(ask, ask.get("videoId"))
    if sniffed(arrived, "") not in ("image/jpeg", "image/png"):
        raise Refusal(400, "invalidImage", "The provided image content is invalid.", "youtube.thumbnail")
    name = f"youtube-{thing.id}-thumbnail"
    thing.thumbnail_sha256, _ = ask.world.ledger.hold(arrived, name)
    thing.thumbnail = name
    ask.world.ledger.put(thing)
    items = [resources.thumbnails(ask.world, thing.id)]
    return resources.stamped("thumbnailSetResponse", {"items": items})


def check_caption(ask: Ask) -> None:
    """Raise Refusal unless this track can be added: its video is ours, and it is not there yet."""
    snippet = ask.section("snippet")
    own_video(ask, str(snippet.get("videoId", "")))
    if not snippet.get("language") or len(str(snippet.get("name", ""))) > NAME_CHARS:
        raise Refusal(400, "invalidMetadata", "The request contains invalid metadata values.", "youtube.caption")
    for track in ask.world.ledger.every(Caption):
        same = (track.video, track.language, track.name)
        if same == (snippet["videoId"], snippet["language"], str(snippet.get("name", ""))):
            raise Refusal(
                409,
                "captionExists",
                "The specified video already contains a caption track with the given language and name.",
                "youtube.caption",
            )


def keep_caption(ask: Ask, arrived: Path) -> dict[str, Any]:
    """Add the track that just arrived."""
    check_caption(ask)
    snippet = ask.section("snippet")
    track = Caption(
        id=letters(40, "AUieDa"),
        video=snippet["videoId"],
        language=snippet["language"],
        name=str(snippet.get("name", "")),
        updated=ask.now,
        is_draft=bool(snippet.get("isDraft", False)),
    )
    track.sha256, _ = ask.world.ledger.hold(arrived, f"caption-{track.id}")
    ask.world.ledger.put(track)
    return resources.caption(track)


@method("captions.list")
def list_captions(ask: Ask) -> dict[str, Any]:
    """A video's tracks. This list has no pages."""
    video = own_video(ask, ask.get("videoId"))
    tracks = [one for one in ask.world.ledger.every(Caption) if one.video == video.id]
    return resources.stamped("captionListResponse", {"items": [resources.caption(one) for one in tracks]})


@method("captions.delete")
def delete_caption(ask: Ask) -> None:
    track = ask.world.ledger.get(Caption, ask.get("id"))
    if track is None:
        raise Refusal(404, "captionNotFound", "The specified caption track could not be found.", "youtube.caption")
    ask.world.ledger.drop(track)

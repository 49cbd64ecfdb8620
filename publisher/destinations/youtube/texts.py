"""What YouTube is told about a video: the bodies of insert and update, and the limits they must keep.

Pure functions over the dictionaries of the YouTube Data API v3 ("video resource"). Any part named in an
update is replaced whole and what is not sent of it is deleted (Google's videos.update reference), so the
update bodies here are always made from what was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from publisher.destinations.base import AlbumKey, Parcel, Visibility
from publisher.destinations.errors import Refused

TITLE_CHARS = 100
DESCRIPTION_BYTES = 5000
TAGS_CHARS = 500
FORBIDDEN = "<>"
MARK_PREFIX = "publisher:mark="
MARK_TAG_CHARS = len(MARK_PREFIX) + 32

# The fields of `status` that an update may set, less publishAt: a past time there publishes at once and a
# future one would reveal behind our back, so it is never written. Source: Google's videos.update reference.
_STATUS_FIELDS = (
    "embeddable",
    "license",
    "publicStatsViewable",
    "selfDeclaredMadeForKids",
    "containsSyntheticMedia",
)
# Of a playlist's snippet, what an update may set: title, description and these.
_PLAYLIST_FIELDS = ("tags", "defaultLanguage")
_SNIPPET_FIELDS = ("title", "description", "tags", "categoryId", "defaultLanguage")


def mark_tag(mark: str) -> str:
    """Returns the tag that carries the Mark (32 lower-case hex digits)."""
    return MARK_PREFIX + mark


def mark_of(tags: Iterable[str]) -> str | None:
    """Returns the Mark among `tags`, or None. Case is folded: YouTube does not promise to keep it."""
    for tag in tags:
        if tag.lower().startswith(MARK_PREFIX):
            return tag[len(MARK_PREFIX) :].lower()
    return None


def tags_length(tags: Iterable[str]) -> int:
    """Returns the length of the tags as YouTube counts it: a comma between them, two quotes around one with a space."""
    lengths = [len(tag) + (2 if " " in tag else 0) for tag in tags]
    return sum(lengths) + max(len(lengths) - 1, 0)


def all_tags(parcel: Parcel) -> list[str]:
    """Returns the Parcel's tags and its Mark: always a list and never empty (an empty string here is a 400)."""
    kept = [tag.strip() for tag in parcel.tags if tag.strip()]
    return [*dict.fromkeys(kept), mark_tag(parcel.mark)]


def check_texts(parcel: Parcel) -> None:
    """Raise Refused, naming the text and the limit, for a text that YouTube would not take."""
    if not parcel.title.strip():
        raise Refused("YouTube needs a title.")
    if len(parcel.title) > TITLE_CHARS:
        raise Refused(f"The title has {len(parcel.title)} characters; YouTube takes at most {TITLE_CHARS}.")
    # Bytes, not characters: an accented letter counts two, an emoji four.
    length = len(parcel.description.encode())
    if length > DESCRIPTION_BYTES:
        raise Refused(f"The description has {length} bytes; YouTube takes at most {DESCRIPTION_BYTES}.")
    for name, text in (("title", parcel.title), ("description", parcel.description)):
        if any(character in text for character in FORBIDDEN):
            raise Refused(f"The {name} holds < or >, which YouTube does not take.")
    length = tags_length(all_tags(parcel))
    if length > TAGS_CHARS:
        raise Refused(f"The tags need {length} characters with the Mark; YouTube takes {TAGS_CHARS}.")


def insert_body(parcel: Parcel) -> dict[str, Any]:
    """Returns the body of videos.insert.

    It always holds privacyStatus: without it YouTube publishes (discovery document, revision 20261104). It never holds
    publishAt, nor recordingDetails.location, which would publish where a camera hangs.
    """
    body: dict[str, Any] = {
        "snippet": {
            "title": parcel.title,
            "description": parcel.description,
            "tags": all_tags(parcel),
            "categoryId": parcel.category,
            "defaultLanguage": "en-GB",
        },
        "status": {
            "privacyStatus": Visibility.PRIVATE.value,
            "selfDeclaredMadeForKids": False,
            "embeddable": True,
            "license": "youtube",
            "publicStatsViewable": True,
        },
    }
    return body


def changed_status(status: Mapping[str, Any], visibility: Visibility) -> dict[str, Any]:
    """Returns the whole `status` part as read, with another visibility."""
    kept = {name: status[name] for name in _STATUS_FIELDS if name in status}
    return {"selfDeclaredMadeForKids": False, **kept, "privacyStatus": visibility.value}


def changed_snippet(snippet: Mapping[str, Any], parcel: Parcel) -> dict[str, Any]:
    """Returns the whole `snippet` part as read, with the Parcel's title, description and tags."""
    kept = {name: snippet[name] for name in _SNIPPET_FIELDS if name in snippet}
    new = {"title": parcel.title, "description": parcel.description, "tags": all_tags(parcel)}
    return {"categoryId": parcel.category, **kept, **new}


def playlist_body(album: AlbumKey) -> dict[str, Any]:
    """Returns the body of playlists.insert.

    The description holds the album's mark, by which the playlist is found again.
    """
    return {
        "snippet": {"title": album.title, "description": _marked(album)},
        "status": {"privacyStatus": Visibility.PUBLIC.value},
    }


def changed_playlist(snippet: Mapping[str, Any], album: AlbumKey) -> dict[str, Any]:
    """Returns the whole `snippet` part of a playlist as read, with the album's title and description."""
    kept = {name: snippet[name] for name in _PLAYLIST_FIELDS if name in snippet}
    return {**kept, "title": album.title, "description": _marked(album)}


def _marked(album: AlbumKey) -> str:
    if album.mark in album.description:
        return album.description
    return f"{album.description}\n\npublisher:album={album.mark}".strip()


def playlist_item_body(playlist_id: str, video_id: str) -> dict[str, Any]:
    """Returns the body of playlistItems.insert."""
    resource = {"kind": "youtube#video", "videoId": video_id}
    return {"snippet": {"playlistId": playlist_id, "resourceId": resource}}


def caption_body(video_id: str, language: str) -> dict[str, Any]:
    """Returns the body of captions.insert: a finished track under the name CAPTION_NAME."""
    return {
        "snippet": {"videoId": video_id, "language": language, "name": CAPTION_NAME, "isDraft": False},
    }


CAPTION_NAME = "Captions"

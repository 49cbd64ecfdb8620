"""What YouTube accepts as a video's texts and settings, and how it takes them over.

Limits and reasons: videos/insert and videos/update of the Data API's reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from publisher.exercise.sandbox.records import Thing
from publisher.exercise.sandbox.youtube.errors import Refusal

TITLE_CHARS = 100
DESCRIPTION_BYTES = 5_000
TAGS_CHARS = 500
_KEPT_IN_STATUS = ("embeddable", "license", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia")


def checked_snippet(snippet: dict[str, Any]) -> None:
    """Raise Refusal 400 unless title, description, tags and category can be taken."""
    title = snippet.get("title")
    if not isinstance(title, str) or not title.strip() or len(title) > TITLE_CHARS or _angled(title):
        raise Refusal(400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
    description = snippet.get("description", "")
    if not isinstance(description, str) or _angled(description) or len(description.encode()) > DESCRIPTION_BYTES:
        raise Refusal(400, "invalidDescription", "The request metadata specifies an invalid video description.")
    if not _tags_fit(snippet.get("tags", [])):
        raise Refusal(400, "invalidTags", "The request metadata specifies invalid video keywords.")
    category = snippet.get("categoryId")
    if not isinstance(category, str) or not category.isdigit():
        raise Refusal(400, "invalidCategoryId", "The request metadata specifies an invalid category ID.")


def _angled(text: str) -> bool:
    return "<" in text or ">" in text


def _tags_fit(tags: Any) -> bool:
    """Counted as YouTube counts: the commas between, and two quotes around a tag with a space."""
    if not isinstance(tags, list) or not all(isinstance(one, str) and one and not _angled(one) for one in tags):
        return False
    return sum(len(one) + 2 * (" " in one) for one in tags) + max(0, len(tags) - 1) <= TAGS_CHARS


def take_snippet(thing: Thing, snippet: dict[str, Any]) -> None:
    """Replace the whole part: what was not sent is gone."""
    checked_snippet(snippet)
    thing.title = snippet["title"]
    thing.description = snippet.get("description", "")
    thing.tags = list(snippet.get("tags", []))
    thing.parts["categoryId"] = snippet["categoryId"]
    thing.parts["defaultLanguage"] = snippet.get("defaultLanguage", "")


def take_status(thing: Thing, status: dict[str, Any], now: float, *, locked: bool) -> None:
    """Replace the whole part. A privacyStatus left out is `public`, also in an update: the existing one is
    removed and the default returns (videos/update). `locked`: whatever is asked, it stays private."""
    asked = status.get("privacyStatus", "public")
    if asked not in ("public", "unlisted", "private"):
        raise Refusal(400, "invalidVideoMetadata", "The request metadata is invalid.")
    scheduled = _publish_at(thing, status, asked, now)
    for name in _KEPT_IN_STATUS:
        thing.parts.pop(name, None)
        if name in status:
            thing.parts[name] = status[name]
    thing.parts["publish_at"] = scheduled if scheduled is not None and scheduled > now else None
    if scheduled is not None and scheduled <= now:
        asked = "public"  # a time that has passed publishes at once
    thing.show("private" if locked else asked, now)


def _publish_at(thing: Thing, status: dict[str, Any], asked: str, now: float) -> float | None:
    text = status.get("publishAt")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except ValueError:
        moment = -1.0
    if moment < 0 or asked != "private" or thing.public:
        raise Refusal(400, "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")
    return moment

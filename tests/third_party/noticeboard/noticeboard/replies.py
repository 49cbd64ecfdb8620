"""What the board's answers mean for Publisher."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from noticeboard.wire import Reply
from publisher.destinations.base import Parcel, Processing, Seen, Visibility
from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure

MARK_TAG = "publisher-mark-"
AWAY = "The board could not be reached."
BUSY = "The board is not answering properly just now."
GONE = "The board no longer has this notice."
WORDS = "The board does not take this notice as it is."
LIMIT = "The board asks for fewer requests."
UNSURE = "The board did not say whether it kept the file. It is looked through before anything is sent again."
TOO_MANY = 429
_CONSENT = frozenset({401, 403})
_JUDGED = frozenset({400, 411, 413, 415, 422})  # the board looked at it and says no, for good
_WAIT = timedelta(minutes=1)  # where the board asks for fewer requests and does not say for how long


def as_json(given: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A request's body and headers."""
    if not given:
        return b"", {}
    return json.dumps(given).encode(), {"Content-Type": "application/json"}


def of_call(reply: Reply, name: str, now: datetime) -> Later | Refused:
    """Any answer but a good one, to anything but an upload."""
    if reply.code in _CONSENT:
        return Later(_consent_words(name), stop=Stop.AUTH, answered=True)
    if reply.code == TOO_MANY:
        return Later(LIMIT, reply.again_at(now) or now + _WAIT)
    if reply.code == 404:
        return Later(GONE, answered=True)
    if reply.code in _JUDGED:
        return Refused(WORDS)
    return Later(BUSY, reply.again_at(now), trouble=True)


def of_upload(reply: Reply, name: str, now: datetime) -> NotSent | Refused | Unsure:
    """The same of an upload. The board looks at token and limit before it keeps a file, as its terms say."""
    if reply.code in _CONSENT:
        return NotSent(_consent_words(name), stop=Stop.AUTH, answered=True)
    if reply.code == TOO_MANY:
        return NotSent(LIMIT, reply.again_at(now) or now + _WAIT)
    if reply.code in _JUDGED:
        return Refused(WORDS)
    return Unsure(UNSURE)


def id_in(told: dict[str, Any]) -> str:
    """Raises Later where the answer names nothing."""
    if not told.get("id"):
        raise Later(BUSY, trouble=True)
    return str(told["id"])


def seen_in(told: dict[str, Any], url: str) -> Seen:
    """One notice as the board reports it. Raises Later where it cannot be read."""
    remote_id, tags = id_in(told), [str(tag) for tag in told.get("tags", [])]
    try:
        posted_at = datetime.fromisoformat(str(told["posted_at"]))
    except (KeyError, ValueError) as error:
        raise Later(BUSY, trouble=True) from error
    return Seen(
        remote_id=remote_id,
        exists=True,
        visibility=Visibility.PUBLIC if told.get("public") is True else Visibility.PRIVATE,
        processing=Processing.DONE,
        title=str(told.get("title", "")),
        description=str(told.get("description", "")),
        alt_text=str(told.get("alt_text", "")),
        tags=tuple(tag for tag in tags if not tag.startswith(MARK_TAG)),
        mark=next((tag.removeprefix(MARK_TAG) for tag in tags if tag.startswith(MARK_TAG)), None),
        url=f"{url}/notices/{remote_id}",
        uploaded_at=posted_at,
        media_urls=(f"{url}/media/{remote_id}",),
        sha256=str(told["sha256"]) if told.get("sha256") else None,
        comments=bool(told.get("comments")),
    )


def tags_of(parcel: Parcel) -> list[str]:
    """The approved ones, and the Mark."""
    return [*parcel.tags, f"{MARK_TAG}{parcel.mark}"]


def _consent_words(name: str) -> str:
    return f"The board no longer accepts this account's token. Run `publisher connect {name}`."

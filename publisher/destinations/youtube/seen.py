"""What a videos.list item says, in the words of the destination contract.

`uploadStatus`, `failureReason`, `rejectionReason` and `processingStatus` are the enumerations of the
discovery document (revision 20261104). A finished upload is not a published one: uploaded, processed
and visible are three things.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from publisher.destinations.base import Processing, Receipt, Seen, Visibility
from publisher.destinations.youtube.texts import mark_of

FOR_KIDS = "YouTube shows it as made for kids."
PARTS = "snippet,status,processingDetails"

_FAILURES = {
    "conversion": "YouTube could not convert the footage.",
    "invalidFile": "YouTube does not recognise the file as footage.",
    "emptyFile": "YouTube received an empty file.",
    "tooSmall": "YouTube says the file is too small.",
    "codec": "YouTube does not support the footage's codec.",
    "uploadAborted": "YouTube says the upload was broken off.",
}
_REJECTIONS = {
    "copyright": "YouTube rejected the footage over copyright.",
    "inappropriate": "YouTube rejected the footage as inappropriate.",
    "duplicate": "YouTube rejected the footage as one the channel already holds.",
    "termsOfUse": "YouTube rejected the footage under its terms of use.",
    "uploaderAccountSuspended": "YouTube rejected the footage: the account is suspended.",
    "uploaderAccountClosed": "YouTube rejected the footage: the account is closed.",
    "length": "YouTube rejected the footage as too long: over 15 minutes needs a verified channel.",
    "claim": "YouTube rejected the footage over a rights holder's claim.",
    "trademark": "YouTube rejected the footage over a trademark.",
    "legal": "YouTube rejected the footage for legal reasons.",
}


def seen(item: Mapping[str, Any], watch: str, channel: str | None = None) -> Seen:
    """Returns one videos.list item (parts PARTS) as Seen; `watch` is the page's address with `{id}` in it.

    `channel`: this account's channel; a video whose snippet names another is not ours, whatever tags it carries.
    """
    snippet = item.get("snippet", {})
    status = item.get("status", {})
    processing, message = _processing(status, item.get("processingDetails", {}))
    tags = tuple(snippet.get("tags", ()))
    return Seen(
        remote_id=item["id"],
        exists=True,
        visibility=_visibility(status),
        processing=processing,
        title=snippet.get("title", ""),
        description=snippet.get("description", ""),
        tags=tags,
        mark=mark_of(tags),
        url=watch.format(id=item["id"]),
        uploaded_at=instant(snippet.get("publishedAt")),
        message=message,
        media_urls=_thumbnails(snippet),
        faults=(FOR_KIDS,) if status.get("selfDeclaredMadeForKids") or status.get("madeForKids") else (),
        ours=channel is None or snippet.get("channelId", channel) == channel,
    )


def receipt_of(item: Mapping[str, Any], watch: str) -> Receipt:
    """Returns the Receipt for a video resource of any parts."""
    return Receipt(item["id"], watch.format(id=item["id"]), _thumbnails(item.get("snippet", {})))


def instant(text: str | None) -> datetime | None:
    """Returns an RFC 3339 time of the API in UTC, or None where there is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def _visibility(status: Mapping[str, Any]) -> Visibility:
    """Missing counts as public: what is not certainly concealed is not concealed."""
    try:
        return Visibility(status.get("privacyStatus", Visibility.PUBLIC))
    except ValueError:
        return Visibility.PUBLIC


def _processing(status: Mapping[str, Any], details: Mapping[str, Any]) -> tuple[Processing, str]:
    """The state of processing, and why it failed."""
    upload = status.get("uploadStatus")
    if upload == "rejected":
        unknown = "YouTube rejected the footage without a reason this version knows."
        return Processing.FAILED, _REJECTIONS.get(status.get("rejectionReason", ""), unknown)
    if upload == "failed" or details.get("processingStatus") in ("failed", "terminated"):
        unknown = "YouTube could not process the footage and gave no reason."
        return Processing.FAILED, _FAILURES.get(status.get("failureReason", ""), unknown)
    if upload == "deleted":
        return Processing.FAILED, "YouTube reports the video as deleted."
    done = upload == "processed" or details.get("processingStatus") == "succeeded"
    return (Processing.DONE if done else Processing.PENDING), ""


def _thumbnails(snippet: Mapping[str, Any]) -> tuple[str, ...]:
    """Direct addresses that must answer no more after a removal."""
    sizes = snippet.get("thumbnails", {}).values()
    return tuple(size["url"] for size in sizes if "url" in size)

"""What YouTube's refusals mean: one table by (operation, reason), and nothing decided by HTTP code alone.

The same HTTP code carries opposite meanings: an emptied daily bucket and a passing rate limit are both
429 `rateLimitExceeded` (googleapis/google-api-python-client#2753), and the channel's own limit comes as
400 in a real reply (porjo/youtubeuploader#212) and as 403 in one write-up. So the reason decides, and the
code only where no reason is known. The envelope is read here and not by the library, whose
`error_details` prefers google.rpc `details` over `errors` and then holds no YouTube reason (measured with
google-api-python-client 2.202.0).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from publisher.destinations.base import Budget
from publisher.destinations.errors import Later, Refused, Stop
from publisher.destinations.youtube.quota import UNITS, UPLOADS, next_reset


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error reply as YouTube worded it. `retry_at` is what its Retry-After header asks for."""

    http: int
    reason: str = ""
    domain: str = ""
    message: str = ""
    retry_at: datetime | None = None


class Wait(StrEnum):
    """When it may be tried again: as the caller backs off, when the quota day ends, in 24 hours, never."""

    BACKOFF = "backoff"
    RESET = "reset"
    DAY = "day"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a complaint means for us. `bucket` is one that YouTube says is empty; `trouble` as in errors.Later."""

    message: str
    wait: Wait = Wait.NEVER
    stop: Stop = Stop.NONE
    bucket: str | None = None
    trouble: bool = False


def read_complaint(http: int, content: bytes, retry_at: datetime | None = None) -> Complaint:
    """Read `{"error": {"code", "message", "errors": [{"domain", "reason", "message"}], ...}}`.

    Anything else (an HTML page of a proxy, an empty body, `{"error": "text"}`) gives a Complaint without
    a reason; this never raises.
    """
    try:
        error: Any = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return Complaint(http, retry_at=retry_at)
    if not isinstance(error, dict):
        # Google's token endpoint: {"error": "invalid_grant", ...}; older replies: {"error": "message"}.
        return Complaint(http, reason=str(error), retry_at=retry_at)
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return Complaint(
        http,
        reason=str(first.get("reason", "")),
        domain=str(first.get("domain", "")),
        message=str(error.get("message", "")),
        retry_at=retry_at,
    )


_UPLOADS_SPENT = Verdict(
    "YouTube's daily allowance of uploads is used up; uploads go on after midnight in California.",
    Wait.RESET,
    Stop.UPLOADS,
    UPLOADS,
)
_UNITS_SPENT = Verdict(
    "YouTube's daily allowance of requests is used up; work goes on after midnight in California.",
    Wait.RESET,
    Stop.ACCOUNT,
    UNITS,
)
_BUSY = Verdict("YouTube asks us to slow down.", Wait.BACKOFF, trouble=True)
_TROUBLE = Verdict("YouTube has a fault of its own at the moment.", Wait.BACKOFF, trouble=True)
_CONSENT = Verdict(
    "YouTube no longer accepts our sign-in; an administrator must run `publisher connect youtube`.",
    Wait.BACKOFF,
    Stop.AUTH,
)
# It is the account that a person must put right, not this Post: the Post waits until then.
_WRONG_ACCOUNT = Verdict(
    "The connected Google account may not do this on this channel; connect the channel's own account.",
    Wait.BACKOFF,
    Stop.ACCOUNT,
)
_CHANNEL_LIMIT = Verdict("The channel has reached YouTube's limit of uploads within 24 hours.", Wait.DAY, Stop.UPLOADS)
# Asked again before it is believed: a new id is at random unknown for a while (tokland/youtube-upload#305).
_NOT_THERE = Verdict("YouTube has no such video (any more).", Wait.BACKOFF)
_NOT_OPENED = Verdict("YouTube did not open an upload: its address answered that it is not there.", Wait.BACKOFF)
_UNVERIFIED = Verdict(
    "YouTube takes a custom thumbnail only from a channel whose telephone number is verified; "
    "verify the channel at youtube.com/verify or let the campaign allow no thumbnail."
)

_KEYS = "Google does not accept this installation's client keys; check them in the configuration."

ANY = "*"

# (operation, YouTube's reason) -> verdict; an exact operation goes before ANY. Unless a row says
# otherwise its source is the error tables of Google's videos.insert and videos.update reference.
VERDICTS: dict[tuple[str, str], Verdict] = {
    # A real reply with HTTP 400 is quoted in porjo/youtubeuploader#212: by reason, never by code.
    (ANY, "uploadLimitExceeded"): _CHANNEL_LIMIT,
    (ANY, "quotaExceeded"): _UNITS_SPENT,
    # Older projects are answered in this domain (usageLimits).
    (ANY, "dailyLimitExceeded"): _UNITS_SPENT,
    # Transient unless the message says "per day", which is looked at before this table.
    (ANY, "rateLimitExceeded"): _BUSY,
    (ANY, "userRateLimitExceeded"): _BUSY,
    ("thumbnails.set", "uploadRateLimitExceeded"): _BUSY,
    # A recorded reply: 403 PERMISSION_DENIED whose reason is nevertheless a passing fault.
    (ANY, "SERVICE_UNAVAILABLE"): _TROUBLE,
    (ANY, "backendError"): _TROUBLE,
    (ANY, "internalError"): _TROUBLE,
    (ANY, "processingFailure"): _TROUBLE,
    (ANY, "authError"): _CONSENT,
    (ANY, "authorizationRequired"): _CONSENT,
    (ANY, "required"): _CONSENT,
    (ANY, "insufficientPermissions"): _CONSENT,
    (ANY, "accountSuspended"): _WRONG_ACCOUNT,
    # Sources differ whether it is 401 or 403: again by reason.
    (ANY, "youtubeSignupRequired"): Verdict(
        "The connected Google account has no YouTube channel; connect the account that owns it.",
        Wait.BACKOFF,
        Stop.AUTH,
    ),
    # gitroomhq/postiz-app PR 1913: the wrong Google account for that channel. Only an upload's stops the
    # account: one video that is not ours must not keep others from being taken down.
    ("session", "forbidden"): _WRONG_ACCOUNT,
    (ANY, "forbidden"): Verdict(_WRONG_ACCOUNT.message),
    ("thumbnails.set", "forbidden"): _UNVERIFIED,
    # A recorded reply (usageLimits/keyInvalid).
    (ANY, "keyInvalid"): Verdict(
        _KEYS,
        Wait.BACKOFF,
        Stop.ACCOUNT,
    ),
    (ANY, "accessNotConfigured"): Verdict(
        "The YouTube Data API is not switched on for this installation's Google project.",
        Wait.BACKOFF,
        Stop.ACCOUNT,
    ),
    (ANY, "invalidTitle"): Verdict("YouTube does not accept the title: at most 100 characters, no < or >."),
    (ANY, "invalidDescription"): Verdict("YouTube does not accept the description: at most 5,000 bytes, no < or >."),
    (ANY, "invalidTags"): Verdict("YouTube does not accept the tags: together at most 500 characters."),
    (ANY, "invalidCategoryId"): Verdict("YouTube does not know the category number of this account."),
    (ANY, "invalidVideoMetadata"): Verdict("YouTube does not accept the title, category or texts."),
    (ANY, "invalidFilename"): Verdict("YouTube does not accept the file's name."),
    (ANY, "mediaBodyRequired"): Verdict("YouTube received no footage."),
    (ANY, "forbiddenPrivacySetting"): Verdict("YouTube does not allow this visibility on this channel."),
    (ANY, "forbiddenLicenseSetting"): Verdict("YouTube does not allow this licence on this channel."),
    (ANY, "forbiddenEmbedSetting"): Verdict("YouTube does not allow this embed setting on this channel."),
    (ANY, "videoNotFound"): _NOT_THERE,
    # tokland/youtube-upload#305: just after an upload the new id is unknown there at random.
    ("playlistItems.insert", "videoNotFound"): Verdict(
        "YouTube does not know the new video everywhere yet.", Wait.BACKOFF
    ),
    ("playlistItems.list", "playlistNotFound"): Verdict(
        "YouTube does not know the new playlist everywhere yet.", Wait.BACKOFF
    ),
    ("playlistItems.insert", "playlistNotFound"): Verdict(
        "YouTube does not know the new playlist everywhere yet.", Wait.BACKOFF
    ),
    ("thumbnails.set", "videoNotFound"): Verdict("YouTube does not know the new video everywhere yet.", Wait.BACKOFF),
    ("captions.insert", "invalidMetadata"): Verdict("YouTube does not accept the captions' language."),
}

# What Google's token endpoint says (`{"error": code}`) where only a person can help: RFC 6749 section 5.2, and, for
# a client that was deleted or switched off, Google's page on OAuth errors. Whatever else it says, it is down.
SIGN_IN: dict[str, str] = {
    # Revoked, expired, or seven days old in a project that is still in testing (Google's page on refresh tokens).
    "invalid_grant": "Google no longer accepts our sign-in; an administrator must run `publisher connect youtube`.",
    "invalid_client": _KEYS,
    "unauthorized_client": _KEYS,
    "deleted_client": _KEYS,
    "disabled_client": _KEYS,
}

# The reasons with which YouTube itself turns down an upload that was already under way: nothing was made.
REASONED = frozenset(
    {
        "uploadLimitExceeded",
        "invalidTitle",
        "invalidDescription",
        "invalidTags",
        "invalidCategoryId",
        "invalidVideoMetadata",
        "mediaBodyRequired",
    }
)


def judge(operation: str, complaint: Complaint) -> Verdict:
    """Returns what `complaint` about `operation` ("session", "chunk", "videos.update", ...) means.

    The daily 429 is decided before the table: only `per day` in its message tells it from a passing one
    (googleapis/google-api-python-client#2753).
    """
    if complaint.http == 429 and "per day" in complaint.message.lower():
        uploads = operation in ("session", "chunk") or "video uploads" in complaint.message.lower()
        return _UPLOADS_SPENT if uploads else _UNITS_SPENT
    known = VERDICTS.get((operation, complaint.reason)) or VERDICTS.get((ANY, complaint.reason))
    verdict = known or _by_code(complaint.http)
    # Where a session is opened there is no video yet that could be missing.
    return _NOT_OPENED if operation == "session" and verdict is _NOT_THERE else verdict


def _by_code(http: int) -> Verdict:
    """The last resort, for replies without a reason we know."""
    if http == 401:
        return _CONSENT
    if http == 404:
        return _NOT_THERE
    if http == 429:
        return _BUSY
    if http == 409:
        # Seen on session start (DayMoonDevelopment/post-for-me PR 337); nothing is stored by it.
        return Verdict("YouTube is still busy with an earlier request.", Wait.BACKOFF)
    if 400 <= http < 500 and http != 408:
        return Verdict("YouTube refused the request for a reason this version does not know.")
    return _TROUBLE  # 5xx, redirects we do not follow, and replies that are no replies


def as_error(verdict: Verdict, complaint: Complaint, budget: Budget, now: datetime) -> Later | Refused:
    """Returns the exception for `verdict`; first notifies `budget` where YouTube reports a bucket as empty."""
    if verdict.bucket is not None:
        budget.exhausted(verdict.bucket, next_reset(now))
    if verdict.wait is Wait.NEVER:
        return Refused(verdict.message, verdict.stop)
    retry_at = {
        Wait.BACKOFF: complaint.retry_at,
        Wait.RESET: next_reset(now),
        Wait.DAY: now + timedelta(hours=24),
    }[verdict.wait]
    # A consent or key that is not accepted is a no that asking again will not change; a limit or a fault is not.
    answered = verdict.wait is Wait.BACKOFF and verdict.stop is not Stop.NONE
    return Later(verdict.message, retry_at, verdict.stop, answered=answered, trouble=verdict.trouble)

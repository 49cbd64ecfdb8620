"""YouTube's error envelope, and the refusals it is needed for.

The envelope and the reasons are those of the Data API's error pages; the daily 429 is worded as in
googleapis/google-api-python-client#2753, `uploadLimitExceeded` comes as HTTP 400 as in
porjo/youtubeuploader#212.
"""

from __future__ import annotations

from typing import Any

from publisher.exercise.sandbox.wire import Reply, json_reply

_STATES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
}


class Refusal(Exception):
    """A request YouTube refuses: HTTP code, domain, reason and message."""

    def __init__(self, code: int, reason: str, message: str, domain: str = "youtube.video") -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.domain = code, reason, message, domain
        self.details: list[dict[str, Any]] = []

    def reply(self) -> Reply:
        """The refusal as it travels."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "errors": [{"message": self.message, "domain": self.domain, "reason": self.reason}],
        }
        if self.code in _STATES and self.domain in ("global", "youtube.quota"):
            error["status"] = _STATES[self.code]
        if self.details:
            error["details"] = self.details
        reply = json_reply({"error": error}, self.code, self.reason)
        if self.code == 401:
            reply.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        return reply


def daily_limit(project: str, details: bool) -> Refusal:
    """The day's upload bucket is empty. Its reason equals a passing rate limit's; only the text differs."""
    refusal = Refusal(
        429,
        "rateLimitExceeded",
        "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
        f"'youtube.googleapis.com' for consumer 'project_number:{project}'.",
        "global",
    )
    if details:
        refusal.details = _details(project)
    return refusal


def pool_empty(project: str, details: bool) -> Refusal:
    """The general pool of units is used up for today."""
    refusal = Refusal(
        403,
        "quotaExceeded",
        'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started'
        '#quota">quota</a>.',
        "youtube.quota",
    )
    if details:
        refusal.details = _details(project)
    return refusal


def channel_full() -> Refusal:
    """The channel's own rolling limit, which is no quota and has no published number."""
    return Refusal(400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload.")


def unauthorised() -> Reply:
    return Refusal(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential. See https://developers.google.com/identity/sign-in/web/"
        "devconsole-project.",
        "global",
    ).reply()


def backend_error(code: int) -> Reply:
    """Something broke behind the front end: 500, or 503 while it is overloaded."""
    message = "Internal error encountered." if code == 500 else "The service is currently unavailable."
    return Refusal(code, "backendError", message, "global").reply()


def on_demand(kind: str, details: bool) -> Reply:
    """The refusal a fault of that kind asks for."""
    project = "123456789012"
    refusals = {
        "daily429": daily_limit(project, details),
        "quotaExceeded": pool_empty(project, details),
        "uploadLimitExceeded": channel_full(),
    }
    return refusals[kind].reply()


def _details(project: str) -> list[dict[str, Any]]:
    return [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
            "metadata": {"service": "youtube.googleapis.com", "consumer": f"projects/{project}"},
        }
    ]

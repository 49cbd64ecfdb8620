"""What a destination may answer instead of a result."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from publisher import PublisherError


class Stop(StrEnum):
    """How far an error reaches: this Post only, all sending, everything on this account, or until a new consent."""

    NONE = "none"
    UPLOADS = "uploads"
    ACCOUNT = "account"
    AUTH = "auth"


class Later(PublisherError):
    """Not now: try again at `retry_at` (UTC; None: as the caller's backoff says).

    `answered`: the platform itself said no in its own words, so it can be reached and asking again may be in vain.
    False for a line that broke, a server error, a limit.
    `trouble`: it did not answer properly (a broken line, a server error), or asks for fewer requests: after several
    in a row the whole account rests.
    """

    def __init__(
        self,
        message: str,
        retry_at: datetime | None = None,
        stop: Stop = Stop.NONE,
        *,
        answered: bool = False,
        trouble: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_at = retry_at
        self.stop = stop
        self.answered = answered
        self.trouble = trouble


class Incomplete(Later):
    """Raised at the end of a `listing`: all that the platform lists was handed out; `message` says what it does not.

    What was not listed is not known to be gone.
    """


class NotSent(Later):
    """Raised by `send` only: certainly nothing of this Parcel is at the platform."""


class Refused(PublisherError):
    """Permanent. `message` is a sentence for the officer and never the platform's own text."""

    def __init__(self, message: str, stop: Stop = Stop.NONE) -> None:
        super().__init__(message)
        self.message = message
        self.stop = stop


class Unsure(PublisherError):
    """Raised by `send` only: bytes left, and nobody knows whether the platform holds them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UploadInterrupted(PublisherError):
    """This worker no longer owns the Post: stop, touch nothing. Raised by Journal and Parcel bodies."""

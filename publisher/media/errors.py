"""What media code raises: one sentence that names the file's problem and the way out."""

from __future__ import annotations

import errno

from publisher import PublisherError


class BadMedia(PublisherError):
    """This file cannot be used. `message` is a sentence for the officer: what is wrong, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Damaged(BadMedia):
    """The stored bytes are no longer those that were taken in (their SHA-256 differs), or are gone."""


class NoRoom(BadMedia):
    """The disk is full. Nothing is wrong with the file: once there is room, the same again succeeds."""


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

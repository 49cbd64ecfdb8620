"""What the domain refuses, in sentences for the person who reads them."""

from __future__ import annotations


class QueueError(Exception):
    """Base of everything below; `str()` of it is fit to be shown."""


class Forbidden(QueueError):
    """The move is not allowed now, or not to this person."""


class GatesClosed(QueueError):
    """One or more rules do not hold. Lists every one of them, not the first."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        self.failures = failures
        super().__init__(" ".join(f"[{number}] {sentence}" for number, sentence in failures))


class LeaseLost(QueueError):
    """Another worker owns this Post now: log it, touch nothing."""


class NotFound(QueueError):
    """No such thing, by that name or number."""


class Tampered(QueueError):
    """The audit chain does not hold, or its guards are missing."""

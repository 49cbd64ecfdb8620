"""What the parts of the Flickr destination need from the connection, and its one kind of failure."""

from __future__ import annotations

from typing import Protocol
from xml.etree.ElementTree import Element

from publisher.destinations.base import Purpose
from publisher.destinations.flickr.body import Body
from publisher.destinations.flickr.replies import ApiFault


class CallFault(Exception):
    """A call to Flickr failed. `operation` is the method without "flickr."; `cause` what went wrong."""

    def __init__(self, operation: str, cause: Exception) -> None:
        super().__init__(f"{operation}: {cause}")
        self.operation = operation
        self.cause = cause

    @property
    def code(self) -> int | None:
        """Flickr's own code, or None where it gave none. Its meaning depends on the operation."""
        return self.cause.code if isinstance(self.cause, ApiFault) else None


class Calls(Protocol):
    """Signed requests on one account, each paid for before it leaves."""

    def call(self, operation: str, **args: str) -> Element:
        """Call "flickr." + `operation`; returns its `<rsp>`. Raises CallFault, or Later from the budget."""
        ...

    def upload(self, fields: dict[str, str], body: Body) -> Element:
        """Upload a file; returns the `<rsp>`. Raises what `errors.of_upload` reads, or Later from the budget."""
        ...

    def spending(self, purpose: Purpose) -> Calls:
        """Returns the same connection, whose requests are counted as `purpose`."""
        ...

"""Flickr, as the rest of the product knows it. The client library is imported when an account is built."""

from __future__ import annotations

from publisher.destinations.base import Account, Destination, Limits
from publisher.destinations.plugin import Browser, Plugin


def build(account: Account) -> Destination:
    """Import the client and return the destination; see `client.build`."""
    from publisher.destinations.flickr import client  # noqa: PLC0415  # flickrapi: 0.2 s of CPU to import

    return client.build(account)


def limits(account: Account) -> Limits:
    """Import the client and return Flickr's limits; see `photos.limits_of`. Raises BadSetting."""
    from publisher.destinations.flickr import client  # noqa: PLC0415  # see above

    return client.limits(account)


def consent(account: Account, browser: Browser) -> dict[str, str]:
    """Import the client and ask a person for consent; see `consent.ask`."""
    from publisher.destinations.flickr import consent as asking  # noqa: PLC0415  # see above

    return asking.ask(account, browser)


PLUGIN = Plugin(
    display_name="Flickr",
    build=build,
    limits=limits,
    consent=consent,
    client_keys=("key", "secret"),
    addresses=("api_url", "upload_url", "oauth_url"),
    clock="https://api.flickr.com/",
)

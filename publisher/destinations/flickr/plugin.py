"""Flickr, as the rest of the product knows it. The client library is imported when an account is built."""

from __future__ import annotations

from publisher.destinations.base import Account, Destination, Limits
from publisher.destinations.plugin import Browser, Plugin


def build(account: Account) -> Destination:
    """See `client.build`."""
    from publisher.destinations.flickr import client  # noqa: PLC0415  # flickrapi: 0.2 s of CPU to import

    return client.build(account)


def limits(account: Account) -> Limits:
    """See `photos.limits_of`."""
    from publisher.destinations.flickr import client  # noqa: PLC0415  # see above

    return client.limits(account)


def consent(account: Account, browser: Browser) -> dict[str, str]:
    """See `consent.ask`."""
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

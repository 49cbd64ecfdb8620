"""YouTube, as the rest of the product knows it. The client library is imported when an account is built."""

from __future__ import annotations

from publisher.destinations.base import Account, Destination, Limits
from publisher.destinations.plugin import Browser, Plugin
from publisher.destinations.youtube.session import LOST, SESSION


def build(account: Account) -> Destination:
    """Import the client and return the destination; see `client.build`."""
    from publisher.destinations.youtube import client  # noqa: PLC0415  # googleapiclient: 0.3 s of CPU to import

    return client.build(account)


def limits(account: Account) -> Limits:
    """Import the settings and return YouTube's limits; see `channel.limits_of`. Raises BadSetting."""
    from publisher.destinations.youtube import channel, settings  # noqa: PLC0415  # see above

    return channel.limits_of(settings.read_settings(account.options, account.exercise))


def consent(account: Account, browser: Browser) -> dict[str, str]:
    """Import the client and ask a person for consent; see `client.consent`.

    Google's page always sends the browser back: a person can type nothing in.
    """
    from publisher.destinations.youtube import client  # noqa: PLC0415  # see above

    return client.consent(account, browser.open, timeout=browser.seconds)


PLUGIN = Plugin(
    display_name="YouTube",
    build=build,
    limits=limits,
    consent=consent,
    client_keys=("client_id", "client_secret"),
    addresses=("root_url", "token_url", "auth_url"),
    temporary_keys=(SESSION, LOST),
    clock="https://youtube.googleapis.com/",
)

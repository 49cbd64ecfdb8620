"""The notice board, as Publisher knows it before one is built."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from noticeboard.destination import address_of, build, limits_of
from publisher.destinations.base import Account, Limits
from publisher.destinations.errors import Later, Refused, Stop
from publisher.destinations.plugin import Browser, Plugin


def limits(account: Account) -> Limits:
    """The same for every account."""
    return limits_of()


def consent(account: Account, browser: Browser) -> dict[str, str]:
    """Show the board's page and ask for the token on it. Raises Refused or Later."""
    application = urlencode({"application": account.client["application"]})
    browser.open(f"{address_of(account)}/authorise?{application}")
    token = {"token": browser.ask("The token that the board shows").strip()}
    if not token["token"].isalnum():
        raise Refused("That is no token of the board: it has letters and digits only. Run the command again.")
    board = build(replace(account, token=token))
    try:
        return {**token, "account": board.whoami(), "username": board.holder}
    except Later as error:
        if error.stop is not Stop.AUTH:
            raise
        raise Refused("The board does not know this token. Run the command again and copy all of it.") from error


PLUGIN = Plugin(
    display_name="Noticeboard",
    build=build,
    limits=limits,
    consent=consent,
    client_keys=("application",),
    addresses=("url",),
    clock="https://noticeboard.example/",
)

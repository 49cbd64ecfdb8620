"""The consent of a Flickr account's owner: OAuth 1.0a, over loopback or with a code that is typed."""

from __future__ import annotations

from publisher.destinations.base import Account
from publisher.destinations.browser_answer import BrowserAnswer
from publisher.destinations.errors import Refused
from publisher.destinations.flickr import client
from publisher.destinations.plugin import Browser

OUT_OF_BAND = "oob"  # Flickr shows a code instead of sending the browser back


def ask(account: Account, browser: Browser) -> dict[str, str]:
    """Ask a person for consent; returns the token to keep, as `client.finish` does. Raises Refused or Later."""
    return _typed(account, browser) if browser.by_hand else _sent_back(account, browser)


def _typed(account: Account, browser: Browser) -> dict[str, str]:
    address, token, secret = client.begin(account, OUT_OF_BAND)
    browser.open(address)
    return client.finish(account, token, secret, browser.ask("The code Flickr shows").strip())


def _sent_back(account: Account, browser: Browser) -> dict[str, str]:
    with BrowserAnswer() as answer:
        address, token, secret = client.begin(account, answer.address)
        browser.open(address)
        given = answer.wait(browser.seconds)
    verifiers = given.get("oauth_verifier")
    if not verifiers or given.get("oauth_token") != [token]:
        raise Refused("The browser came back without Flickr's answer to this question. Run the command again.")
    return client.finish(account, token, secret, verifiers[0])

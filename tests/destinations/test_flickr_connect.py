"""The consent, from the first request to a token that may delete."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from publisher.destinations.errors import Later, Refused, Stop
from publisher.destinations.flickr import client

from support.patience import PATIENCE

if TYPE_CHECKING:
    from conftest import Bench, Scripted

    from publisher.destinations.base import Account


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    from tests.destinations.conftest import flickr_bench

    with flickr_bench(tmp_path) as made:
        made.control.settings(auto_consent=True)
        yield made


@pytest.fixture
def account(desk: Bench, accounts: Callable[..., Account]) -> Account:
    return accounts(desk.control.base, None)


def agreed(url: str) -> str:
    """Open the consent page as a browser would; answers the verifier of the callback."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    connection.request("GET", f"{parts.path}?{parts.query}")
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return parse_qs(urlsplit(reply.headers["Location"]).query)["oauth_verifier"][0]


def test_a_consent_ends_in_a_token_that_may_delete(
    desk: Bench, account: Account, accounts: Callable[..., Account]
) -> None:
    url, request_token, request_secret = client.begin(account, "http://127.0.0.1:9/back")
    assert parse_qs(urlsplit(url).query)["perms"] == ["delete"]
    token = client.finish(account, request_token, request_secret, agreed(url))
    assert set(token) == {"token", "secret", "nsid", "username", "fullname", "perms"}
    assert (token["perms"], token["nsid"]) == ("delete", "24573443@N04")
    destination = client.build(accounts(desk.control.base, token))
    receipt = destination.send(desk.parcel(), desk.journal())
    destination.remove(receipt)
    assert not destination.look(receipt).exists


def test_less_than_delete_is_refused_in_words(account: Account) -> None:
    url, request_token, request_secret = client.begin(account, "http://127.0.0.1:9/back")
    verifier = agreed(url.replace("perms=delete", "perms=write"))
    with pytest.raises(Refused, match="allowed to delete"):
        client.finish(account, request_token, request_secret, verifier)


def test_a_wrong_verifier_is_no_consent(account: Account) -> None:
    url, request_token, request_secret = client.begin(account, "http://127.0.0.1:9/back")
    agreed(url)
    with pytest.raises(Later) as refusal:
        client.finish(account, request_token, request_secret, "123-456-789")
    assert refusal.value.stop is Stop.AUTH


def test_a_failure_while_asking_what_was_granted_is_later(desk: Bench, account: Account) -> None:
    url, request_token, request_secret = client.begin(account, "http://127.0.0.1:9/back")
    verifier = agreed(url)
    desk.control.fault("flickr.auth.oauth.checkToken", "500")
    with pytest.raises(Later) as refusal:
        client.finish(account, request_token, request_secret, verifier)
    assert refusal.value.stop is Stop.NONE


@pytest.mark.parametrize("reply", ["", "oauth_problem", "<html>", b"\xff\xfe"])
def test_an_answer_without_a_token_is_later(scripted: Scripted, accounts: Callable[..., Account], reply: Any) -> None:
    scripted.will_say(reply)
    with pytest.raises(Later):
        client.begin(accounts(scripted.base, None), "oob")


def test_the_consents_secrets_are_not_logged(desk: Bench, account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url, request_token, request_secret = client.begin(account, "http://127.0.0.1:9/back")
    token = client.finish(account, request_token, request_secret, agreed(url))
    for secret in (request_secret, token["token"], token["secret"], "sandbox-flickr-secret"):
        assert secret not in caplog.text

"""One request's limits: time, redirects, the environment, other accounts. No patience is longer than 2 s."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from publisher.destinations.base import Receipt
from publisher.destinations.errors import Later, Stop, Unsure
from publisher.destinations.flickr import client
from publisher.destinations.net import BadSetting

from support.patience import PATIENCE

if TYPE_CHECKING:
    from conftest import Scripted

    from publisher.destinations.base import Account, Destination

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PHOTO = Receipt("5628095432", "")
INFO = (Path(__file__).parent / "fixtures/flickr/flickr.photos.getInfo.xml").read_text("utf-8")
SIZES = (Path(__file__).parent / "fixtures/flickr/flickr.photos.getSizes.xml").read_text("utf-8")


@pytest.fixture
def patience(accounts: Callable[..., Account], scripted: Scripted, token: dict[str, str]) -> Callable[..., Destination]:
    """The destination on `scripted`, with so many seconds between two reads and for a whole reply."""

    def build(read: float = 1.0, reply: float = 1.5) -> Destination:
        account = accounts(scripted.base, token, options={"reply_timeout": reply}, now=lambda: NOW)
        return client.build(replace(account, read_timeout=read))

    return build


class Silent:
    """Answers nothing for as long as the client waits, at most 5 s."""

    def __init__(self) -> None:
        self.ends: SimpleQueue[str] = SimpleQueue()

    def __call__(self, connection: socket.socket) -> None:
        try:
            connection.recv(1)
            self.ends.put("the client left")
        except TimeoutError:
            self.ends.put("the server left")


class Dripping:
    """Answers well, but a byte every 0.05 s: no single read waits long, and the whole takes 27 s."""

    def __init__(self) -> None:
        self.ends: SimpleQueue[str] = SimpleQueue()

    def __call__(self, connection: socket.socket) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500:
                connection.sendall(bytes([byte]))
                threading.Event().wait(0.05)
            self.ends.put("all was said")
        except OSError:
            self.ends.put("the client left")


def test_a_server_that_never_answers_is_given_up(scripted: Scripted, patience: Any) -> None:
    server = Silent()
    scripted.answers.append(server)
    with pytest.raises(Later):
        patience(read=0.2, reply=60.0).look(PHOTO)
    assert server.ends.get(timeout=PATIENCE) == "the client left"


def test_a_server_that_drips_is_cut_off_at_the_deadline(scripted: Scripted, patience: Any) -> None:
    server = Dripping()
    scripted.answers.append(server)
    with pytest.raises(Later):
        patience(read=1.0, reply=0.4).look(PHOTO)
    assert server.ends.get(timeout=PATIENCE) == "the client left"


def test_an_upload_whose_answer_drips_is_unsure_at_the_deadline(
    scripted: Scripted, patience: Any, parcels: Any, journals: Any
) -> None:
    server = Dripping()
    scripted.answers.append(server)
    with pytest.raises(Unsure):
        patience(read=1.0, reply=0.4).send(parcels(), journals())
    assert server.ends.get(timeout=PATIENCE) == "the client left"


def test_an_answer_cut_short_is_no_answer(scripted: Scripted, patience: Any) -> None:
    scripted.answers.append(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + INFO.encode())
    with pytest.raises(Later):
        patience().look(PHOTO)


def test_a_reply_without_end_is_cut_off(scripted: Scripted, patience: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.destinations.flickr.wire.LONGEST_REPLY", 1000)
    scripted.will_say(INFO)
    with pytest.raises(Later):
        patience().look(PHOTO)


def test_a_call_is_not_redirected(scripted: Scripted, patience: Any) -> None:
    scripted.will_say("", code=302, Location=f"{scripted.base}/elsewhere/")
    scripted.will_say(INFO)
    with pytest.raises(Later):
        patience().look(PHOTO)
    assert len(scripted.heard) == 1


def test_a_proxy_in_the_environment_is_not_used(
    scripted: Scripted, patience: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    scripted.will_say(INFO)
    scripted.will_say(SIZES)
    assert patience().look(PHOTO).exists


def test_cookies_are_not_kept(scripted: Scripted, patience: Any) -> None:
    scripted.will_say(INFO, Set_Cookie="session=of-somebody")
    scripted.will_say(SIZES)
    patience().look(PHOTO)
    assert [spoken.header("Cookie") for spoken in scripted.heard] == [None, None]


@pytest.fixture
def second() -> Iterator[Scripted]:
    from tests.destinations.conftest import Scripted

    server = Scripted()
    yield server
    server.stop()


def test_two_accounts_share_no_session(
    scripted: Scripted, second: Scripted, accounts: Callable[..., Account], token: dict[str, str]
) -> None:
    first_account = client.build(accounts(scripted.base, token))
    client.build(accounts(second.base, token))
    scripted.will_say(INFO)
    scripted.will_say(SIZES)
    assert first_account.look(PHOTO).exists


def test_only_the_configured_hosts_can_be_reached(patience: Any, second: Scripted) -> None:
    from publisher.destinations.flickr.wire import LineFault

    wire = patience().calls._flickr.flickr_oauth.wire
    with pytest.raises(LineFault) as fault:
        wire.post(second.base + "/services/rest/")
    assert not fault.value.established
    assert second.heard == []


def test_a_write_that_is_repeated_reaches_flickr_again(scripted: Scripted, patience: Any, parcels: Any) -> None:
    destination = patience()
    for _ in range(4):
        scripted.will_say('<rsp stat="ok">\n</rsp>')
    destination.amend(PHOTO, parcels())
    destination.amend(PHOTO, parcels())
    assert [b"setTags" in spoken.body for spoken in scripted.heard] == [False, True, False, True]


def test_the_token_is_not_written_to_disk(
    scripted: Scripted, patience: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accounts: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    scripted.will_say(INFO)
    scripted.will_say(SIZES)
    patience().look(PHOTO)
    scripted.will_say("oauth_callback_confirmed=true&oauth_token=1-a&oauth_token_secret=b")
    client.begin(accounts(scripted.base, None), "oob")
    assert list(tmp_path.iterdir()) == []


# What failed calls say


def test_busy_with_a_time_is_later_at_that_time(scripted: Scripted, patience: Any) -> None:
    scripted.will_say("Service Unavailable", code=503, Retry_After="90")
    with pytest.raises(Later) as refusal:
        patience().look(PHOTO)
    assert refusal.value.retry_at == NOW + timedelta(seconds=90)


def test_too_many_requests_is_told_to_the_budget(scripted: Scripted, accounts: Any, token: Any) -> None:
    account = accounts(scripted.base, token, now=lambda: NOW)
    scripted.will_say("<html><h1>429 Too Many Requests</h1></html>", code=429)
    with pytest.raises(Later) as refusal:
        client.build(account).look(PHOTO)
    assert refusal.value.retry_at == NOW + timedelta(minutes=1)
    assert account.budget.said_empty == [("calls", NOW + timedelta(minutes=1))]


@pytest.mark.parametrize("code", [0, 10, 105, 106, 201, 4711])
def test_a_code_that_passes_is_later(scripted: Scripted, patience: Any, code: int) -> None:
    scripted.will_say(f'<rsp stat="fail"><err code="{code}" msg="Sorry" /></rsp>')
    with pytest.raises(Later) as refusal:
        patience().look(PHOTO)
    assert refusal.value.stop is Stop.NONE


@pytest.mark.parametrize(
    "body",
    [
        '{"stat":"fail","message":"Sorry, the Flickr API service is not currently available.","code":201},',
        "<html>We'll be right back",
        "",
        "<rsp />",
        '<rsp stat="fail" />',
        '<rsp stat="ok" />',
        INFO.replace('ispublic="1" ', ""),
    ],
    ids=["json", "html", "empty", "bare", "no err", "no photo", "no visibility"],
)
def test_an_answer_that_cannot_be_read_is_later(scripted: Scripted, patience: Any, body: str) -> None:
    scripted.will_say(body)
    with pytest.raises(Later):
        patience().look(PHOTO)


def test_a_signed_request_in_an_error_is_not_logged(
    scripted: Scripted, patience: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.will_say("oauth_problem=signature_invalid&debug_sbs=POST%26secret-base-string", code=401)
    with pytest.raises(Later) as refusal:
        patience().look(PHOTO)
    assert refusal.value.stop is Stop.AUTH
    assert "secret-base-string" not in caplog.text + refusal.value.message


# What cannot be built


def test_an_account_without_consent_is_named(accounts: Callable[..., Account], scripted: Scripted) -> None:
    with pytest.raises(BadSetting, match="publisher connect flickr"):
        client.build(accounts(scripted.base, None))


def test_a_consent_that_cannot_delete_is_not_enough(
    accounts: Callable[..., Account], scripted: Scripted, token: dict[str, str]
) -> None:
    with pytest.raises(BadSetting, match="delete"):
        client.build(accounts(scripted.base, token | {"perms": "write"}))


def test_a_real_office_does_not_post_to_a_stand_in_nor_an_exercise_to_flickr(
    accounts: Callable[..., Account], scripted: Scripted, token: dict[str, str]
) -> None:
    with pytest.raises(BadSetting):
        client.build(replace(accounts(scripted.base, token), exercise=False))
    with pytest.raises(BadSetting):
        client.build(replace(accounts(scripted.base, token), options={}))


@pytest.mark.parametrize("wrong", [{"reply_timeout": "long"}, {"calls_per_hour": True}, {"calls_reserve": -1}])
def test_a_value_that_is_no_number_is_named(
    accounts: Callable[..., Account], scripted: Scripted, token: dict[str, str], wrong: dict[str, Any]
) -> None:
    with pytest.raises(BadSetting, match=next(iter(wrong))):
        client.build(accounts(scripted.base, token, options=wrong))


def test_a_key_is_needed(accounts: Callable[..., Account], scripted: Scripted, token: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="key"):
        client.build(replace(accounts(scripted.base, token), client={}))

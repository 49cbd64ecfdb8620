"""The consent of the channel's owner, and where an account may speak to at all."""

from __future__ import annotations

import os
import threading
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from publisher.destinations.errors import Refused
from publisher.destinations.net import BadSetting
from publisher.destinations.youtube.client import build, consent

from support.patience import PATIENCE

FORCE_SSL = "https://www.googleapis.com/auth/youtube.force-ssl"


class Person:
    """Opens the page that a browser would be shown, in a thread as a browser is a process of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._threads: list[threading.Thread] = []

    def __call__(self, url: str) -> None:
        self.asked.append(url)
        self._threads.append(threading.Thread(target=self._visit, args=(url,)))
        self._threads[-1].start()

    def _visit(self, url: str) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=PATIENCE) as page:
            page.read()

    def leave(self) -> None:
        for thread in self._threads:
            thread.join()


@pytest.fixture
def person(bench: Any) -> Iterator[Person]:
    bench.control.settings(auto_consent=True)
    visitor = Person()
    yield visitor
    visitor.leave()


def test_a_consent_gives_a_lasting_token_for_one_channel(bench: Any, person: Person) -> None:
    token = consent(bench.account(), person, timeout=PATIENCE)
    assert token["refresh_token"]
    assert token["scopes"] == FORCE_SSL
    assert token["channel_id"].startswith("UC")
    assert token["channel_title"]
    assert "access_token" not in token


def test_the_token_works(bench: Any, person: Person, journal: Any, footage: Callable[..., Any]) -> None:
    token = consent(bench.account(), person, timeout=PATIENCE)
    channel = build(replace(bench.account(), token=token))
    channel.send(footage(), journal)
    assert len(bench.videos()) == 1


def test_the_page_is_asked_for_everything_a_lasting_consent_needs(bench: Any, person: Person) -> None:
    consent(bench.account(), person, timeout=PATIENCE)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(person.asked[0]).query).items()}
    assert asked["scope"] == FORCE_SSL
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["state"]


def test_the_caller_may_use_the_standard_browser_where_there_is_none(
    bench: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    opened: list[str] = []

    def standard(url: str) -> None:
        opened.append(url)
        assert len(opened) < 3  # it must not come back to us
        webbrowser.open(url)
        person(url)

    consent(bench.account(), standard, timeout=PATIENCE)
    assert len(opened) == 1


def test_a_consent_with_a_box_unticked_is_refused(bench: Any, person: Person) -> None:
    bench.control.settings(granted_scopes="https://www.googleapis.com/auth/youtube.readonly")
    with pytest.raises(Refused, match="every box"):
        consent(bench.account(), person, timeout=PATIENCE)


def test_nobody_coming_is_told(bench: Any) -> None:
    with pytest.raises(Refused, match="1 seconds"):
        consent(bench.account(), lambda url: None, timeout=1)


def test_plain_http_is_allowed_to_the_stand_in_only_while_it_is_spoken_to(
    bench: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    consent(bench.account(), person, timeout=PATIENCE)
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


def test_an_account_without_a_token_says_how_to_get_one(bench: Any) -> None:
    for token in (None, {}, {"refresh_token": ""}):
        with pytest.raises(BadSetting, match="connect youtube"):
            build(replace(bench.account(), token=token))


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_a_missing_client_key_is_named(bench: Any, name: str) -> None:
    client = {**bench.client, name: ""}
    with pytest.raises(BadSetting, match=name):
        build(replace(bench.account(), client=client))
    with pytest.raises(BadSetting, match=name):
        consent(replace(bench.account(), client=client), lambda url: None)


@pytest.mark.parametrize("name", ["root_url", "token_url", "auth_url"])
def test_an_exercise_office_does_not_speak_to_the_real_youtube(bench: Any, name: str) -> None:
    with pytest.raises(BadSetting, match="exercise"):
        bench.channel(**{name: "https://youtube.googleapis.com/"})


@pytest.mark.parametrize("name", ["root_url", "token_url", "auth_url"])
def test_a_real_office_does_not_speak_to_a_stand_in(bench: Any, name: str) -> None:
    account = replace(bench.account(), exercise=False, options={name: bench.base})
    with pytest.raises(BadSetting):
        build(account)


def test_a_real_office_speaks_to_youtube_by_default(bench: Any) -> None:
    assert build(replace(bench.account(), exercise=False, options={})).limits().conceals


@pytest.mark.parametrize("name", ["uploads_per_day", "units_per_day", "units_reserve"])
@pytest.mark.parametrize("value", [-1, "many", True])
def test_a_number_that_is_none_is_named(bench: Any, name: str, value: Any) -> None:
    with pytest.raises(BadSetting, match=name):
        bench.channel(**{name: value})

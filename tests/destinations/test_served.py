"""What an answer at a direct media address means, from a server that says exactly what a test wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from publisher.destinations.errors import Later, Refused
from publisher.destinations.net import BadSetting
from publisher.destinations.served import MediaHosts, media_hosts

if TYPE_CHECKING:
    from conftest import Scripted

PATH = "/65535/123_secret_b.jpg"


def asking(scripted: Scripted) -> MediaHosts:
    return MediaHosts(frozenset({urlsplit(scripted.base).netloc}), connect=2.0, read=2.0)


@pytest.mark.parametrize("code", [200, 206])
def test_bytes_are_still_served(scripted: Scripted, code: int) -> None:
    scripted.will_say(b"a picture", code)
    assert asking(scripted).still_served(scripted.base + PATH)
    assert "Authorization" not in scripted.heard[0].head


@pytest.mark.parametrize("code", [404, 410])
def test_a_grey_picture_with_a_404_is_gone(scripted: Scripted, code: int) -> None:
    scripted.will_say(b"a grey picture", code, Content_Type="image/jpeg")
    assert not asking(scripted).still_served(scripted.base + PATH)


def test_being_sent_on_to_another_picture_is_gone_and_not_followed(scripted: Scripted) -> None:
    scripted.will_say(b"", 302, Location=f"{scripted.base}/images/photo_unavailable.png")
    assert not asking(scripted).still_served(scripted.base + PATH)
    assert len(scripted.heard) == 1


def test_the_same_path_at_another_door_proves_nothing(scripted: Scripted) -> None:
    scripted.will_say(b"", 301, Location=f"https://elsewhere.example{PATH}")
    with pytest.raises(Later):
        asking(scripted).still_served(scripted.base + PATH)


@pytest.mark.parametrize("code", [403, 429, 500, 503])
def test_anything_else_is_not_known(scripted: Scripted, code: int) -> None:
    scripted.will_say(b"", code)
    with pytest.raises(Later):
        asking(scripted).still_served(scripted.base + PATH)


def test_no_answer_is_not_known(scripted: Scripted) -> None:
    scripted.answers.append(lambda connection: None)
    with pytest.raises(Later):
        asking(scripted).still_served(scripted.base + PATH)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.7/a.jpg", "http://user:word@127.0.0.1:1/a.jpg", "file:///etc/hostname"]
)
def test_only_the_configured_hosts_are_asked(scripted: Scripted, url: str) -> None:
    with pytest.raises(Refused):
        asking(scripted).still_served(url)
    assert scripted.heard == []


def test_an_environments_proxy_is_not_obeyed(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    scripted.will_say(b"a picture")
    assert asking(scripted).still_served(scripted.base + PATH)


@pytest.mark.parametrize(
    ("named", "scheme", "exercise"),
    [("live.staticflickr.com", "http", True), ("127.0.0.1:80", "https", False), ("127.1", "https", False)],
)
def test_a_host_this_kind_of_office_may_not_speak_to_is_refused(named: str, scheme: str, exercise: bool) -> None:
    with pytest.raises(BadSetting):
        media_hosts({"media_hosts": named}, "", scheme, exercise)


def test_the_platforms_own_hosts_are_the_usual_ones() -> None:
    hosts = media_hosts({}, "live.staticflickr.com", "https", False)
    assert hosts.hold("https://live.staticflickr.com/65535/1_a_b.jpg")
    assert not hosts.hold("https://www.flickr.com/photos/x/1/play/site/a/")

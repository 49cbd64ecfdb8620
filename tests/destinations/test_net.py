"""Which addresses an office may speak to, and how long a platform may ask us to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from publisher.destinations.net import BadSetting, check_address, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/services/rest/", "http://localhost:1/", "https://[::1]:9/", "http://127.8.9.1/"]
)
def test_an_exercise_office_speaks_to_loopback_and_a_real_one_does_not(url: str) -> None:
    assert check_address(url, exercise=True) == url
    with pytest.raises(BadSetting):
        check_address(url, exercise=False)


@pytest.mark.parametrize("url", ["https://api.flickr.com/services/rest/", "https://www.googleapis.com/"])
def test_a_real_office_speaks_to_named_hosts_and_an_exercise_one_does_not(url: str) -> None:
    assert check_address(url, exercise=False) == url
    with pytest.raises(BadSetting, match="exercise"):
        check_address(url, exercise=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.flickr.com/services/rest/",  # clear text
        "https://127.1/",  # loopback, shortened
        "https://2130706433/",  # loopback, as one number
        "https://0x7f.1/",  # loopback, partly in hexadecimal
        "https://0.0.0.0/",
        "https://10.0.0.8/",
        "https://[fe80::1%25eth0]/",
        "https://sandbox.localhost/",
        "https://localhost./",
        "ftp://api.flickr.com/",
        "https://",
        "https://api.flickr.com:port/",
        "https://key:secret@api.flickr.com/",
        "api.flickr.com/services/rest/",
    ],
)
def test_a_real_office_refuses(url: str) -> None:
    with pytest.raises(BadSetting):
        check_address(url, exercise=False)


@pytest.mark.parametrize("url", ["http://127.1/", "http://127.0.0.1.example.org/", "http://127.0.0.1@example.org/"])
def test_an_exercise_office_refuses_what_only_looks_like_loopback(url: str) -> None:
    with pytest.raises(BadSetting):
        check_address(url, exercise=True)


def test_a_password_in_an_address_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(BadSetting) as refusal:
        check_address("https://key:hunter2@api.flickr.com/", exercise=False)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("Sun, 01 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),  # already past
        ("99999999999999999999", timedelta(hours=1)),  # not believed
        ("Sun, 01 Mar 2099 12:05:00 GMT", timedelta(hours=1)),
    ],
)
def test_retry_after(header: str | None, wait: timedelta | None) -> None:
    assert retry_after(header, NOW) == (None if wait is None else NOW + wait)

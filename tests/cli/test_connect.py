"""Consent, given in a browser: the real flows against the sandbox's own consent pages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import Said, Typist, publisher

WRITTEN = {"flickr": "Flickr", "youtube": "YouTube"}
BROWSER = """
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(sys.argv[1], timeout=20) as page:
    page.read()
"""


@pytest.fixture
def browser(tmp_path: Path, stand_in) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """A browser in which somebody agrees to whatever is asked."""
    script = tmp_path / "browser.py"
    script.write_text(BROWSER)
    stand_in.control.settings(auto_consent=True)
    yield f"{sys.executable} {script} %s"
    stand_in.control.settings(auto_consent=False, granted_scopes=None)


def connect(office: Typist, destination: str, browser: str) -> Said:
    return publisher("--office", str(office.folder), "connect", destination, "--as", "chief", BROWSER=browser)


@pytest.mark.parametrize("destination", ["flickr", "youtube"])
def test_consent_is_kept_sealed_and_sets_a_stopped_account_going(
    exercise: Typist, browser: str, destination: str
) -> None:
    exercise.sql("DELETE FROM pressqueue_sealedtoken WHERE destination = ?", destination)
    exercise.sql(
        "INSERT OR REPLACE INTO pressqueue_account (destination, failures, stop, words)"
        " VALUES (?, 0, 'auth', 'revoked')",
        destination,
    )
    said = connect(exercise, destination, browser)
    assert said.code == 0, said.err
    assert said.out.startswith(f"{WRITTEN[destination]} is connected to Sandbox Police")
    ((box,),) = exercise.sql("SELECT box FROM pressqueue_sealedtoken WHERE destination = ?", destination)
    assert b"token" not in box
    assert exercise.sql("SELECT stop FROM pressqueue_account WHERE destination = ?", destination) == [("none",)]
    acts = [row[0] for row in exercise.sql("SELECT act FROM pressqueue_entry ORDER BY number DESC LIMIT 1")]
    assert acts == ["account_connected"]


def test_less_than_was_asked_is_not_kept(exercise: Typist, browser: str, stand_in) -> None:  # type: ignore[no-untyped-def]
    before = exercise.sql("SELECT box FROM pressqueue_sealedtoken WHERE destination = 'youtube'")
    stand_in.control.settings(granted_scopes="https://www.googleapis.com/auth/youtube.readonly")
    said = connect(exercise, "youtube", browser)
    assert (said.code, said.out) == (1, "")
    assert "leave every box ticked" in said.err
    assert exercise.sql("SELECT box FROM pressqueue_sealedtoken WHERE destination = 'youtube'") == before


def test_missing_client_keys_are_named_with_their_place(real: Typist) -> None:
    said = real("connect", "flickr", PUBLISHER_TOKEN=real.token("chief"))
    assert said.code == 1
    assert f"put it into {real.folder / 'secrets.toml'} under [clients.flickr]" in said.err


def test_an_unknown_destination_is_answered_with_those_there_are(exercise: Typist) -> None:
    said = exercise("connect", "myspace", "--as", "chief")
    assert said.code == 1
    assert "There is no destination myspace." in said.err


def test_only_an_administrator_connects(exercise: Typist) -> None:
    said = exercise("connect", "flickr", "--as", "amara")
    assert said.code == 1
    assert said.err.startswith("Only an administrator connects an account.")


def test_comments_off_is_attested_by_a_press_officer_with_evidence(exercise: Typist, tmp_path: Path) -> None:
    assert exercise("connect", "youtube", "--comments-off").code == 1
    assert "--evidence FILE" in exercise("connect", "youtube", "--comments-off", "--as", "amara").err
    seen = tmp_path / "settings.pdf"
    seen.write_bytes(b"%PDF-1.7 comments: off")
    named = ("--comments-off", "--evidence", str(seen))
    assert "takes a press officer" in exercise("connect", "youtube", *named, "--as", "bran").err
    said = exercise("connect", "youtube", *named, "--as", "amara", "--json")
    assert said.object == {"destination": "youtube", "comments_off": True}
    rows = exercise.sql(
        "SELECT o.username FROM pressqueue_account a JOIN pressqueue_officer o ON o.id = a.comments_closed_by_id"
    )
    assert rows == [("amara",)]

"""An office with a desk: its folder, its vaults, and officers who are signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from pressqueue.models import Item
from publisher.configuration import office_file
from publisher.desk import security
from publisher.desk.views import signing_in

from support import factories
from support.desk_officers import keep, picture, signed_in

TOML = """
[office]
name = "Northshire Police"
exercise = true

[brand]
contact = "Call 101"

[destinations.flickr]
api_url = "http://127.0.0.1:9/services/rest/"

[destinations.youtube]
root_url = "http://127.0.0.1:9/"
token_url = "http://127.0.0.1:9/token"
auth_url = "http://127.0.0.1:9/auth"
"""
HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nothing here tests the hash


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, settings: object, office: object) -> office_file.Office:
    """The office's configuration, as the desk sees it. Needs the database, as every page does."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "publisher.toml").write_text(TOML)
    found = office_file.load(folder)
    settings.OFFICE = found  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = HASHERS  # type: ignore[attr-defined]
    return found


@pytest.fixture
def author() -> Client:
    """Amara, who writes: the author of everything the small world makes."""
    return signed_in("amara", "author")


@pytest.fixture
def approver() -> Client:
    return signed_in("bran", "approver")


@pytest.fixture
def reviewed(desk: office_file.Office) -> Callable[..., Item]:
    """An Item in review whose rendition lies in the vault."""

    def make(item: Item | None = None, content: bytes | None = None) -> Item:
        body = content or picture()
        keep(desk, body)
        return factories.in_review(item or factories.feature(), body)

    return make


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The desk's clock at the door stands still, and is moved to so many seconds after NOW."""

    def move(seconds: float) -> None:
        moment = factories.NOW + timedelta(seconds=seconds)
        for module in (signing_in, security):
            monkeypatch.setattr(module, "database_now", lambda: moment)

    move(0)
    return move

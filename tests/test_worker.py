"""What a worker is built from: every account that can be spoken to, and a word about each that cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from pressqueue.models import Notice
from publisher.configuration import office_file, secret_store
from publisher.destinations import registry
from publisher.destinations.plugin import Plugin
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import open_worker

from support import office_folder

pytestmark = pytest.mark.usefixtures("office")
TOKEN = {"token": "t", "secret": "s", "nsid": "24573443@N04", "perms": "delete"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    gallery = {"gallery": {"kind": "folder", "path": str(tmp_path / "gallery")}}
    return office_folder.write_office(
        tmp_path / "office", {**office_folder.sandbox_destinations("http://127.0.0.1:9"), **gallery}
    )


def test_an_account_whose_token_cannot_be_opened_is_left_out_and_told_while_the_others_go_on(folder: Path) -> None:
    secrets = secret_store.load(folder)
    TokenStore(bytes(32)).save("flickr", TOKEN)  # sealed with a key this office does not have
    TokenStore(secrets.seal_key).save(
        "youtube", {"refresh_token": "r", "scopes": "https://www.googleapis.com/auth/youtube.force-ssl"}
    )
    worker = open_worker(office_file.load(folder), secrets)
    assert sorted(worker.destinations) == ["gallery", "youtube"]
    (notice,) = Notice.objects.all()
    assert notice.cause == "account:flickr:unreadable"
    assert "cannot be opened with this office's seal_key" in notice.words
    assert "publisher connect flickr" in notice.words


def test_a_token_that_can_be_opened_again_brings_its_account_back(folder: Path) -> None:
    secrets = secret_store.load(folder)
    TokenStore(bytes(32)).save("flickr", TOKEN)
    worker = open_worker(office_file.load(folder), secrets)
    assert "flickr" not in worker.destinations
    TokenStore(secrets.seal_key).save("flickr", TOKEN)
    worker.refresh()
    assert "flickr" in worker.destinations


def raising(error: Exception) -> Plugin:
    def build(_account: Any) -> Any:
        raise error

    return Plugin(display_name="Odd", build=build)


def with_kind(kind: str, plugin: Plugin | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this is what is installed under the name; None: nothing."""
    rest = {name: each for name, each in registry.load().items() if name != kind}
    monkeypatch.setattr(registry, "load", lambda: {**rest, **({kind: plugin} if plugin else {})})


# What is wrong with an account that was connected -> what the notice says of it.
UNUSABLE: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], None], str]] = {
    "its kind is not installed": (
        lambda _folder, monkeypatch: with_kind("flickr", None, monkeypatch),
        "kind “flickr” is not known",
    ),
    "its settings cannot be used": (
        lambda folder, _monkeypatch: rewrite(folder, "api_url", 'reply_timeout = "soon"'),
        "reply_timeout",
    ),
    "its plug-in fails": (
        lambda _folder, monkeypatch: with_kind("flickr", raising(TypeError("the token is t")), monkeypatch),
        "failed with TypeError. See `publisher check`.",
    ),
}


def rewrite(folder: Path, before: str, line: str) -> None:
    """A line more in publisher.toml, before the first that begins like this."""
    place = folder / "publisher.toml"
    lines = place.read_text("utf-8").splitlines()
    at = next(number for number, each in enumerate(lines) if each.startswith(before))
    place.write_text("\n".join([*lines[:at], line, *lines[at:]]) + "\n", "utf-8")


@pytest.fixture
def connected(folder: Path) -> secret_store.Secrets:
    secrets = secret_store.load(folder)
    TokenStore(secrets.seal_key).save("flickr", TOKEN)
    return secrets


@pytest.mark.parametrize("wrong", UNUSABLE)
def test_an_account_that_cannot_be_used_is_left_out_and_told_while_the_others_go_on(
    wrong: str, folder: Path, connected: secret_store.Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, words = UNUSABLE[wrong]
    with monkeypatch.context() as patched:
        spoil(folder, patched)
        assert list(open_worker(office_file.load(folder), connected).destinations) == ["gallery"]
    notice = Notice.objects.get(cause="account:flickr:unusable")
    assert words in notice.words and notice.words.startswith("Nothing goes out to Flickr. ")
    assert "the token is" not in notice.words


def test_what_is_told_of_it_ends_when_it_can_be_used(
    folder: Path, connected: secret_store.Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        with_kind("flickr", None, patched)
        open_worker(office_file.load(folder), connected)
    assert Notice.objects.filter(cause="account:flickr:unusable", cleared_at__isnull=True).exists()
    assert "flickr" in open_worker(office_file.load(folder), connected).destinations
    assert not Notice.objects.filter(cause="account:flickr:unusable", cleared_at__isnull=True).exists()


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_no_accounts_fault(
    away: type[Exception], folder: Path, connected: secret_store.Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_kind("flickr", raising(away("gone away")), monkeypatch)
    with pytest.raises(away):
        open_worker(office_file.load(folder), connected)
    assert not Notice.objects.filter(cause__startswith="account:flickr").exists()

"""What a worker is built from: every account that can be spoken to, and a word about each that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressqueue.models import Notice
from publisher.configuration import office_file, secret_store
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

"""The files of what was purged: gone after the commit, or after the next round; never what something else needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pressqueue.models import Entry, Item, Notice, Original, Purge
from pressqueue.moves import recovery, retention, takedown
from publisher.backup import snapshot
from publisher.disclosure import purging
from publisher.media.vault import Vault
from publisher.scheduling import rounds
from publisher.workers.worker import Worker

from support import factories, office_folder
from support.factories import NOW, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
OVER = NOW + timedelta(days=366)
Keep = Callable[[str, bytes], str]


@pytest.fixture
def worker(tmp_path: Path, office: object) -> Worker:
    return office_folder.worker(tmp_path / "office", Clock(OVER))


@pytest.fixture
def keep(worker: Worker, tmp_path: Path) -> Keep:
    """Bytes into one of the office's vaults; answers their SHA-256."""

    def put(vault: str, content: bytes) -> str:
        source = tmp_path / "incoming"
        source.write_bytes(content)
        return Vault(worker.office.media / vault).take_in(source).sha256

    return put


def there(worker: Worker, vault: str, content: bytes) -> bool:
    return Vault(worker.office.media / vault).path(hashlib.sha256(content).hexdigest()).exists()


@pytest.fixture
def make(keep: Keep) -> Callable[..., Item]:
    """An Item that came down, its files in the vaults."""

    def made(received: bytes = b"as received", published: bytes = b"as published") -> Item:
        keep("originals", received)
        keep("renditions", published)
        item = factories.approved(factories.appeal(original=factories.original(received)), published)
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        return item

    return made


def purged(item: Item) -> Purge:
    asked = retention.ask_purge(factories.author(), item, "Retention board", now=OVER)
    return retention.confirm_purge(factories.approver(), asked, now=OVER)


def test_the_files_go_and_are_recorded_as_gone(worker: Worker, make: Callable[..., Item]) -> None:
    purge = purged(make())
    assert there(worker, "originals", b"as received")
    assert purging.remove_files(worker.office, purge, OVER)
    assert not there(worker, "originals", b"as received")
    assert not there(worker, "renditions", b"as published")
    assert Purge.objects.get().files_gone_at == OVER
    assert Entry.objects.filter(act="purge_files_gone").count() == 1


def test_a_death_between_the_commit_and_the_files_is_made_good_by_the_clock(
    worker: Worker, make: Callable[..., Item]
) -> None:
    purged(make())  # and the process died here
    assert there(worker, "originals", b"as received")
    assert rounds.run_part(worker, "clock")["purged"] == 1
    assert not there(worker, "originals", b"as received")
    assert not there(worker, "renditions", b"as published")
    assert rounds.run_part(worker, "clock")["purged"] == 0


def test_a_death_between_two_files_is_made_good_as_well(
    worker: Worker, make: Callable[..., Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    purge, calls = purged(make()), []
    remove = Vault.remove

    def dying(vault: Vault, sha256: str) -> None:
        calls.append(sha256)
        if len(calls) == 2:
            raise KeyboardInterrupt
        remove(vault, sha256)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Vault, "remove", dying)
        purging.remove_files(worker.office, purge, OVER)
    assert Purge.objects.get().files_gone_at is None
    assert purging.run_round(worker.office, OVER) == 1
    assert not there(worker, "originals", b"as received")
    assert not there(worker, "renditions", b"as published")


def test_what_another_item_needs_stays_until_that_is_purged_too(worker: Worker, make: Callable[..., Item]) -> None:
    first, second = make(), make()
    purged(first)
    purging.run_round(worker.office, OVER)
    assert there(worker, "originals", b"as received")
    assert there(worker, "renditions", b"as published")
    purged(second)
    purging.run_round(worker.office, OVER)
    assert not there(worker, "originals", b"as received")
    assert not there(worker, "renditions", b"as published")


def test_a_file_received_anew_before_the_files_went_is_kept(worker: Worker, make: Callable[..., Item]) -> None:
    purge = purged(make())
    factories.original(b"as received")
    purging.remove_files(worker.office, purge, OVER)
    assert there(worker, "originals", b"as received")
    assert Original.objects.get(pk=purge.original).purged_at is None


def test_a_file_that_cannot_be_removed_is_told_and_tried_again(worker: Worker, make: Callable[..., Item]) -> None:
    purge = purged(make())
    place = Vault(worker.office.media / "originals").path(purge.original)
    place.unlink()
    place.mkdir()  # nobody can unlink a folder
    assert not purging.remove_files(worker.office, purge, OVER)
    assert "cannot be removed" in Notice.objects.get(cause=f"purge:{purge.pk}", cleared_at=None).words
    assert Purge.objects.get().files_gone_at is None
    place.rmdir()
    assert purging.run_round(worker.office, OVER) == 1
    assert not Notice.objects.filter(cause=f"purge:{purge.pk}", cleared_at=None).exists()


def test_files_that_a_restore_brought_back_go_again(worker: Worker, make: Callable[..., Item], keep: Keep) -> None:
    """As restored: the older database knows of no purge, the register does, and the media were restored with it."""
    from pressqueue import register
    from pressqueue.models import RegisterLine

    item = make()
    purged(item)
    purging.run_round(worker.office, OVER)
    kept = [register.read(row.line) for row in RegisterLine.objects.order_by("pk")]
    Purge.objects.all().delete()
    Item.objects.filter(pk=item.pk).update(purged_at=None)
    Original.objects.update(purged_at=None)
    keep("originals", b"as received")
    keep("renditions", b"as published")
    assert recovery.replay(kept, now=OVER)["purged"] == 1
    assert rounds.run_part(worker, "clock")["purged"] == 1
    assert not there(worker, "originals", b"as received")
    assert not there(worker, "renditions", b"as published")


def test_a_backup_does_not_miss_what_was_purged(make: Callable[..., Item], keep: Keep) -> None:
    gone, stays = make(), make(b"another", b"another published")
    purged(gone)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(snapshot._ORIGINALS)
        originals = {row[0] for row in cursor.fetchall()}
        cursor.execute(snapshot._RENDITIONS)
        renditions = {row[0] for row in cursor.fetchall()}
    assert originals == {stays.original_id}
    assert renditions == {hashlib.sha256(b"another published").hexdigest()}

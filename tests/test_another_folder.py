"""The way of who may write the configuration and nothing else: another folder under the same destination's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressqueue.models import Item, Notice, Post
from pressqueue.moves import items, takedown
from publisher.configuration import office_file, secret_store
from publisher.publishing import intake, rendering
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker, open_worker

from support import factories, office_folder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


@pytest.fixture
def clock() -> factories.Clock:
    return factories.Clock()


@pytest.fixture
def worker(tmp_path: Path, clock: factories.Clock) -> Worker:
    return office_folder.worker(tmp_path / "office", clock)


def moved(worker: Worker, clock: factories.Clock, path: Path) -> Worker:
    """The office started again with another path in its configuration."""
    folder = worker.office.folder
    office_folder.write_office(folder, {"gallery": {"kind": "folder", "path": str(path)}})
    made = open_worker(office_file.load(folder), secret_store.load(folder), "w2", clock=clock)
    made.key = factories.KEY
    return made


def approved(worker: Worker, tmp_path: Path, clock: factories.Clock) -> Item:
    file = tmp_path / "IMG_0001.jpg"
    Image.new("RGB", (320, 240), (40, 90, 60)).save(file, "JPEG")
    original = intake.receive(factories.author(), file, file.name, worker.originals, clock.now)
    item = factories.appeal(original=original, destinations=["gallery"])
    items.submit(factories.author(), item, now=clock.now)
    assert rendering.prepare_next(worker)
    item = factories.verified(item)
    assert item.package is not None, item.refusal
    items.approve(factories.approver(), item, item.package.digest, deciding=factories.viewed(item), now=clock.now)
    item.refresh_from_db()
    return item


def shown(place: Path) -> list[str]:
    return sorted(each.name for each in (place / "public").iterdir()) if place.exists() else []


def test_an_approved_picture_does_not_follow_a_changed_path(
    worker: Worker, clock: factories.Clock, tmp_path: Path
) -> None:
    item, ours = approved(worker, tmp_path, clock), worker.office.folder / "gallery"
    elsewhere = moved(worker, clock, tmp_path / "elsewhere")
    for _ in range(3):
        scheduler.round(elsewhere)
        clock.on(seconds=30)
    item.refresh_from_db()
    assert item.state == "in_review"  # prepared anew, for this account, and to be approved again
    assert (shown(ours), shown(tmp_path / "elsewhere")) == ([], [])
    assert Notice.objects.filter(cause__startswith="account:gallery:another").exists()


def test_the_control_unasked_it_would_follow(
    worker: Worker, clock: factories.Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(worker, tmp_path, clock)
    monkeypatch.setattr("pressqueue.moves.configuration.account_known", lambda *_, **__: [])
    monkeypatch.setattr("pressqueue.publishable._demand_its_account", lambda *_: None)
    elsewhere = moved(worker, clock, tmp_path / "elsewhere")
    scheduler.round(elsewhere)
    assert len(shown(tmp_path / "elsewhere")) == 1


def test_the_same_folder_at_another_path_is_the_same_account(
    worker: Worker, clock: factories.Clock, tmp_path: Path
) -> None:
    """The control: what was approved goes out where its gallery was only moved."""
    item = approved(worker, tmp_path, clock)
    (worker.office.folder / "gallery").rename(tmp_path / "moved")
    there = moved(worker, clock, tmp_path / "moved")
    scheduler.round(there)
    clock.on(seconds=30)
    scheduler.round(there)
    assert [str(post.state) for post in item.posts.all()] == ["live"]
    assert len(shown(tmp_path / "moved")) == 1


def test_a_withdrawal_is_not_called_done_because_another_account_does_not_show_it(
    worker: Worker, clock: factories.Clock, tmp_path: Path
) -> None:
    item, ours = approved(worker, tmp_path, clock), worker.office.folder / "gallery"
    scheduler.round(worker)
    clock.on(seconds=30)
    scheduler.round(worker)
    assert len(shown(ours)) == 1
    elsewhere = moved(worker, clock, tmp_path / "elsewhere")
    takedown.withdraw(factories.author(), item, "wrong_image", now=clock.now)
    for _ in range(12):
        scheduler.round(elsewhere, "withdraw")
        clock.on(minutes=6)
    post = Post.objects.get(item=item)
    assert (str(post.state), len(shown(ours))) == ("removing", 1)
    assert "another account" in post.words
    assert Notice.objects.filter(cause=f"byhand:{post.pk}").exists()

    back = moved(worker, clock, ours)
    for _ in range(3):
        scheduler.round(back, "withdraw")
        clock.on(minutes=6)
    post.refresh_from_db()
    assert (str(post.state), shown(ours)) == ("removed", [])

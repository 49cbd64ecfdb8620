"""An exhibit whose stored bytes changed: nothing is made of it, its author reads why, and a person is told."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pressqueue.models import Item, Notice, Rendition
from pressqueue.moves import items
from publisher.publishing import intake, rendering
from publisher.workers.worker import Worker

from support import factories
from support.factories import NOW


def submitted(worker: Worker, folder: Path) -> Item:
    file = folder / "exhibit.jpg"
    Image.effect_noise((640, 480), 60).save(file, "JPEG")
    original = intake.receive(factories.author(), file, file.name, worker.originals, NOW)
    now = worker.clock()
    item = factories.appeal(destinations=["flickr"], original=original, publish_until=now.replace(year=now.year + 1))
    items.submit(factories.author(), item, now=NOW)
    return item


def test_a_damaged_exhibit_is_prepared_by_nobody_and_told(worker: Worker, tmp_path: Path) -> None:
    item = submitted(worker, tmp_path)
    stored = worker.originals.path(item.original_id)
    whole = stored.read_bytes()
    stored.chmod(0o600)
    stored.write_bytes(whole[:-9] + b"X" + whole[-8:])
    rendering.prepare_next(worker)
    item.refresh_from_db()
    assert item.state == "draft"
    assert "no longer what was taken in" in item.refusal
    assert not Rendition.objects.exists()
    told = Notice.objects.get(cause=f"damaged:{item.original_id}")
    assert (told.reference, "restore it from the backup" in told.words) == (item.reference, True)


def test_a_whole_one_is_prepared_and_nobody_is_told(worker: Worker, tmp_path: Path) -> None:
    item = submitted(worker, tmp_path)
    rendering.prepare_next(worker)
    item.refresh_from_db()
    assert item.state == "in_review"
    assert not Notice.objects.filter(cause__startswith="damaged:").exists()

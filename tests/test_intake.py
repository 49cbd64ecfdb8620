"""What comes in: may they, what is it, and only then is it kept. Nothing is kept that nobody recorded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from pressqueue.errors import Forbidden
from pressqueue.models import Original
from pressqueue.moves import items, verification
from publisher.media import supervised, turns
from publisher.media.errors import BadMedia
from publisher.media.vault import Vault
from publisher.publishing import intake, leftover_files
from publisher.scheduling import rounds
from publisher.workers.worker import Worker

from support import factories, office_folder
from support.desk_officers import picture
from support.factories import NOW, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
REFUSED = {
    "page.jpg": b"<html><script>alert(1)</script>",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "eicar.jpg": EICAR,
    "pictures.zip": b"PK\x03\x04" + bytes(60),
    "broken.jpg": b"\xff\xd8\xff\xe0" + bytes(400),
    "empty.jpg": b"",
    "cut.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "list.mp4": b"#EXTM3U\nfile:///etc/passwd",
    "text.pdf": b"%PDF-1.7",
    "cut.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomiso2\0\0\0\x10mdat",
}


@pytest.fixture
def worker(tmp_path: Path, office: object) -> Worker:
    return office_folder.worker(tmp_path / "office", Clock(NOW))


@pytest.fixture
def vault(worker: Worker) -> Vault:
    return worker.originals


@pytest.fixture
def handed_in(tmp_path: Path) -> Callable[..., Path]:
    def file(name: str = "IMG_2041.jpg", body: bytes | None = None) -> Path:
        place = tmp_path / name
        place.write_bytes(picture("olive") if body is None else body)
        return place

    return file


def kept(vault: Vault) -> list[str]:
    """Every file below the vault that could hold a face."""
    return [place.name for place in vault.root.rglob("*") if place.is_file() and place.stat().st_size]


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_is_gone(name: str, vault: Vault, handed_in: Callable[..., Path]) -> None:
    with pytest.raises(BadMedia):
        intake.receive(factories.author(), handed_in(name, REFUSED[name]), name, vault, NOW)
    assert kept(vault) == [] and not Original.objects.exists()


def test_a_file_is_recorded_and_kept_and_nothing_else_is(vault: Vault, handed_in: Callable[..., Path]) -> None:
    original = intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW)
    assert kept(vault) == [original.sha256]
    assert not list(vault.left_over(time.time() + 10))


def test_who_may_not_add_files_has_none_looked_at(
    vault: Vault, handed_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervised, "probe", None)
    with pytest.raises(Forbidden, match="lacks the author role"):
        intake.receive(factories.approver(), handed_in(), "IMG_2041.jpg", vault, NOW)
    assert not vault.root.exists()


def test_a_file_is_not_in_the_vault_while_it_is_looked_at(
    vault: Vault, handed_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(supervised, "probe", lambda path, **_: seen.append((path.name, kept(vault))) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW)
    ((name, there),) = seen
    assert there == [name] and name.startswith(".incoming-") and kept(vault) == []


def test_what_cannot_be_recorded_does_not_stay(
    vault: Vault, handed_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Forbidden("no longer")

    monkeypatch.setattr(items, "receive_original", fail)
    with pytest.raises(Forbidden):
        intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW)
    assert kept(vault) == [] and not list(vault.left_over(time.time() + 10))


def test_bytes_that_were_recorded_before_survive_a_second_time_that_fails(
    vault: Vault, handed_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW)
    monkeypatch.setattr(items, "receive_original", None)
    with pytest.raises(TypeError):
        intake.receive(factories.author(), handed_in(), "again.jpg", vault, NOW)
    assert kept(vault) == [original.sha256]


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As after kill -9: nothing that tidies up is run."""
    with monkeypatch.context() as patch:
        patch.setattr(leftover_files, "forget_unrecorded", lambda *_: None)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        yield


def hours_ago(vault: Vault, hours: float) -> None:
    for place in vault.root.glob(".*"):
        os.utime(place, (time.time() - 3600 * hours,) * 2)


def add_another(worker: Worker, file: Path) -> None:
    with pytest.raises(BadMedia):
        intake.receive(factories.author(), file, "page.jpg", worker.originals, NOW)


SWEEPS: dict[str, Callable[[Worker, Path], object]] = {
    "the clock's round": lambda worker, _: leftover_files.sweep(worker.office),
    "the next intake": add_another,
}


@pytest.mark.parametrize("when", ["looked at", "recorded"])
@pytest.mark.parametrize("sweep", SWEEPS)
def test_what_a_killed_process_left_is_swept_after_an_hour(
    when: str,
    sweep: str,
    worker: Worker,
    handed_in: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault, file, another = worker.originals, handed_in(), handed_in("page.jpg", b"<html>")
    with killed(monkeypatch):
        if when == "looked at":
            monkeypatch.setattr(supervised, "probe", lambda *_, **__: 1 / 0)
        else:
            monkeypatch.setattr(items, "receive_original", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            intake.receive(factories.author(), file, "IMG_2041.jpg", vault, NOW)
    monkeypatch.undo()
    assert len(kept(vault)) == 1  # the control: a face that no row names
    hours_ago(vault, 0.5)
    SWEEPS[sweep](worker, another)
    assert len(kept(vault)) == 1  # it might be at work still
    hours_ago(vault, 1.5)
    SWEEPS[sweep](worker, another)
    assert kept(vault) == []


def test_a_rendition_that_a_killed_process_was_making_is_swept(worker: Worker) -> None:
    left = worker.office.media / "making" / "rendering-abc"
    left.mkdir(parents=True)
    (left / "still.jpg").write_bytes(b"a face")
    os.utime(left, (time.time(),) * 2)  # at another instant the folder's own time would be the machine's
    rounds.run_part(worker, "clock")
    assert left.exists()
    os.utime(left, (time.time() - 13 * 3600,) * 2)
    rounds.run_part(worker, "clock")
    assert not left.exists()


def test_where_too_many_files_are_looked_at_it_says_so_and_keeps_nothing(
    vault: Vault, handed_in: Callable[..., Path]
) -> None:
    vault.root.mkdir(parents=True)
    with turns.turn(vault.root), turns.turn(vault.root), turns.turn(vault.root), pytest.raises(turns.Busy):
        intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW)
    assert kept(vault) == []
    assert intake.receive(factories.author(), handed_in(), "IMG_2041.jpg", vault, NOW).kind == "still"


def test_a_form_that_may_not_be_attached_is_not_kept(vault: Vault, handed_in: Callable[..., Path]) -> None:
    item = factories.in_review(factories.appeal())
    before = set(Original.objects.values_list("sha256", flat=True))
    file = handed_in("form.pdf", b"%PDF-1.7 signed")
    for attach in (
        lambda form: verification.attach_form(
            factories.approver(), item, item.package.digest, form, signed_at=NOW, now=NOW
        ),  # not an author
        lambda form: verification.attach_form(factories.author(), item, "0" * 64, form, signed_at=NOW, now=NOW),
        lambda form: verification.attach_form(
            factories.author(), item, item.package.digest, form, signed_at=NOW + timedelta(days=1), now=NOW
        ),
    ):
        with pytest.raises(Forbidden), intake.form_of(factories.author(), item, file, "form.pdf", vault, NOW) as form:
            attach(form)
        assert kept(vault) == [] and set(Original.objects.values_list("sha256", flat=True)) == before

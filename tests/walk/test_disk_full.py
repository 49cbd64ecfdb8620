"""The disk is full, at every write: once there is room again everything goes on, nothing lost and nothing doubled."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Item, Notice
from pressqueue.moves import items, notices
from publisher.configuration import office_file
from publisher.media.errors import NoRoom
from publisher.publishing import intake, rendering
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import approved_posts as stages
from support import databases, factories
from support import killable_workers as scenes
from support.factories import NOW
from support.killable_workers import Scene, wait_until

# Where the disk fills up: after the remote call its outcome cannot be written, before it the Journal cannot.
MOMENTS = [
    ("flickr", "send", "before", "sending"),
    ("youtube", "send", "before", "sending"),
    ("flickr", "send", "after", "sending"),
    ("youtube", "send", "after", "sending"),
    ("flickr", "apply_metadata", "after", "concealed"),
    ("youtube", "reveal", "after", "revealing"),
]


@contextmanager
def full(stage: Scene, post: int, destination: str, method: str, when: str) -> Iterator[None]:
    """A worker whose disk is full from that moment on; inside, it could not write what it wanted to.

    Its lease is over with that: how long it would have stood is no matter here.
    """
    stage.let_go(post)
    pid = stage.worker(destination=destination, method=method, when=when, full=True)
    assert stage.hear("full") == pid
    assert stage.hear("refused") == pid
    yield
    stage.sql("UPDATE pressqueue_post SET until = '2000-01-01 00:00:00' WHERE id = ?", post)
    os.kill(pid, signal.SIGUSR1)


def copies(stage: Scene, post: int) -> list[dict[str, Any]]:
    ((mark,),) = stage.sql("SELECT mark FROM pressqueue_post WHERE id = ?", post)
    return [thing for thing in stage.control.things() if any(mark in tag for tag in thing["tags"])]


@pytest.mark.slow
@pytest.mark.timeout(900)  # six moments, one after the other: patience, not a bound
def test_a_worker_goes_on_where_it_stood_when_there_is_room_again(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 3) as stage:
        free = {"flickr": iter(stage.posts[:3]), "youtube": iter(stage.posts[3:])}
        for destination, method, when, state in MOMENTS:
            post = next(free[destination])
            with full(stage, post, destination, method, when):
                assert stage.states()[post] == state, (destination, method, when)
            wait_until(lambda post=post: stage.states()[post] == "live", f"{destination} {method} {when}")
            assert [(one["visibility"], one["deleted"]) for one in copies(stage, post)] == [("public", None)]
            quiet(stage)


def quiet(stage: Scene) -> None:
    """Only the nursery is left: the worker of this moment is not in the next one's way."""
    ((owner,),) = stage.sql("SELECT owner FROM pressqueue_attempt ORDER BY id DESC LIMIT 1")
    os.kill(int(owner.split(":")[1]), signal.SIGKILL)


def test_the_command_line_says_so_in_a_sentence(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 1) as stage:
        command = f"ulimit -f 0; exec {sys.executable} -m publisher freeze all --as amara"
        said = subprocess.run(
            ["bash", "-c", command], env=stage.env, cwd=databases.ROOT, capture_output=True, text=True, check=False
        )
        assert (said.returncode, said.stdout) == (1, "")
        assert said.stderr.startswith("The disk under the database is full or failing"), said.stderr
        assert "Traceback" not in said.stderr
        assert stage.sql("SELECT frozen FROM pressqueue_office") == [("none",)]


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system refuses to write on: as with a full disk, in the middle of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def picture(worker: Worker) -> Path:
    file = worker.office.folder / "handed-in.jpg"
    file.write_bytes(stages.body(False, 1) + bytes(300_000))
    return file


def test_a_file_that_does_not_fit_is_refused_whole_and_taken_afterwards(worker: Worker, picture: Path) -> None:
    with no_file_larger_than(100_000), pytest.raises(NoRoom, match="no room left"):
        intake.receive(factories.author(), picture, picture.name, worker.originals, NOW)
    assert [path for path in worker.originals.root.rglob("*") if path.is_file()] == []
    assert intake.receive(factories.author(), picture, picture.name, worker.originals, NOW).size > 300_000


def test_an_item_that_cannot_be_prepared_for_want_of_room_waits_and_is_no_worse_for_it(
    worker: Worker, picture: Path
) -> None:
    original = intake.receive(factories.author(), picture, picture.name, worker.originals, NOW)
    now = worker.clock()
    item = factories.appeal(destinations=["flickr"], original=original, publish_until=now.replace(year=now.year + 1))
    items.submit(factories.author(), item, now=NOW)
    for size in (0, 2_000):  # nothing can be written at all; the picture breaks off in the middle
        with no_file_larger_than(size):
            rendering.prepare_next(worker)
        item.refresh_from_db()
        assert (item.state, item.rendering_tries, item.refusal) == ("submitted", 0, "")
        Item.objects.update(rendering_until=None)
    assert Notice.objects.get(cause="no_room:rendering").words.startswith("Nothing can be prepared for review.")
    rendering.prepare_next(worker)
    item.refresh_from_db()
    assert item.state == "in_review"
    assert Notice.objects.get(cause="no_room:rendering").cleared_at is not None


# Django's backend does not close the file it could not write.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_notice_that_cannot_be_mailed_is_mailed_afterwards(worker: Worker, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    worker.office = replace(worker.office, mail=office_file.Mail(attention=["duty@northshire.example"]))
    notices.notify("restored:1", "WTN-0001 was refused.", worker.clock(), "WTN-0001")
    with no_file_larger_than(0):
        scheduler.round(worker, "clock")
    assert Notice.objects.get(cause="restored:1").sent_at is None
    scheduler.round(worker, "clock")
    assert Notice.objects.get(cause="restored:1").sent_at is not None
    assert "WTN-0001 was refused." in "".join(each.read_text() for each in (tmp_path / "mail").iterdir())

"""SIGTERM, at every moment: nothing new is taken, what is in hand is finished or handed back, the process ends.

The processes told to end are the product's own commands; what they leave is finished by another worker.
"""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Post
from publisher.exercise.sandbox.control import Control
from publisher.publishing import delivery
from publisher.workers.shutdown import SHUTDOWN_REQUESTED, Shutdown
from publisher.workers.worker import Worker

from support import databases
from support import killable_workers as scenes
from support.killable_workers import Scene, wait_until
from support.patience import PATIENCE

MEGABYTES = 24 * 1024 * 1024  # more than the kernel holds between two ends of a connection on loopback
PACE = {"stop_within": 1.0}


@contextmanager
def working(stage: Scene, lane: str = "", log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`publisher worker --only LANE`, as the office's own service would run it; every lane if none is named."""
    command = [sys.executable, "-m", "publisher", "worker", *(["--only", lane] if lane else [])]
    env = stage.env if log is None else {**stage.env, "PUBLISHER_LOG": "INFO"}
    with log.open("wb") if log else nullcontext() as errors:
        process = subprocess.Popen(command, env=env, cwd=databases.ROOT, stderr=errors)
    try:
        yield process
    finally:
        process.kill()
        process.wait(300)


def told_to_end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


def rung(stage: Scene, part: str) -> bool:
    return bool(stage.sql("SELECT 1 FROM pressqueue_bell WHERE name = ?", part))


def leases_held(stage: Scene) -> list[Any]:
    return stage.sql("SELECT id, state, owner FROM pressqueue_post WHERE until IS NOT NULL")


def complete(stage: Scene) -> None:
    """Another worker, by the same clock: what was handed back does not wait for a lease of a minute to run out."""
    stage.control.clear_faults()
    stage.worker()
    wait_until(lambda: set(stage.states().values()) == {"live"}, "all live")
    for (mark,) in stage.sql("SELECT mark FROM pressqueue_post"):
        copies = [thing for thing in stage.control.things() if any(mark in tag for tag in thing["tags"])]
        assert [(thing["visibility"], thing["deleted"]) for thing in copies] == [("public", None)]


@pytest.mark.slow
def test_an_idle_worker_ends_when_it_is_told(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 1, pace=PACE) as stage, working(stage) as process:
        for part in ("withdraw", "clock", "render", "publish"):
            wait_until(lambda part=part: rung(stage, part), f"the first round of {part}")
        assert told_to_end(process) == 0


@pytest.mark.timeout(600)  # more than all its steps may wait
def test_what_is_in_hand_is_finished_and_nothing_new_is_taken(tmp_path: Path) -> None:
    # Longer than any machine takes: whoever is cut short is another test's.
    with scenes.scene("sqlite", tmp_path, 2, pace={"stop_within": 600.0}) as stage:
        stage.control.fault("flickr.upload", "stall", when="after")
        (first, second), log = stage.posts[:2], tmp_path / "log"
        stage.let_go(first)
        with working(stage, "publish", log) as process:
            wait_until(stage.control.held, "the upload")
            stage.let_go(second)
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: "told to end" in log.read_text(), "the signal to be met")
            stage.control.release()
            assert process.wait(PATIENCE) == 0
        states = stage.states()
        assert (states[first], states[second]) == ("live", "waiting")
        assert leases_held(stage) == []
        stage.sql("UPDATE pressqueue_post SET not_before = due_at")
        complete(stage)


def test_an_upload_that_hangs_is_handed_back_and_another_worker_goes_on_at_once(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 1, pace=PACE, size=MEGABYTES) as stage:
        for hung, (post, operation) in enumerate(zip(stage.posts, ("flickr.upload", "youtube.chunk"), strict=True)):
            stage.control.fault(operation, "stall", after_bytes=256 * 1024)
            stage.let_go(post)
            with working(stage, "publish") as process:
                wait_until(lambda hung=hung: len(stage.control.held()) > hung, "the upload to hang in mid-body")
                assert told_to_end(process) == 0
            row = stage.sql("SELECT state, words FROM pressqueue_post WHERE id = ?", post)
            assert (row, leases_held(stage)) == ([("unsure", SHUTDOWN_REQUESTED)], [])
            stage.sql("UPDATE pressqueue_post SET not_before = '2999-01-01 00:00:00+00:00'")
        stage.sql("UPDATE pressqueue_post SET not_before = due_at")
        complete(stage)


@pytest.mark.slow
def test_a_film_being_prepared_is_handed_back_and_counts_as_no_try(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 1, pace={"stop_within": 0.1}) as stage:
        item = databases.run("submit_video.py", env=stage.env)["item"]
        ask = "SELECT state, rendering_tries, rendering_until IS NULL FROM pressqueue_item WHERE id = ?"
        with working(stage, "clock") as process:
            wait_until(lambda: stage.sql(ask, item) == [("submitted", 1, 0)], "the claim")
            assert told_to_end(process) == 0
        assert stage.sql(ask, item) == [("submitted", 0, 1)]
        with working(stage, "clock"):
            wait_until(lambda: stage.sql(ask, item) == [("submitted", 1, 0)], "the next claim")


def test_an_upload_is_broken_off_at_its_next_read_and_its_session_resumed(
    queued: Callable[[str], Post], rounds: Callable[..., list[str]], worker: Worker, control: Control
) -> None:
    """The platform takes its bytes one by one: time runs out while the body still advances."""
    post = queued("youtube")
    worker.office = dataclasses.replace(worker.office, pace=dataclasses.replace(worker.office.pace, stop_within=0.5))

    def boot() -> float:
        if not control.count("youtube.session"):
            return 0.0
        worker.shutdown.request(0.0)
        return 1.0

    worker.boot = boot
    delivery.deliver(worker, post)
    post.refresh_from_db()
    assert (post.state, post.words, post.until) == ("unsure", SHUTDOWN_REQUESTED, None)
    assert control.count("youtube.session") == 1
    worker.shutdown, worker.boot = Shutdown(), lambda: 0.0
    rounds("live")
    assert control.count("youtube.session") == 1, "it was begun again instead of resumed"
    assert len(control.things("youtube")) == 1

"""A worker frozen in mid-body past its lease and `settle`, while another sends, and then continued: one copy.

The platform holds its connection open all the while (it reads on when the frozen one wakes), which is the worst that
can happen: whatever the woken process still hands over would be stored.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from support import killable_workers as scenes
from support.killable_workers import Scene, wait_until

MEGABYTES = 24 * 1024 * 1024  # more than the kernel holds between two ends of a connection on loopback
PACE = {"lease": 60.0, "margin": 1.0, "settle": 0.6}
SHORT = 6.0  # seconds: the lease of the one that is frozen. The other has time to send all of it on a busy machine.
OPERATIONS = ("flickr.upload", "youtube.chunk")


def a_worker_frozen_in_mid_body(stage: Scene, operation: str, post: int, **order: Any) -> int:
    """Its process number. It has read part of the body, and its lease runs out while it sleeps."""
    stage.control.fault(operation, "stall", after_bytes=256 * 1024)
    stage.let_go(post)
    pid = stage.worker(only="publish", lease=SHORT, **order)
    wait_until(stage.control.held, "the upload in mid-body")
    stage.freeze(pid)
    return pid


def another_sends(stage: Scene, post: int) -> int:
    pid = stage.worker()
    wait_until(lambda: stage.states()[post] == "live", "the other worker's copy")
    return pid


def wake(stage: Scene, pid: int, operation: str) -> None:
    """It goes on, the platform reads on, and the end of its upload is written down there."""
    before = stage.control.count(operation)
    stage.control.release()
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: stage.control.count(operation) > before, "the end of the frozen upload")


def copies(stage: Scene, post: int) -> list[dict[str, Any]]:
    ((mark,),) = stage.sql("SELECT mark FROM pressqueue_post WHERE id = ?", post)
    return [thing for thing in stage.control.things() if any(mark in tag for tag in thing["tags"])]


@pytest.mark.slow
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_frozen_uploader_wakes_and_there_is_one_copy(guarded: bool, tmp_path: Path) -> None:
    """The control's worker reads on past its lease, and leaves a second copy at both platforms."""
    with scenes.scene("sqlite", tmp_path, 1, pace=PACE, size=MEGABYTES) as stage:
        # Two who send into one YouTube session make one video whatever they do. So it must seem lost: a 4xx of some
        # proxy, where the session was asked after, ends it for us and not for YouTube.
        stage.control.fault("youtube.query", "413")
        for post, operation in zip(stage.posts, OPERATIONS, strict=True):
            frozen = a_worker_frozen_in_mid_body(stage, operation, post, unguarded=not guarded)
            other = another_sends(stage, post)
            wake(stage, frozen, operation)
            there = [thing for thing in copies(stage, post) if thing["deleted"] is None]
            assert len(there) == (1 if guarded else 2), operation
            for pid in (frozen, other):
                os.kill(pid, signal.SIGKILL)

"""The main job on the sample media, against the sandbox, with nothing to configure.

An exercise office like any other: its words go in as an author's, a second account approves them over the desk's own
pages, the workers' own code posts them. Only time is different: it is moved on to the next thing that is due.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from publisher.exercise.demo.places import Place, choose
from publisher.exercise.demo.report import Row, explain, shown, summed
from publisher.exercise.demo.stage import Stage
from publisher.exercise.demo.telling import Telling


def run(*, once: bool, as_json: bool, folder: Path | None = None, port: int = 0) -> bool:
    """Play it. True where every Post is live and the platforms hold the very bytes that were approved."""
    began = time.monotonic()
    _forget_the_environment()
    place = choose(folder, once=once)
    with Stage(place, port=port, once=once) as stage:
        rows, good = _play(stage, Telling())
        shown(rows, time.monotonic() - began, as_json)
        if not good:
            explain(place.folder)
        if not once:
            stage.keep_running()
    place.clear_away(good)
    return good


def _play(stage: Stage, telling: Telling) -> tuple[list[Row], bool]:
    with telling.phase("Making an exercise office and its sandbox"):
        stage.build()
    from publisher.exercise.demo import programme  # noqa: PLC0415  # Django is ready from here on
    from publisher.exercise.demo.timelapse import Timelapse  # noqa: PLC0415  # the same

    timelapse = Timelapse(stage.office, stage.secrets, stage.control)
    items = programme.queue(stage, telling)
    programme.prepare(timelapse.worker, items, telling)
    programme.approve(stage, items, telling)
    timelapse.play(telling)
    return summed(stage.control)


def _forget_the_environment() -> None:
    """The demo is its own office: what the environment says of a real one is not for it."""
    for name in [*os.environ]:
        if name.startswith("PUBLISHER_") and name != "PUBLISHER_DEBUG":
            del os.environ[name]
    for name in ("DATABASE_URL", "STORAGE_URL"):
        os.environ.pop(name, None)


__all__ = ["Place", "run"]

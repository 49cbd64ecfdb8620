"""kill -9 at every moment between taking a Post and seeing it live, and between withdrawing it and seeing it gone.

Workers are killed one after the other, each at its own Post and moment; then clean workers, whose clock is ahead of
the dead ones' leases, put everything right. What the platforms hold at the end is read from the sandbox's record.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support import killable_workers as scenes
from support.killable_workers import Scene, wait_until

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


class Moment(NamedTuple):
    """Where a worker dies. `method` with before/after: at the edge of that call, before its outcome is recorded.
    `request` with arrived/stored: while the platform has the request, before or after it took effect.
    """

    destination: str
    at: str  # the method or the platform's operation
    when: str  # before, after; arrived, stored
    nth: int = 1  # which call of the method in this process
    match: str | None = None  # what the request says


def moments(destination: str, methods: list[tuple[str, int]], requests: list[tuple[str, str | None]]) -> list[Moment]:
    edges = [Moment(destination, at, when, nth) for at, nth in methods for when in ("before", "after")]
    inside = [Moment(destination, at, when, 1, said) for at, said in requests for when in ("arrived", "stored")]
    return edges + inside


PRIVATE, PUBLIC = "is_public=0", "is_public=1"
# The look before the reveal and the look after it are the first and second of a Post's life.
CALLS = [("send", 1), ("apply_metadata", 1), ("look", 1), ("reveal", 1), ("look", 2)]
PUBLISHING = [
    *moments(
        "flickr",
        CALLS,
        [
            ("flickr.upload", None),
            ("flickr.photos.getInfo", None),
            ("flickr.photos.setPerms", PUBLIC),
        ],
    ),
    *moments(
        "youtube",
        CALLS,
        [
            ("youtube.session", None),
            ("youtube.chunk", None),
            ("youtube.thumbnails.set", None),
            ("youtube.videos.list", None),
            ("youtube.videos.update", None),
        ],
    ),
]
FILING = [
    *moments("flickr", [("file_under", 1)], [("flickr.photosets.addPhoto", None)]),
    *moments("youtube", [("file_under", 1)], [("youtube.playlistItems.insert", None)]),
]
# A playlist that reads as it should is only looked at.
DESCRIBING = [
    *moments("flickr", [("describe_album", 1)], [("flickr.photosets.editMeta", None)]),
    *moments("youtube", [("describe_album", 1)], []),
]
FINDING = [
    *moments("flickr", [("find", 1)], [("flickr.people.getPhotos", None)]),
    *moments("youtube", [("find", 1)], []),
]
GOING = [("look", 1), ("conceal", 1), ("unfile", 1), ("remove", 1), ("look", 2)]
WITHDRAWING = [
    *moments("flickr", GOING, [("flickr.photos.setPerms", PRIVATE), ("flickr.photos.delete", None)]),
    *moments("youtube", GOING, [("youtube.videos.update", None), ("youtube.videos.delete", None)]),
]


def die_at(stage: Scene, moment: Moment, post: int | None, ahead: float = 0, only: str = "publish") -> None:
    """Start a worker, wait until it stands at the moment, kill it there.

    It does one part of the work at one account: ninety are started, and what the others do in each first round is
    most of its time. The other account's thread would go on meanwhile, past the moments that are still to come there.
    """
    edge = moment.when in ("before", "after")
    order: dict[str, Any] = {"ahead": ahead, "only": only, "alone": moment.destination}
    if edge:
        order |= {"destination": moment.destination, "method": moment.at, "when": moment.when, "nth": moment.nth}
    else:
        effect = "before" if moment.when == "arrived" else "after"
        stage.control.fault(moment.at, "stall", when=effect, match=moment.match)
    pid = stage.worker(**order)
    if edge:
        assert stage.hear("standing") == pid
    else:
        wait_until(stage.control.held, f"{moment} to be met")
    stage.kill(pid, post, "/".join(map(str, moment)))
    stage.control.clear_faults()


def assert_every_kill_hit_a_worker_that_held_the_post(stage: Scene, states: set[str]) -> None:
    missed = [kill for kill in stage.kills if not kill["held"]]
    assert not missed, f"kills that hit nobody: {missed}"
    assert {kill["state"] for kill in stage.kills} >= states, Counter(kill["state"] for kill in stage.kills)


def run_out(stage: Scene, end: str, ahead: float) -> None:
    """Clean workers until every Post has come to its end."""
    pids = [stage.worker(ahead=ahead) for _ in range(2)]
    try:
        wait_until(lambda: set(stage.states().values()) == {end} and not waiting(stage), f"all {end}", 300)
    except AssertionError:
        rows = stage.sql("SELECT id, destination, state, words, tries FROM pressqueue_post WHERE state <> ?", end)
        raise AssertionError(f"not {end}: {rows}") from None
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def waiting(stage: Scene) -> bool:
    """Whether something is still to be filed, or an album's words to be written."""
    steps = stage.sql("SELECT 1 FROM pressqueue_step WHERE state = 'waiting'")
    return bool(steps or stage.sql("SELECT 1 FROM pressqueue_album WHERE written = ''"))


def copies(stage: Scene) -> dict[str, list[dict[str, Any]]]:
    """Everything the platforms were ever given, by Mark."""
    found: dict[str, list[dict[str, Any]]] = {}
    for (mark,) in stage.sql("SELECT mark FROM pressqueue_post"):
        found[mark] = [thing for thing in stage.control.things() if any(mark in tag for tag in thing["tags"])]
    return found


def assert_each_is_live_exactly_once(stage: Scene) -> None:
    parked = stage.sql("SELECT id, words FROM pressqueue_post WHERE parked_at IS NOT NULL")
    assert not parked
    held = dict(stage.sql("SELECT mark, remote_id FROM pressqueue_post"))
    for mark, things in copies(stage).items():
        there = [thing for thing in things if thing["deleted"] is None]
        assert [thing["id"] for thing in there] == [held[mark]]
        assert there[0]["visibility"] == "public"
        assert len(things) == 1, "it was sent twice, though one copy was removed again"


def assert_nothing_is_left_up(stage: Scene) -> None:
    for things in copies(stage).values():
        for thing in things:
            assert thing["deleted"] is not None
            assert all(until is not None for _, until in thing["public"])


def withdraw_everything(stage: Scene) -> None:
    from support import databases

    databases.run("withdraw_all.py", env=stage.env)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(2400)  # some ninety processes, one after the other: patience, not a bound
def test_whoever_is_killed_and_whenever_each_post_goes_live_once_and_comes_down(kind: str, tmp_path: Path) -> None:
    per_platform = max(Counter(moment.destination for moment in PUBLISHING + FINDING).values())
    with scenes.scene(kind, tmp_path, per_platform, pace={"tick": 0.3}) as stage:
        free = {
            "flickr": iter(stage.posts[:per_platform]),
            "youtube": iter(stage.posts[per_platform:]),
        }
        for moment in PUBLISHING:
            post = next(free[moment.destination])
            stage.only(post)
            die_at(stage, moment, post)
        lost = []
        for moment in FINDING:  # these are killed twice: once in sending, once while being looked for
            post = next(free[moment.destination])
            stage.only(post)
            die_at(stage, Moment(moment.destination, "send", "after"), post)
            lost.append((moment, post))
        for moment, post in lost:
            stage.only(post)
            die_at(stage, moment, post)
        stage.let_all_go()
        for number, moment in enumerate(FILING + DESCRIBING):  # an album has a lease of its own
            die_at(stage, moment, None, ahead=600 + number * 70)
        run_out(stage, "live", ahead=1800)
        assert_every_kill_hit_a_worker_that_held_the_post(
            stage, {"sending", "unsure", "concealed", "revealing", "live"}
        )
        assert_each_is_live_exactly_once(stage)
        publishing = len(stage.kills)

        withdraw_everything(stage)
        free = {"flickr": iter(stage.posts[:per_platform]), "youtube": iter(stage.posts[per_platform:])}
        for moment in WITHDRAWING:
            post = next(free[moment.destination])
            stage.only(post)
            die_at(stage, moment, post, ahead=1800, only="withdraw")
        stage.let_all_go()
        run_out(stage, "removed", ahead=2000)
        assert_every_kill_hit_a_worker_that_held_the_post(stage, {"removing"})
        assert_nothing_is_left_up(stage)
        print(
            f"{kind}: {publishing} kills while publishing, {len(stage.kills) - publishing} while withdrawing,", end=" "
        )
        print(dict(Counter(kill["state"] for kill in stage.kills)))

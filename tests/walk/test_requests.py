"""What one Post costs at each platform, request by request: the tables in the docs, held against the sandbox's log.

A request more or fewer than a table says fails; so does a row that no test meets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Campaign, Item, Post
from publisher.destinations.base import Receipt
from publisher.destinations.flickr.photos import CALLS_PER_POST
from publisher.destinations.youtube.quota import COSTS, UNITS, UNITS_PER_POST, UPLOADS
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import faults_at_calls
from support.factories import Clock

TABLE = Path(__file__).parents[2] / "docs" / "architecture" / "requests.md"
ROW = re.compile(r"^\| (?P<when>[^|`]+) \| `(?P<operation>[^`]+)` \| (?P<times>\d+) \|", re.MULTILINE)
HEADS = {"flickr": "Flickr", "youtube": "YouTube"}
Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
Change = Callable[[Worker, Control], None]


def rows(destination: str) -> list[re.Match[str]]:
    section = TABLE.read_text().partition(f"\n## {HEADS[destination]}\n")[2].partition("\n## ")[0]
    return list(ROW.finditer(section))


def told(destination: str, *occasions: str) -> Counter[str]:
    """What the table says of one Post on these occasions, by operation."""
    counts: Counter[str] = Counter()
    for row in rows(destination):
        if row["when"] in ("always", *occasions):
            counts[row["operation"]] += int(row["times"])
    return counts


def asked(control: Control, destination: str, since: int) -> Counter[str]:
    """The requests at this platform since number `since`, by operation."""
    names = (one["operation"].partition(".") for one in control.requests()[since:])
    return Counter(operation for platform, _, operation in names if platform == destination)


def without_album(worker: Worker, control: Control) -> None:
    Campaign.objects.update(album_title="")


def changed_by_hand(**changes: Any) -> Change:
    """The copy differs when it is looked at for the first time, and in nothing after that."""

    def change(worker: Worker, control: Control) -> None:
        without_album(worker, control)
        left = [changes]

        def edit() -> None:
            if left:
                control.edit("flickr", control.things("flickr")[-1]["id"], **left.pop())

        worker.destinations["flickr"] = faults_at_calls.before(worker.destinations["flickr"], "look", edit)

    return change


def held_at_its_look(worker: Worker, control: Control) -> None:
    """Held while it is looked at, so that it may not be revealed at once."""
    without_album(worker, control)
    for name, inner in list(worker.destinations.items()):
        left = [True]

        def hold(left: list[bool] = left) -> None:
            if left:
                left.pop()
                Item.objects.update(held=True)

        worker.destinations[name] = faults_at_calls.before(inner, "look", hold)


CASES: list[tuple[str, tuple[str, ...], Change]] = [
    ("flickr", (), without_album),
    ("flickr", ("its licence differs",), changed_by_hand(licence="4")),
    ("flickr", ("its safety level was raised",), changed_by_hand(safety=2)),
    *((name, ("it was held before its reveal",), held_at_its_look) for name in HEADS),
    *((name, ("the first of its album",), lambda worker, control: None) for name in HEADS),
    ("youtube", (), without_album),
]


@pytest.mark.parametrize(("destination", "occasions", "change"), CASES)
def test_a_post_costs_the_requests_that_the_table_tells(
    destination: str, occasions: tuple[str, ...], change: Change, queued: Queued, rounds: Rounds, control: Control,
    worker: Worker, clock: Clock,
) -> None:  # fmt: skip
    queued(destination)
    change(worker, control)
    if change is held_at_its_look:
        rounds("concealed")
        scheduler.round(worker)
        Item.objects.update(held=False)
        clock.on(hours=1)
    rounds("live")
    assert asked(control, destination, 0) == told(destination, *occasions)


@pytest.mark.parametrize("destination", HEADS)
def test_the_next_post_of_an_album(destination: str, queued: Queued, rounds: Rounds, control: Control) -> None:
    queued(destination)
    rounds("live")
    since = len(control.requests())
    queued(destination)
    rounds("live")
    assert asked(control, destination, since) == told(destination, "a campaign with an album")


def test_a_photo_that_goes_straight_through_costs_five_requests_and_its_album_one() -> None:
    assert told("flickr").total() == 5 == CALLS_PER_POST
    assert (told("flickr", "a campaign with an album") - told("flickr")).total() == 1


def test_a_video_that_goes_straight_through_costs_the_units_that_are_booked_for_it() -> None:
    costs = [(COSTS[operation], times) for operation, times in told("youtube").items()]
    assert sum(times * units for (bucket, units), times in costs if bucket == UNITS) == UNITS_PER_POST
    assert sum(times * units for (bucket, units), times in costs if bucket == UPLOADS) == 1


@pytest.mark.parametrize("destination", HEADS)
def test_every_row_of_the_table_is_met(destination: str) -> None:
    met = {
        "always",
        "a campaign with an album",
        *(each for name, all_, _ in CASES if name == destination for each in all_),
    }
    assert {row["when"] for row in rows(destination)} == met


def test_control_a_look_too_many_is_seen(queued: Queued, rounds: Rounds, control: Control, worker: Worker) -> None:
    queued("flickr")
    without_album(worker, control)
    inner = worker.destinations["flickr"]
    worker.destinations["flickr"] = faults_at_calls.before(
        inner, "reveal", lambda: inner.look(Receipt(control.things("flickr")[-1]["id"], "", ("known",)))
    )
    rounds("live")
    assert asked(control, "flickr", 0) - told("flickr") == Counter({"photos.getInfo": 1})

"""A poisoned Item, in which our own code fails each time, is set aside with its reason and never blocks the next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Booking, Campaign, Item, Notice, Post, Step
from pressqueue.moves import items, posting, posts, takedown
from publisher.destinations.base import Destination, Parcel
from publisher.media.recipe import Recipe
from publisher.publishing import parcels, rendering
from publisher.scheduling import posts_due, scheduler
from publisher.workers.worker import Worker

from support import approved_posts, factories, office_folder
from support.factories import NOW, Clock

pytestmark = pytest.mark.usefixtures("office")
TRIES = 3


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    return office_folder.worker(tmp_path, clock, pace={**office_folder.QUICK, "tries": TRIES})


class Poisoned:
    """A destination in which one call of one Mark meets a fault of ours, every time."""

    def __init__(self, inner: Destination, method: str, mark: str) -> None:
        self._inner, self._method, self._mark = inner, method, mark

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name == "as_withdrawal":
            return lambda: self
        if name != self._method:
            return attribute

        def call(first: Any, *rest: Any, **named: Any) -> Any:
            if self._mark in (getattr(first, "mark", ""), getattr(first, "remote_id", "")):
                raise KeyError("the words of an exception, which nobody should read")
            return attribute(first, *rest, **named)

        return call


def queue(worker: Worker) -> Post:
    item = factories.appeal(destinations=["gallery"])
    content = approved_posts.body(False, item.pk)
    approved_posts.keep(worker.office.folder, item, "main", content, "image/jpeg", NOW)
    return posting.open_posts(
        factories.approved(item, content), key=factories.KEY, conceals={"gallery": True}, due_at=NOW, now=NOW
    )[0]


def poison(worker: Worker, method: str, post: Post) -> None:
    inner = worker.destinations["gallery"]
    worker.destinations = {"gallery": Poisoned(inner, method, post.mark)}  # type: ignore[dict-item]


def ring(worker: Worker, clock: Clock, rounds: int = 30) -> None:
    for _ in range(rounds):
        scheduler.round(worker)
        clock.on(seconds=3)


@pytest.mark.first_row
@pytest.mark.parametrize(
    ("method", "state"),
    [
        ("send", "waiting"),
        ("find", "unsure"),
        ("look", "concealed"),
        ("apply_metadata", "concealed"),
        ("reveal", "revealing"),
    ],
)
def test_a_post_our_code_fails_in_is_parked_with_its_reason_and_the_next_goes_out(
    method: str, state: str, worker: Worker, clock: Clock
) -> None:
    bad, good = queue(worker), queue(worker)
    poison(worker, method, bad)
    if method == "find":
        Post.objects.filter(pk=bad.pk).update(state="unsure", sight_lost_at=NOW)
    ring(worker, clock)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.state == "live"
    assert (bad.state, bad.parked_at is not None) == (state, True)
    words = Notice.objects.get(cause=f"parked:{bad.pk}").words
    assert words.startswith(f"An officer must act on {bad.item.reference} at Gallery.")
    assert "the words of an exception" not in str(list(Notice.objects.values_list("words", flat=True))) + bad.words
    tries = bad.tries
    ring(worker, clock, 3)
    bad.refresh_from_db()
    assert bad.tries == tries, "a parked Post is left alone"


def test_an_officer_who_retries_sets_it_going_again(worker: Worker, clock: Clock) -> None:
    bad, healthy = queue(worker), worker.destinations
    poison(worker, "look", bad)
    ring(worker, clock, 20)
    worker.destinations = healthy
    bad.refresh_from_db()
    posts.retry(factories.approver(), bad, now=clock.now)
    ring(worker, clock, 3)
    bad.refresh_from_db()
    assert bad.state == "live"
    assert not Notice.objects.filter(cleared_at__isnull=True, cause=f"parked:{bad.pk}").exists()


def test_a_withdrawal_our_code_fails_in_is_told_and_never_given_up(worker: Worker, clock: Clock) -> None:
    bad, good = queue(worker), queue(worker)
    ring(worker, clock, 3)
    healthy = worker.destinations
    poison(worker, "conceal", bad)
    for post in (bad, good):
        takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    ring(worker, clock, 20)
    assert dict(Post.objects.values_list("pk", "state")) == {bad.pk: "removing", good.pk: "removed"}
    assert Notice.objects.filter(cause=f"fault:{bad.pk}", cleared_at__isnull=True).exists()
    worker.destinations = healthy
    ring(worker, clock, 5)
    bad.refresh_from_db()
    assert bad.state == "removed"


def test_a_post_whose_packing_fails_is_parked_too(
    worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between taking and sending: each time it is out of sight, looked for, found absent, and taken again."""
    bad, good, pack = queue(worker), queue(worker), parcels.pack

    def poisoned(post: Post, *given: Any) -> Parcel:
        if post.pk == bad.pk:
            raise KeyError(post.mark)
        return pack(post, *given)

    monkeypatch.setattr(parcels, "pack", poisoned)
    ring(worker, clock)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (good.state, bad.state, bad.parked_at is not None) == ("live", "waiting", True)
    assert bad.attempts.count() == TRIES


def submitted(worker: Worker, number: int) -> Item:
    """A real picture, waiting to be prepared."""
    from publisher.publishing import intake

    file = worker.office.folder / f"{number}.jpg"
    file.write_bytes(approved_posts.body(False, number))
    original = intake.receive(factories.author(), file, file.name, worker.originals, NOW)
    return items.submit(factories.author(), factories.appeal(destinations=["gallery"], original=original), now=NOW)


def test_an_item_whose_preparing_fails_goes_back_with_words_and_the_next_is_prepared(
    worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = submitted(worker, 1), submitted(worker, 2)
    recipe_for: Callable[[Worker, Item], Recipe] = rendering.recipe_for

    def poisoned(worker: Worker, item: Item) -> Recipe:
        if item.pk == bad.pk:
            raise KeyError(item.reference)
        return recipe_for(worker, item)

    monkeypatch.setattr(rendering, "recipe_for", poisoned)
    assert rendering.prepare_submitted(worker) == 2
    good.refresh_from_db()
    assert good.state == "in_review", "the next one did not wait for the poisoned one"
    for _ in range(rendering.TRIES):
        clock.now += rendering.PAUSE
        rendering.prepare_submitted(worker)
    bad.refresh_from_db()
    assert (bad.state, "failed several times" in bad.refusal) == ("draft", True)
    assert Notice.objects.filter(cause=f"render:{bad.pk}").exists()


def test_a_campaign_whose_hours_cannot_be_worked_out_does_not_stop_the_others(worker: Worker, clock: Clock) -> None:
    bad, good = factories.series("strange", prefix="STR"), factories.series()
    factories.daily(bad, since=NOW.date())
    factories.daily(good, since=NOW.date())
    Campaign.objects.filter(pk=bad.pk).update(zone="Europe/Nowhere")
    factories.approved(factories.feature(good, destinations=["gallery"]))
    scheduler.round(worker, "clock")
    assert Booking.objects.get().campaign == good
    assert Post.objects.count() == 1
    told = Notice.objects.filter(cause__startswith="timetable:slot:").values_list("words", flat=True)
    assert told
    assert all("strange" in words for words in told)


def test_a_lane_that_fails_as_a_whole_rings_again_and_says_so(worker: Worker, clock: Clock) -> None:
    worker.office = dataclasses.replace(worker.office, pace=None)  # type: ignore[arg-type]
    queue(worker)
    scheduler._run_part(worker, "publish")
    assert "(publish) fails" in Notice.objects.get(cause="fault:round:publish").words


def test_a_poisoned_follow_up_is_given_up_and_its_post_stays_live(
    worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = queue(worker)
    Post.objects.filter(pk=post.pk).update(state="live", remote_id="9")
    step = Step.objects.create(post=post, kind="album", not_before=clock.now)
    monkeypatch.setattr(posts_due.delivery, "file_one", lambda worker, step: {}["poison"])
    for _ in range(2 * TRIES):
        scheduler.round(worker, "publish")
        clock.on(minutes=5)
    step.refresh_from_db()
    post.refresh_from_db()
    assert (step.state, step.tries) == ("failed", TRIES)
    assert (post.state, post.parked_at) == ("live", None)

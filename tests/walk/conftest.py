"""A sandbox, a worker of ours beside it, and a clock both go by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Account, Post, Step
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import approved_posts, factories, faults_at_calls, office_folder
from support.factories import Clock
from support.faults_at_calls import ring_out
from support.press_office import Newsroom
from support.refused_calls import WHOAMI, Case, come_to, cost, said, stays_so, the_account


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Sandbox(tmp_path / "sandbox") as sandbox:
        made = Control(sandbox.base, sandbox.secret)
        made.settings(listing_delay=0.0, search_delay=0.0, processing_seconds=0.0)
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, control: Control, office: object) -> Worker:
    Account.objects.create(destination="youtube", comments_closed_at=clock.now)
    factories.operation(album_title="Operation Larch", album_description="Do you know these people?", now=clock.now)
    return office_folder.sandbox_worker(tmp_path / "office", clock, control)


@pytest.fixture
def queued(worker: Worker, clock: Clock) -> Callable[..., Post]:
    """An approved appeal with real bytes, its Post due now, at the destination named."""

    def queue(destination: str, **changes: Any) -> Post:
        number = Post.objects.count()
        pk = approved_posts.queue(worker.office.folder, destination, number, clock.now, worker.key, **changes)
        return Post.objects.select_related("item").get(pk=pk)

    return queue


@pytest.fixture
def rounds(worker: Worker, clock: Clock, control: Control) -> Callable[..., list[str]]:
    """Ring the bell until every Post is in one of the states named and filed, a tick of time between rounds."""

    def ring(*ends: str, most: int = 80, seconds: float = 0.5) -> list[str]:
        for _ in range(most):
            scheduler.round(worker)
            states = list(Post.objects.order_by("pk").values_list("state", flat=True))
            if set(states) <= set(ends) and not Step.objects.filter(state="waiting").exists():
                return states
            clock.now += timedelta(seconds=seconds)
            control.advance(seconds)
        rows = list(Post.objects.values_list("destination", "state", "words", "tries"))
        raise AssertionError(f"after {most} rounds still {rows}")

    return ring


@pytest.fixture
def live(
    queued: Callable[[str], Post], rounds: Callable[..., list[str]], clock: Clock, control: Control
) -> Callable[..., list[Post]]:
    """So many live Posts at a destination, and past the grace in which listings lag."""

    def make(destination: str, count: int = 1) -> list[Post]:
        made = [queued(destination) for _ in range(count)]
        rounds("live", most=400)
        clock.on(hours=2)
        control.advance(7200)
        return list(Post.objects.filter(pk__in=[post.pk for post in made]).order_by("pk"))

    return make


@pytest.fixture
def newsroom(worker: Worker, clock: Clock, control: Control) -> Newsroom:
    """The same, with people at work in it."""
    return Newsroom(worker, clock, control)


@pytest.fixture
def passes(worker: Worker, clock: Clock, control: Control) -> Callable[..., None]:
    """Let so many minutes pass, a round at the end of each step."""

    def let(minutes: float, step: float = 60.0) -> None:
        end = clock.now + timedelta(minutes=minutes)
        while clock.now < end:
            clock.on(seconds=step)
            control.advance(step)
            scheduler.round(worker)

    return let


@pytest.fixture
def met(
    worker: Worker,
    clock: Clock,
    control: Control,
    queued: Callable[..., Post],
    rounds: Callable[..., list[str]],
    caplog: pytest.LogCaptureFixture,
) -> Callable[..., Post]:
    """Queue one Post, or two where the account is to stop; let the fault come; ring until nothing more happens."""
    caplog.set_level("DEBUG")

    def meet(destination: str, case: Case, words: str, *, kind: str, **detail: Any) -> Post:
        at = faults_at_calls.arm(
            worker, destination, case.method, control, operation=case.operation, kind=kind, **detail
        )
        if case.stop == "auth":  # the account itself says so as well, else one call's word would stop nothing
            control.fault(f"{destination}.{WHOAMI[destination]}", kind, times=1000, **detail)
        post = queued(destination)
        come_to(case.method, post, worker, rounds)
        ring_out(worker)
        post.refresh_from_db()
        assert (post.state, post.parked_at is not None) == (case.state, case.parked), post.words
        assert cost(at) == case.cost
        assert said(post) == words
        the_account(destination, case.stop, words)
        stays_so(post, case, at, worker, clock, queued)
        assert "Zq7ugly-of-the-platform" not in faults_at_calls.everything_written() + caplog.text
        return post

    return meet

"""Posts that fail for ever, one of every kind, beside nine healthy ones and one withdrawal at the same account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from pressqueue.models import Account, Notice, Post
from pressqueue.moves import circuit_breaker as breaker
from pressqueue.moves import takedown
from publisher.destinations.base import Destination
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import posts_due, scheduler
from publisher.workers import circuit_breaker
from publisher.workers.quota import Ledger
from publisher.workers.worker import Worker

from support import approved_posts, factories, office_folder
from support.factories import Clock

HEALTHY = 9
SENT = "{title}"  # what tells its upload from another's
STRAY = "http://uploads.example.org/upload/youtube/v3/videos?upload_id=x"


class Lasting(NamedTuple):
    """One kind of failure that no waiting mends. `match`: {title} or {id} of the Post it strikes."""

    destination: str
    operation: str
    kind: str
    match: str = "{id}"
    withdrawn: bool = False
    detail: dict[str, Any] = {}


KINDS = {
    "an upload that the front end never takes": Lasting("flickr", "flickr.upload", "503", SENT),
    "an upload that is never understood": Lasting("flickr", "flickr.upload", "empty200", SENT),
    "a photo that cannot be looked at": Lasting("flickr", "flickr.photos.getInfo", "503"),
    "a photo that cannot be read": Lasting("flickr", "flickr.photos.getInfo", "truncated_xml"),
    "a photo that cannot be revealed": Lasting("flickr", "flickr.photos.setPerms", "500"),
    "a line that always breaks": Lasting("flickr", "flickr.photos.getInfo", "closed"),
    "a withdrawal that cannot be looked at": Lasting("flickr", "flickr.photos.getInfo", "503", withdrawn=True),
    "a withdrawal that is never obeyed": Lasting("flickr", "flickr.photos.delete", "503", withdrawn=True),
    "a session at another host": Lasting("youtube", "youtube.session", "session_at", SENT, detail={"location": STRAY}),
    "a session cut short": Lasting("youtube", "youtube.session", "session_at", SENT, detail={"length": 40}),
    "a session that is never opened": Lasting("youtube", "youtube.session", "503", SENT),
    "a video that cannot be looked at": Lasting("youtube", "youtube.videos.list", "500"),
    "a thumbnail that is never taken": Lasting("youtube", "youtube.thumbnails.set", "500"),
    "a video that cannot be revealed": Lasting("youtube", "youtube.videos.update", "503"),
    "a withdrawn video that cannot be looked at": Lasting("youtube", "youtube.videos.list", "500", withdrawn=True),
}


class Striking:
    """A destination that orders a Post's fault as soon as its copy has an id."""

    def __init__(self, inner: Destination, order: Callable[[str, str], None]) -> None:
        self._inner, self._order = inner, order

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def send(self, parcel: Any, journal: Any) -> Any:
        receipt = self._inner.send(parcel, journal)
        self._order(parcel.mark, receipt.remote_id)
        return receipt


class Bench:
    """The account, its ten and its poisoned Posts, and whose requests were whose."""

    def __init__(self, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker, self.clock, self.control = worker, clock, control
        self.requests: Counter[int | None] = Counter()
        whose: ContextVar[int | None] = ContextVar("whose", default=None)
        work, spend = posts_due.guarded, Ledger.spend

        def guarded(worker: Worker, post: Post, *rest: Any) -> bool:
            token = whose.set(post.pk)
            try:
                return work(worker, post, *rest)
            finally:
                whose.reset(token)

        def counted(ledger: Ledger, *given: Any) -> None:
            spend(ledger, *given)
            self.requests[whose.get()] += 1

        monkeypatch.setattr(posts_due, "guarded", guarded)
        monkeypatch.setattr(Ledger, "spend", counted)

    def post(self, destination: str, **changes: Any) -> Post:
        number = Post.objects.count()
        pk = approved_posts.queue(
            self.worker.office.folder, destination, number, self.clock.now, self.worker.key, **changes
        )
        return Post.objects.select_related("item").get(pk=pk)

    def ring(self) -> None:
        scheduler.round(self.worker)
        self.clock.now += timedelta(seconds=1)
        self.control.advance(1)

    def until(self, posts: list[Post], ends: set[str], most: int = 60) -> int:
        pks = [post.pk for post in posts]
        for count in range(most):
            if set(Post.objects.filter(pk__in=pks).values_list("state", flat=True)) <= ends:
                return count
            self.ring()
        return most

    def poison(self, kinds: list[Lasting]) -> list[Post]:
        """One Post of each kind, its fault ordered for it alone; what is to be withdrawn is live first."""
        live = {id(kind): self.post(kind.destination) for kind in kinds if kind.withdrawn}
        self.until(list(live.values()), {"live"})
        posts, waiting = [], {}
        for number, kind in enumerate(kinds):
            title = f"Poisoned {number} {{reference}}"
            post = live.get(id(kind)) or self.post(kind.destination, title=title)
            post.refresh_from_db()
            waiting[post.mark] = kind
            if kind.withdrawn or kind.match == SENT:
                self._strike(kind, post.remote_id or "", title.partition(" {")[0])
            if kind.withdrawn:
                takedown.withdraw(factories.approver(), post.item, "identified", now=self.clock.now)
            posts.append(post)

        def order(mark: str, remote_id: str) -> None:
            if (kind := waiting.get(mark)) is not None and kind.match != SENT:
                self._strike(kind, remote_id, "")

        for name, inner in self.worker.destinations.items():
            self.worker.destinations[name] = cast("Destination", Striking(inner, order))
        return posts

    def _strike(self, kind: Lasting, remote_id: str, title: str) -> None:
        match = kind.match.format(id=remote_id, title=title)
        self.control.fault(kind.operation, kind.kind, times=100_000, match=match, **kind.detail)


@pytest.fixture
def bench(
    tmp_path: Path, clock: Clock, control: Control, office: object, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Bench]:
    Account.objects.create(destination="youtube", comments_closed_at=clock.now)
    factories.operation(now=clock.now)
    pace = {"lease": 60.0, "margin": 1.0, "breaker_first": 5.0, "breaker_most": 60.0, "retry_first": 2.0,
            "retry_most": 20.0, "withdraw_first": 2.0, "withdraw_most": 20.0}  # fmt: skip
    worker = office_folder.sandbox_worker(tmp_path / "office", clock, control, **pace)
    return lambda: Bench(worker, clock, control, monkeypatch)


def race(bench: Bench, destination: str, kinds: list[Lasting]) -> tuple[int, int, list[Post]]:
    """Rounds and requests in which the ten are done, beside Posts of these kinds."""
    down = bench.post(destination)
    bench.until([down], {"live"})
    poisoned = bench.poison(kinds)
    for _ in range(12):
        bench.ring()  # they are at it by themselves for a while
    ten = [down, *(bench.post(destination) for _ in range(HEALTHY))]
    bench.requests.clear()
    takedown.withdraw(factories.approver(), down.item, "identified", now=bench.clock.now)
    rounds = bench.until(ten, {"live", "removed"})
    return rounds, sum(bench.requests[post.pk] for post in ten), poisoned


def of(destination: str) -> list[Lasting]:
    return [kind for kind in KINDS.values() if kind.destination == destination]


@pytest.mark.slow
@pytest.mark.parametrize("destination", ["flickr", "youtube"])
def test_one_post_of_every_lasting_failure_costs_ten_others_nothing(
    destination: str, bench: Callable[[], Bench]
) -> None:
    alone = race(stand := bench(), destination, [])
    assert alone[0] < 20
    rounds, requests, poisoned = race(stand, destination, of(destination))
    assert (rounds, requests) == alone[:2]
    for _ in range(60):
        stand.ring()
    for post, kind in zip(poisoned, of(destination), strict=True):
        post.refresh_from_db()
        told = Notice.objects.filter(cause__in=[f"failing:{post.pk}", f"byhand:{post.pk}", f"parked:{post.pk}"])
        assert told.exists() or post.state in ("removed", "live"), (kind, post.state, post.words)
        assert all(len(one.words) > 60 for one in told)
    assert not Account.objects.filter(broken_until__isnull=False).exists()


@pytest.mark.slow
def test_control_with_a_breaker_that_asks_posts_five_of_them_keep_the_others_waiting(
    bench: Callable[[], Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was: five failures of whatever Post open it, and the oldest Post that is due is the probe."""
    alone = race(stand := bench(), "flickr", [])
    monkeypatch.setattr(breaker, "on_the_verge", lambda *given: False)
    monkeypatch.setattr(circuit_breaker.Watch, "_probe", lambda *given: None)
    rounds, _, _ = race(stand, "flickr", [KINDS["a photo that cannot be looked at"]] * 5)
    assert rounds > alone[0]

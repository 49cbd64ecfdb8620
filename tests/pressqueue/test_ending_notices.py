"""Every Notice about a Post, an account or a thing found there ends with its cause, whatever path led out of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue.models import Account, Notice, Post, SealedToken, UnmanagedMedia
from pressqueue.moves import leases, notice_endings, notices, posts, takedown
from pressqueue.states import ENDED, PostState

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(minutes=2)
PATHS = 20


def open_ones(prefix: str = "") -> set[str]:
    found = Notice.objects.filter(cleared_at__isnull=True, cause__startswith=prefix)
    return set(found.values_list("cause", flat=True))


class Walk:
    """One Post, moved at random as a worker, a platform and people would, its notices told as they are told."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now = random.Random(seed), NOW
        self.post = factories.posted(factories.approved(factories.appeal()))
        self.taken = 0

    def tell(self, cause: str) -> None:
        notices.notify(f"{cause}:{self.post.pk}", "Told.", self.now)

    def lease(self) -> Post:
        mine = leases.pick_up(self.post, "w", LEASE, now=self.now)
        assert mine is not None
        return mine

    def step(self) -> None:
        self.now += timedelta(seconds=1)
        self.post.refresh_from_db()
        self.dice.choice(MOVES[self.post.state])(self)
        self.post.refresh_from_db()
        Post.objects.filter(pk=self.post.pk).update(not_before=self.now, until=None, owner="")


def _take(walk: Walk) -> None:
    if leases.take(walk.post, "w", LEASE, now=walk.now) is None:
        walk.tell("gates")


def _later(walk: Walk) -> None:
    posts.later(walk.post, walk.post.fence, message="No.", not_before=walk.now, now=walk.now)
    walk.tell("failing")


def _refuse(walk: Walk) -> None:
    walk.tell("failed")
    posts.refuse(walk.post, walk.post.fence, message="No.", now=walk.now)


def _lose(walk: Walk) -> None:
    posts.mark_unconfirmed(walk.post, walk.post.fence, message="?", not_before=walk.now, now=walk.now)
    walk.tell("unsure")


def _sent(walk: Walk) -> None:
    posts.sent(walk.post, walk.post.fence, remote_id=str(walk.post.pk), url="", media_urls=(), now=walk.now)


def _found(walk: Walk) -> None:
    mine = walk.lease()
    posts.found(mine, mine.fence, remote_id=str(mine.pk), url="", media_urls=(), now=walk.now)


def _absent(walk: Walk) -> None:
    mine = walk.lease()
    walk.tell("failing")
    posts.absent(mine, mine.fence, now=walk.now)


def _park(walk: Walk) -> None:
    mine = walk.lease()
    walk.tell("parked")
    posts.park(mine, mine.fence, message="Look.", not_before=walk.now, now=walk.now)


def _retry(walk: Walk) -> None:
    posts.retry(factories.author(), walk.post, now=walk.now)


def _reveal(walk: Walk) -> None:
    mine = walk.lease()
    walk.tell("early")
    posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=walk.now)
    walk.tell("revealing")


def _seen(walk: Walk) -> None:
    mine = walk.lease()
    posts.seen(mine, mine.fence, now=walk.now)


def _unseen(walk: Walk) -> None:
    mine = walk.lease()
    walk.tell("blocked")
    posts.unseen(mine, mine.fence, message="?", now=walk.now)


def _vanished(walk: Walk) -> None:
    mine = walk.lease()
    walk.tell("missing")
    posts.vanished(mine, mine.fence, message="?", now=walk.now)


def _fault(walk: Walk) -> None:
    walk.tell("fault")


def _withdraw(walk: Walk) -> None:
    walk.post.item.refresh_from_db()
    if walk.post.item.state != "withdrawn":
        takedown.withdraw(factories.approver(), walk.post.item, "identified", now=walk.now)
        walk.tell("takedown")
        walk.tell("byhand")


def _gone(walk: Walk) -> None:
    mine = walk.lease()
    posts.gone(mine, mine.fence, now=walk.now)


def _nothing(walk: Walk) -> None:
    return None


MOVES: dict[str, list[Callable[[Walk], None]]] = {
    PostState.WAITING: [_take, _take, _take, _fault, _withdraw],
    PostState.SENDING: [_later, _refuse, _lose, _sent, _sent, _withdraw],
    PostState.UNSURE: [_found, _absent, _fault, _withdraw],
    PostState.CONCEALED: [_park, _reveal, _reveal, _fault, _withdraw],
    PostState.REVEALING: [_seen, _unseen, _fault],
    PostState.LIVE: [_vanished, _withdraw],
    PostState.BLOCKED: [_seen, _withdraw],
    PostState.MISSING: [_seen, _withdraw],
    PostState.FAILED: [_retry, _withdraw],
    PostState.REMOVING: [_gone, _fault],
    PostState.REMOVED: [_nothing],
    PostState.CANCELLED: [_nothing],
}
# What must still be told in a state, where it was told on the way into it.
TOLD = {PostState.FAILED: "failed", PostState.BLOCKED: "blocked", PostState.MISSING: "missing"}


@pytest.mark.parametrize("seed", range(PATHS))
def test_on_no_path_a_notice_outlives_its_cause_or_ends_before_it(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(walk.dice.randint(1, 14)):
        walk.step()
        notice_endings.end_those_that_are_over(walk.now)
        walk.post.refresh_from_db()
        state, told = PostState(walk.post.state), {cause.partition(":")[0] for cause in open_ones()}
        if state in ENDED:
            assert told == set(), state
        if state in TOLD:
            assert TOLD[state] in told
        if walk.post.parked_at is not None and state is PostState.CONCEALED:
            assert "parked" in told
        if state is PostState.LIVE:
            assert told <= {"takedown"}
        if state is PostState.REMOVING:
            assert {"takedown", "byhand"} <= told


def test_control_without_the_sweep_notices_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    left = 0
    for seed in range(12):
        walk = Walk(seed)
        for _ in range(14):
            walk.step()
        walk.post.refresh_from_db()
        left += walk.post.state in ENDED and bool(open_ones())
    assert left


def _stop_of(kind: str) -> None:
    Account.objects.update_or_create(destination="flickr", defaults={"stop": kind})


def _inherited(**changes: object) -> UnmanagedMedia:
    usual = {"destination": "flickr", "remote_id": "53", "visibility": "public", "found_at": NOW}
    return UnmanagedMedia.objects.create(**{**usual, **changes})


# Cause -> what makes it so, what ends it. A new kind is one row.
CAUSES: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "account:flickr:auth": (lambda: _stop_of("auth"), lambda: _stop_of("none")),
    "account:flickr:uploads:202611290000": (lambda: _stop_of("uploads"), lambda: _stop_of("auth")),
    "account:flickr:silent": (
        lambda: Account.objects.create(destination="flickr", broken_at=NOW),
        lambda: Account.objects.update(broken_at=None),
    ),
    "account:flickr:unconnected": (
        lambda: None,
        lambda: SealedToken.objects.create(destination="flickr", box=b"", saved_at=NOW),
    ),
    "inherited:flickr": (_inherited, lambda: UnmanagedMedia.objects.update(decision="kept")),
    "takedown:inherited:{pk}": (
        lambda: _inherited(decision="withdrawn"),
        lambda: UnmanagedMedia.objects.update(removed_at=NOW),
    ),
    "takedown:inherited:{pk}:breach": (
        lambda: _inherited(decision="withdrawn"),
        lambda: UnmanagedMedia.objects.update(removed_at=NOW),
    ),
    "left_up:flickr:53": (
        lambda: _inherited(decision="withdrawn"),
        lambda: UnmanagedMedia.objects.update(removed_at=NOW),
    ),
    "double:flickr:53": (
        lambda: _inherited(decision="withdrawn"),
        lambda: UnmanagedMedia.objects.update(removed_at=NOW),
    ),
    "review:{pk}": (
        lambda: _inherited(decision="review", expires_at=NOW),
        lambda: UnmanagedMedia.objects.update(decision="kept"),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_kind_stands_as_long_as_its_cause_and_no_longer(cause: str) -> None:
    begin, end = CAUSES[cause]
    row = begin()
    named = cause.format(pk=row.pk if isinstance(row, UnmanagedMedia) else 0)
    notices.notify(named, "Told.", NOW)
    notice_endings.end_those_that_are_over(NOW)
    assert named in open_ones()
    end()
    notice_endings.end_those_that_are_over(NOW)
    assert named not in open_ones()


def test_every_kind_says_in_words_what_ends_it() -> None:
    assert all(ending.ends for ending in notice_endings.ENDINGS)
    assert notice_endings.ending_of("duty:7") is None

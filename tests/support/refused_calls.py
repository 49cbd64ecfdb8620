"""A row of an error table met on the way of one Post: what comes of it there, at the account, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from pressqueue.destination_names import name_of
from pressqueue.models import Account, Notice, Post, Step
from pressqueue.moves import takedown
from publisher.workers.worker import Worker

from support import factories, faults_at_calls
from support.factories import Clock
from support.faults_at_calls import ring_out


class Case(NamedTuple):
    """Where a row is met and what comes of it. `cost`: requests by operation, for as long as the fault lasts."""

    method: str  # at whose call the fault begins
    operation: str
    state: str
    cost: dict[str, int]
    stop: str = "none"
    http: int = 400  # YouTube's code
    parked: bool = False


WHOAMI = {"flickr": "auth.oauth.checkToken", "youtube": "channels.list"}


def cost(at: faults_at_calls.Armed) -> dict[str, int]:
    """Without what a consent was asked after with."""
    return {name: count for name, count in at.cost().items() if name not in WHOAMI.values()}


def come_to(method: str, post: Post, worker: Worker, rounds: Callable[..., list[str]]) -> None:
    """Withdrawing begins with a live Post; `apply_metadata` on what somebody changed by hand meanwhile."""
    if method in ("conceal", "remove"):
        rounds("live")
        takedown.withdraw(factories.approver(), post.item, "identified", now=worker.clock())


def said(post: Post) -> str:
    """The sentence the officer reads: of the filing where that is what failed, else the Post's own."""
    step = Step.objects.filter(post=post).exclude(words="").first()
    return step.words if step else post.words


def the_account(destination: str, stop: str, words: str) -> None:
    account = Account.objects.filter(pk=destination).first()
    assert (account.stop if account else "none") == stop
    if stop != "none":
        assert account is not None and account.words.startswith(words)
        told = Notice.objects.get(cause__startswith=f"account:{destination}:{stop}")
        assert told.words == f"Publishing to {name_of(destination)} has stopped. {account.words}"


def stays_so(
    post: Post, case: Case, at: faults_at_calls.Armed, worker: Worker, clock: Clock, queued: Callable[..., Post]
) -> None:
    """Waiting does not ask again what was refused; where the account stopped, no other Post asks either."""
    stopped = case.stop != "none" and case.state != "removing"
    if stopped:
        queued(post.destination)
    if stopped or case.parked or case.state == "failed":
        clock.now += timedelta(minutes=2)
        ring_out(worker)
        assert cost(at) == case.cost

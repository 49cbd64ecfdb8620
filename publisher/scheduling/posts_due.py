"""Work through the Posts that are due at an account: one after the other, each apart from the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from pressqueue.due import publishing, takedown
from pressqueue.due.base import Scope
from pressqueue.models import Post
from pressqueue.moves import accounts, leases
from pressqueue.states import PostState
from publisher.destinations.errors import Later, Refused
from publisher.publishing import amendments, delivery, recovery
from publisher.takedown import withdrawal
from publisher.workers import lease_deadline
from publisher.workers.internal_failures import record_internal_failure, record_step_internal_failure
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 50  # Posts of one account looked up per round; the next round takes the rest
DATABASE_AWAY = (OperationalError, InterfaceError)  # full, busy, restarted: nobody's fault but the database's
Work = Callable[[Worker, Post], bool]


def advance(worker: Worker) -> int:
    """Bring on what is due at each account; returns how many Posts were moved."""
    return sum(_each(worker, publishing.posts(scope), _ADVANCE) for scope in _by_account(worker))


def take_away(worker: Worker) -> int:
    """Take down what is due at each account; returns how many Posts were moved."""
    return sum(_each(worker, takedown.posts_coming_down(scope), _TAKE_AWAY) for scope in _by_account(worker))


def look_again(worker: Worker) -> None:
    """Look at what a platform blocked or lost."""
    _each(worker, publishing.posts_stopped(worker.scope()), _LOOK_AGAIN)


def file_steps(worker: Worker) -> int:
    """Do what is left to be done with live copies; returns for how many it was done."""
    return sum(
        guarded(
            worker, step.post, partial(delivery.file_one, worker, step),
            partial(record_step_internal_failure, worker, step),
        )
        for step in publishing.steps(worker.scope())[:AT_ONCE]
    )  # fmt: skip


def ask_after_stops(worker: Worker) -> int:
    """Ask whether accounts that stopped without a known end go on; returns how many do."""
    return sum(_goes_on(worker, name) for name in accounts.claim_to_ask(worker.destinations, worker.clock()))


def _goes_on(worker: Worker, name: str) -> bool:
    """Asked with a call that changes nothing."""
    try:
        worker.destinations[name].whoami()
    except (Later, Refused) as error:
        log.info("%s still does not let us publish: %s", name, error.message)
        return False
    accounts.answers_again(name, worker.clock())
    return True


def _by_account(worker: Worker) -> Iterator[Scope]:
    """None of the Posts waits behind another account's."""
    for name in worker.destinations:
        yield replace(worker.scope(), accounts=(name,))


def _each(worker: Worker, due: QuerySet[Post], by_state: dict[str, Work]) -> int:
    """Work through the Posts that are due; returns how many were moved."""
    posts = list(due.select_related("item")[:AT_ONCE])
    return sum(guarded(worker, post, partial(by_state[post.state], worker, post)) for post in posts)


def guarded(
    worker: Worker, post: Post, work: Callable[[], bool], aside: Callable[[Exception], None] | None = None
) -> bool:
    """One poisoned Post must not stop the rest. A process that is shutting down takes none of them any more.

    A Post whose account stopped or began to rest since the round was read is left as it is, still due.
    """
    if worker.shutdown.requested or accounts.closed_to(post, worker.clock()):
        return False
    try:
        with lease_deadline.until(_lease_of(worker, post)):
            return work()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        (aside or partial(record_internal_failure, worker, post))(error)
        return False


def _lease_of(worker: Worker, post: Post) -> lease_deadline.Hold:
    """How long requests may be made for this Post: renewed while its work advances."""
    pace, began = worker.office.pace, worker.boot()

    def renew() -> bool:
        return leases.renew_held(post.pk, worker.name, worker.lease, now=worker.clock())

    length = pace.lease - pace.margin
    return lease_deadline.Hold(worker.boot, began + length, length, renew, pace.renew, began + pace.withdraw_most)


def _bring_on(worker: Worker, post: Post) -> bool:
    """What is hidden still: its words first, where they were amended since they were sent."""
    return amendments.rewrite(worker, post) if post.amending_id is not None else delivery.deliver(worker, post)


_ADVANCE: dict[str, Work] = {
    PostState.WAITING: delivery.deliver,
    PostState.CONCEALED: _bring_on,
    PostState.LIVE: amendments.rewrite,
    PostState.REVEALING: delivery.deliver,
    PostState.UNSURE: recovery.look_for,
}
_TAKE_AWAY: dict[str, Work] = {
    PostState.REMOVING: withdrawal.take_away,
    PostState.UNSURE: recovery.look_for,
}
_LOOK_AGAIN: dict[str, Work] = {
    PostState.BLOCKED: recovery.look_again,
    PostState.MISSING: recovery.look_again,
}

"""A Post in which our own code fails: it waits, longer each time, and after some tries a person is asked.

Left alone it would be met again by every round, for ever, and nobody would know why it does not go out.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from pressqueue import errors
from pressqueue.destination_names import name_of
from pressqueue.models import Post, Step
from pressqueue.moves import leases, notices, posts, steps
from pressqueue.states import ENDED, PostState
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)


def record_internal_failure(worker: Worker, post: Post, error: Exception) -> None:
    """Count the fault against the Post, and park it after `tries`. Never names more of the error than its kind."""
    now, message = worker.clock(), f"Publisher met a fault of its own with it ({type(error).__name__})."
    log.error("Post %s in state %s: %s", post.pk, post.state, type(error).__name__)
    notices.notify(
        f"fault:{post.pk}", f"{post.item.reference} at {name_of(post.destination)}: {message}", now, post.item.reference
    )
    fresh = Post.objects.select_related("item").get(pk=post.pk)
    if fresh.state in ENDED or (fresh.until is not None and fresh.owner != worker.name):
        return  # it ended, or is another worker's by now
    try:
        _count(worker, fresh, message)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)


def record_step_internal_failure(worker: Worker, step: Step, error: Exception) -> None:
    """The same for a follow-up of a Post: the Post is live and stays so; the Step is given up after `tries`."""
    now, pace = worker.clock(), worker.office.pace
    where, message = f"{step.post.item.reference} at {name_of(step.post.destination)}", f"({type(error).__name__})"
    log.error("Step %s of Post %s: %s", step.pk, step.post_id, type(error).__name__)
    notices.notify(f"step:{step.pk}", f"Publisher met a fault of its own in filing {where} {message}.", now)
    given_up = step.tries + 1 >= pace.tries
    wait = worker.backoff(step.tries, pace.retry_first, pace.retry_most)
    steps.failed(step, now + wait, f"Publisher met a fault of its own {message}.", for_good=given_up)


def _count(worker: Worker, post: Post, message: str) -> None:
    pace, now = worker.office.pace, worker.clock()
    if post.state == PostState.SENDING:  # bytes may have left; each sending that is lost counts as a try
        posts.mark_unconfirmed(post, post.fence, message=message, not_before=now, now=now)
        return
    coming_down = post.state == PostState.REMOVING or post.take_down_asked_at is not None
    if post.tries + 1 >= pace.tries and not coming_down:
        _park(post, f"{message} It was tried {post.tries + 1} times.", worker)
        return
    most = pace.withdraw_most if coming_down else pace.retry_most
    wait = worker.backoff(post.tries, pace.retry_first, most)
    # A withdrawal is never given up, however often our own code fails in it.
    leases.give_back(post, post.fence, now + min(wait, timedelta(seconds=most)), message, failed=True)


def _park(post: Post, message: str, worker: Worker) -> None:
    now, reference = worker.clock(), post.item.reference
    notices.notify(
        f"parked:{post.pk}",
        f"An officer must act on {reference} at {name_of(post.destination)}. {message}",
        now,
        reference,
    )
    posts.park(post, post.fence, message=message, not_before=now, now=now)

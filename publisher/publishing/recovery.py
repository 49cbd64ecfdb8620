"""Leases that ran out and Posts out of sight: look before anything is sent again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pressqueue import errors
from pressqueue.destination_names import name_of
from pressqueue.models import Difference, Post
from pressqueue.moves import leases, notices, posts, takedown
from pressqueue.states import PostState
from publisher.destinations import platform_clock
from publisher.destinations.base import Absent, Destination, Partial, Present, Receipt, Seen
from publisher.destinations.errors import Later, Refused, UploadInterrupted
from publisher.publishing import comparison, parcels
from publisher.publishing.delivery import receipt_of
from publisher.workers import plugins, repeated_failures
from publisher.workers.lease_check import PostJournal
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

LOOK_AGAIN, LOOK_AGAIN_MOST = 300.0, 3600.0  # seconds
TEXTS = (Difference.Kind.TITLE, Difference.Kind.DESCRIPTION, Difference.Kind.MARK, Difference.Kind.TERMS)
LOOKS = 3  # complete listings without the Mark before absence counts


def sweep(worker: Worker) -> int:
    """sending -> unsure for every Post whose lease ran out: its worker died, or was stopped."""
    swept = 0
    now = worker.clock()
    for post in leases.run_out(now):
        leased = leases.pick_up(post, worker.name, worker.lease, now=now)
        if leased is None:
            continue
        try:
            message = "The process that was sending it stopped."
            posts.mark_unconfirmed(leased, leased.fence, message=message, not_before=now, now=now)
            swept += 1
        except errors.LeaseLost as lost:
            log.warning("%s", lost)
    return swept


def look_for(worker: Worker, post: Post) -> bool:
    """One look for an unsure Post: found, authoritatively absent, to be resumed, or to be looked for again."""
    leased = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if leased is None:
        return False
    destination = worker.destinations[leased.destination]
    if leased.take_down_asked_at is not None:
        destination = destination.as_withdrawal()
    began = worker.clock()
    try:
        if pointed_at := leased.journal.get(posts.POINTED_AT):
            _look_where_an_officer_points(worker, destination, leased, str(pointed_at))
        else:
            answer = destination.find(parcels.sought(leased), PostJournal(leased), since=_since(leased))
            _answer(worker, destination, leased, answer, began)
    except (Later, Refused) as error:
        _again(worker, leased, error.message, error.retry_at if isinstance(error, Later) else None)
    except (UploadInterrupted, errors.LeaseLost) as lost:
        log.warning("%s", lost)
    return True


def _answer(
    worker: Worker, destination: Destination, post: Post, answer: Present | Partial | Absent, began: datetime
) -> None:
    ours = _not_an_earlier_posts(post, answer.receipts) if isinstance(answer, Present) else ()
    if ours:
        _found(worker, destination, post, ours)
    elif post.account and destination.limits().account != post.account:
        raise Later(
            f"{name_of(post.destination)} is another account than the one it was sent to: not finding it says nothing."
        )
    elif isinstance(answer, Partial) or (isinstance(answer, Absent) and answer.authoritative):
        # A session that still stands is resumed by the next sending: its Journal is kept.
        _send_again(worker, post, ())
    elif absence_counts(worker, post, began):
        _send_again(worker, post, plugins.temporary_keys(worker.office, post.destination))
    else:
        pause = timedelta(seconds=worker.office.pace.settle / LOOKS)
        post = posts.record_empty_listing(post, post.fence, began_at=began, not_before=worker.clock() + pause)
        _ask_a_person(worker, post)


def _not_an_earlier_posts(post: Post, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
    """Without what another Post of the same Package stands for: a listing may still show a copy already removed."""
    others = Post.objects.filter(destination=post.destination, remote_id__isnull=False).exclude(pk=post.pk)
    taken = set(others.filter(mark=post.mark).values_list("remote_id", flat=True))
    return tuple(receipt for receipt in receipts if receipt.remote_id not in taken)


def _look_where_an_officer_points(worker: Worker, destination: Destination, post: Post, remote_id: str) -> None:
    """The Mark decides, not the officer's word: a slip of the pen must not publish somebody else's picture."""
    try:
        seen = destination.look(Receipt(remote_id, ""))
    except Refused as error:  # YouTube does not even say how another's video fares
        return _points_at_nothing(worker, post, remote_id, f"cannot be looked at: {error.message}")
    if seen.exists and seen.ours and seen.mark == post.mark:
        return _found(worker, destination, post, (Receipt(remote_id, seen.url, seen.media_urls),))
    what = "is not there"
    if seen.exists:
        what = "does not carry the mark of this Item" if seen.ours else "belongs to another account"
    return _points_at_nothing(worker, post, remote_id, what)


def _points_at_nothing(worker: Worker, post: Post, remote_id: str, what: str) -> None:
    now, reference = worker.clock(), post.item.reference
    message = f"{remote_id} at {name_of(post.destination)} {what}, so it is not taken for {reference}."
    notices.notify(f"unsure:{post.pk}:{remote_id}", message, now, reference)
    posts.claimed_id_rejected(post, post.fence, message=message, now=now)


def _send_again(worker: Worker, post: Post, forget: Iterable[str]) -> None:
    """Not there: it waits again, longer each time; after `tries` a person looks at what is wrong with it."""
    pace, now = worker.office.pace, worker.clock()
    wait = worker.backoff(post.tries, pace.retry_first, pace.retry_most) if post.tries else timedelta()
    after = posts.absent(post, post.fence, forget=forget, not_before=now + wait, now=now)
    if after.state == PostState.WAITING:
        repeated_failures.notify(worker, after, "Sending it was lost each time.", counted=True)
    if after.tries >= pace.tries and after.state == PostState.WAITING:
        message, reference = f"Sending it was lost {after.tries} times.", post.item.reference
        notices.notify(
            f"parked:{post.pk}",
            f"An officer must act on {reference} at {name_of(post.destination)}. {message}",
            now,
            reference,
        )
        posts.park(after, after.fence, message=message, not_before=now, now=now)


def absence_counts(worker: Worker, post: Post, began: datetime) -> bool:
    """Whether this complete listing without the Mark, begun at `began`, settles it.

    At least three listings, spread over `settle`, the first begun after the lease ended plus the longest time the
    platform may go on working on a request.
    """
    if worker.jump():
        return False  # an hour that the clock was moved by is not an hour in which nothing was seen
    pace = worker.office.pace
    server_time = pace.server_time if pace.server_time >= 0 else worker.limits(post.destination).longest_server_time
    lost = post.sight_lost_at or began
    counted = [datetime.fromisoformat(look) for look in post.looks] + [began]
    counted = [look for look in counted if look >= lost + timedelta(seconds=server_time)]
    return len(counted) >= LOOKS and counted[-1] - counted[0] >= timedelta(seconds=pace.settle)


def _found(worker: Worker, destination: Destination, post: Post, receipts: tuple[Receipt, ...]) -> None:
    """Keep the oldest copy. Any other is a double: it is taken away before the finding is recorded, because until
    then a death leads back here.
    """
    first, *doubles = receipts
    for double in doubles:
        destination.conceal(double)
        destination.remove(double)
        if destination.look(double).exists:
            raise Later(f"A second copy at {name_of(post.destination)} was asked to be removed and is still there.")
        notices.notify(
            f"double:{post.destination}:{double.remote_id}",
            f"{post.item.reference} was at {name_of(post.destination)} twice. Publisher removed the second copy.",
            worker.clock(),
            post.item.reference,
        )
    posts.found(
        post,
        post.fence,
        remote_id=first.remote_id,
        url=first.url,
        media_urls=first.media_urls,
        now=worker.clock(),
    )


def _again(worker: Worker, post: Post, message: str, retry_at: datetime | None) -> None:
    """A look that failed counts for nothing."""
    pace = worker.office.pace
    wait = worker.backoff(post.tries, pace.withdraw_first, pace.settle)
    soonest = worker.clock() + wait
    not_before = max(retry_at or soonest, soonest)
    if post.take_down_asked_at is not None:  # R27: at most five minutes, whatever the platform asks for
        not_before = min(not_before, worker.clock() + timedelta(seconds=pace.withdraw_most))
    if retry_at is None or retry_at <= worker.clock():
        repeated_failures.notify(worker, post, message)
        if post.take_down_asked_at is not None and post.tries + 1 >= pace.hand_over:
            _hand_over(worker, post)
    leases.give_back(post, post.fence, not_before, message, failed=True)
    _ask_a_person(worker, post)


def _hand_over(worker: Worker, post: Post) -> None:
    """A withdrawal that cannot be looked for though its account answers: a person's too, it holds nothing back."""
    if repeated_failures.stands_alone(post.destination, post.tries + 1, worker.clock()):
        takedown.hand_over(post, now=worker.clock())


def _ask_a_person(worker: Worker, post: Post) -> None:
    """After `give_up` a person is told; looking goes on meanwhile."""
    now = worker.clock()
    lost = post.sight_lost_at
    if lost is not None and now - lost > timedelta(seconds=worker.office.pace.give_up):
        reference = post.item.reference
        notices.notify(
            f"unsure:{post.pk}",
            f"Publisher cannot tell whether {reference} is at {name_of(post.destination)}. Check there, then record "
            f"it: `publisher settle {reference} {post.destination} --there ID` or `--absent`.",
            now,
            reference,
        )
        if post.take_down_asked_at is not None:
            takedown.hand_over(post, now=now)


def look_again(worker: Worker, post: Post) -> bool:
    """A blocked or missing Post is live again once it is read back as approved: a person mended it.

    Its texts too, but for those whose difference somebody has acknowledged. Asked ever more seldom, since what was
    deleted there never comes back.
    """
    leased = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if leased is None:
        return False
    try:
        with platform_clock.capture_date_header() as header:
            seen = worker.destinations[leased.destination].look(receipt_of(leased))
        if not _unlike(leased, seen):
            steps = ["album"] if leased.item.campaign.album_title else []
            posts.seen(leased, leased.fence, now=worker.clock(), steps=steps, platform_at=header.at)
            notices.clear_all([f"blocked:{leased.pk}", f"missing:{leased.pk}"], worker.clock())
            return True
    except (Later, Refused) as error:
        log.info("Post %s: looking again: %s", leased.pk, error.message)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)
    wait = worker.backoff(leased.tries, LOOK_AGAIN, LOOK_AGAIN_MOST)
    leases.give_back(leased, leased.fence, worker.clock() + wait, failed=True)
    return True


def _unlike(post: Post, seen: Seen) -> bool:
    """Whether it is not as approved, in any way nobody has acknowledged."""
    known = Difference.objects.filter(post=post, ended_at__isnull=True, acknowledged_at__isnull=False)
    accepted = set(known.filter(kind__in=TEXTS).values_list("seen", flat=True))
    return any(difference.seen not in accepted for difference in comparison.differences(post, seen))


def _since(post: Post) -> datetime:
    """Uploads older than the Post itself cannot be its own; a day's margin covers clocks that differ."""
    return post.created_at.astimezone(UTC) - timedelta(days=1)

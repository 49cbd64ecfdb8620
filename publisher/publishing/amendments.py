"""One Post whose words were amended: written in place at its destination and read back, whatever stood there.

Writing twice does no harm, so a death at any point leads back here until the platform itself shows the new words.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from pressqueue import errors, publishable
from pressqueue.destination_names import name_of
from pressqueue.models import Post
from pressqueue.moves import amendments, leases, notices
from publisher.destinations import platform_clock
from publisher.destinations.base import Parcel, Seen
from publisher.destinations.errors import Later, Refused
from publisher.destinations.texts import normalise
from publisher.publishing import parcels
from publisher.publishing.delivery import receipt_of
from publisher.workers import repeated_failures
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)


def rewrite(worker: Worker, post: Post) -> bool:
    """Write an amended Post anew. False where another worker has it, or a withdrawal goes first."""
    if leases.yields_to_takedown(post, worker.clock()):
        return False
    leased = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if leased is None:
        return False
    try:
        _write(worker, leased)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)  # withdrawn, or amended again: touch nothing
    return True


def _write(worker: Worker, post: Post) -> None:
    destination = worker.destinations[post.destination]
    try:
        publishable.check_rewritable(post)
        words = parcels.words_of(post)
        parcel = _parcel(post, words)
        if faults := parcels.text_faults(
            parcel.title, parcel.description, parcel.tags, destination.limits(), post.destination, parcel.alt_text
        ):
            raise Refused(" ".join(faults))
        destination.amend(receipt_of(post), parcel)
        with platform_clock.capture_date_header() as header:
            seen = destination.look(receipt_of(post))
    except Later as error:
        return _again(worker, post, error.message, error)
    except Refused as error:
        return _again(worker, post, error.message, None)
    except errors.Forbidden as error:
        return _again(worker, post, str(error), None, notify=True)
    if not _shows(seen, parcel, alt_text=parcels.has_alt_text_field(post)):
        return _again(worker, post, "The platform does not show the new words yet.", None)
    amendments.amended(post, post.fence, **words, platform_at=header.at, now=worker.clock())
    return None


def _parcel(post: Post, words: dict[str, str]) -> Parcel:
    """The words of the amended Package, filled as they were when it was sent."""
    return parcels.reworded(
        post,
        title=words["title"],
        description=parcels.approved_description(post, words["caption"]),
        tags=parcels.tags_of(post),
    )


def _shows(seen: Seen, parcel: Parcel, *, alt_text: bool) -> bool:
    """Whether the platform shows the new words; `alt_text`: in a field of its own too."""
    if not seen.exists:
        return False
    said = [normalise(parcel.title), normalise(parcel.description)]
    shown = [normalise(seen.title), normalise(seen.description)]
    if alt_text and seen.alt_text is not None:
        said.append(normalise(parcel.alt_text))
        shown.append(normalise(seen.alt_text))
    return said == shown


def _again(worker: Worker, post: Post, message: str, error: Later | None, *, notify: bool = False) -> None:
    """Asked again for ever: what is up says something that was approved to be changed.

    A person is told after `tries`, or with `notify` at once.
    """
    pace, now = worker.office.pace, worker.clock()
    retry_at = error.retry_at if error is not None else None
    waits = retry_at is not None and retry_at > now  # a limit that ends by itself is no failure
    if notify or (post.tries + 1 >= pace.tries and not waits):
        sentence = f"The amended words of {post.item.reference} are not at {name_of(post.destination)} yet. {message}"
        notices.notify(f"amending:{post.pk}", sentence, now, post.item.reference)
    if not waits:
        repeated_failures.notify(worker, post, message)
    soonest = now + max(worker.backoff(post.tries, pace.retry_first, pace.retry_most), timedelta(seconds=pace.poll))
    leases.give_back(post, post.fence, max(retry_at or soonest, soonest), message, failed=not waits)

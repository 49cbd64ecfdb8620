"""One Post from wherever it is to confirmed gone."""

from __future__ import annotations

import logging
from datetime import datetime

from pressqueue.destination_names import name_of
from pressqueue.due import takedown as due
from pressqueue.models import Album, Post
from pressqueue.moves import leases, media_addresses, notices, posts, takedown
from publisher.destinations.base import Destination, Receipt, Seen
from publisher.destinations.errors import Later, Refused
from publisher.publishing.delivery import receipt_of
from publisher.takedown import rounds
from publisher.workers import repeated_failures
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

ELSEWHERE = "{} is another account than the one it was published at, so not finding it there says nothing."


def take_away(worker: Worker, post: Post) -> bool:
    """One round for this Post. False where another worker has it."""
    claimed = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if claimed is None:
        return False
    rounds.run(worker, PostCopy(worker, claimed))
    return True


def notify_overdue(worker: Worker) -> None:
    """Every Post whose withdrawal is not confirmed: an officer is notified at fifteen minutes, and at thirty."""
    scope = worker.scope()
    for post in due.posts_overdue(scope):
        reference, where = post.item.reference, rounds.by_hand_at(post.url)
        text = f"{reference} is still not confirmed down at {name_of(post.destination)}. {post.words}".strip() + where
        breach = f"{reference} at {name_of(post.destination)}: {rounds.BREACH} It is not confirmed down.{where}"
        rounds.notify_overdue(f"takedown:{post.pk}", text, breach, post.take_down_asked_at, scope.now, reference)


class PostCopy:
    """The copy of a Post that this worker has claimed."""

    def __init__(self, worker: Worker, post: Post) -> None:
        self._worker, self._post = worker, post
        self.destination = post.destination

    @property
    def receipt(self) -> Receipt:
        """What the platform gave for it."""
        return receipt_of(self._post)

    @property
    def looks(self) -> list[str]:
        """When a look did not find it."""
        return list(self._post.looks)

    @property
    def tries(self) -> int:
        """Rounds that did not take it down."""
        return self._post.tries

    @property
    def answered_failures(self) -> int:
        """Those of them in which the platform was reached."""
        return self._post.answered_failures

    def why_absence_proves_nothing(self, destination: Destination) -> str:
        """The account may be another one by now. What an officer removed by hand is looked for wherever it was."""
        post = self._post
        elsewhere = post.account and destination.limits().account != post.account and post.by_hand_at is None
        return ELSEWHERE.format(post.destination) if elsewhere else ""

    def before_removal(self, destination: Destination, seen: Seen) -> None:
        """Note its direct addresses as they are now, and put its albums in order. Best effort."""
        post, receipt = self._post, self.receipt
        try:
            if seen.media_urls or not post.media_urls:  # there may be more by now: YouTube's larger sizes
                media_addresses.note_media(post, post.fence, seen.media_urls or destination.media(receipt))
            albums = Album.objects.filter(account=post.destination, key=post.item.campaign.slug).exclude(remote_id="")
            if filed := tuple(albums.values_list("remote_id", flat=True)):
                destination.unfile(receipt, filed)
        except (Later, Refused) as error:
            log.info("Post %s: its albums or addresses were not put in order: %s", post.pk, error.message)

    def found_again(self) -> None:
        """The Post stays `removing`."""
        self._post = posts.seen_there(self._post, self._post.fence)

    def not_found(self, at: datetime, next_look: datetime) -> None:
        """The Post stays `removing`."""
        posts.seen_gone(self._post, self._post.fence, at=at, not_before=next_look)

    def look_later(self, next_look: datetime) -> None:
        """The Post stays `removing`."""
        leases.give_back(self._post, self._post.fence, next_look)

    def gone(self, platform_at: datetime | None, now: datetime) -> None:
        """The Post becomes `removed`, and what was open about it is cleared."""
        posts.gone(self._post, self._post.fence, platform_at=platform_at, now=now)
        notices.clear_all([f"takedown:{self._post.pk}", f"byhand:{self._post.pk}"], now)

    def failed(self, failure: rounds.Failure, not_before: datetime, now: datetime) -> None:
        """The Post stays `removing`."""
        takedown.still_up(
            self._post, self._post.fence, message=failure.text, not_before=not_before, answered=failure.answered,
            hand_over=self._worker.office.pace.hand_over, now=now,
        )  # fmt: skip

    def notify_repeated(self, text: str) -> None:
        """With what can be done about it."""
        repeated_failures.notify(self._worker, self._post, text)

    def assign_to_officer(self, text: str, steps: str, now: datetime) -> None:
        """With the command by which the officer says that it is done."""
        reference, where = self._post.item.reference, self._post.destination
        notice = (
            f"{where} answers and does not take {reference} down: {text} Do it by hand. {steps} "
            f"Then say so: `publisher withdraw {reference} --by-hand {where}`."
        )
        notices.notify(f"byhand:{self._post.pk}", notice, now, reference)

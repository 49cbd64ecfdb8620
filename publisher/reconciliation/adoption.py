"""Things found at an account, adopted by their Mark, or written down as somebody else's."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from pressqueue import errors, packages
from pressqueue.actors import MACHINE, Actor
from pressqueue.destination_names import name_of
from pressqueue.models import Item, Package, Post, UnmanagedMedia
from pressqueue.moves import leases, notices, reconciliation, unmanaged
from pressqueue.moves import posts as post_moves
from pressqueue.moves.reconciliation import NOT_WANTED
from pressqueue.states import ENDED, PostState
from publisher.destinations import texts
from publisher.destinations.base import Receipt, Seen, Visibility, Window
from publisher.destinations.errors import Incomplete
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

FIRST = datetime(2004, 1, 1, tzinfo=UTC)  # neither platform is older; Flickr opened in February 2004
AHEAD = timedelta(days=1)  # a platform's clock may be before ours
LOOSE = (PostState.WAITING, PostState.FAILED, PostState.UNSURE)  # may have a copy it does not know of


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a Mark is: its Package, and what became of the Posts made from it. `double`: one that has its copy."""

    item: Item
    package: Package
    mark: str
    destination: str
    post: Post | None  # the newest
    loose: Post | None
    double: Post | None
    busy: bool

    def unwanted(self, *, recovering: bool) -> bool:
        """Whether nothing with this Mark should stand there: withdrawn, expired, or its last Post has ended.

        A restored ledger may have lost a later Post of the same Package, but never of one that was public and came
        down: such a Package goes out once.
        """
        if self.item.state in NOT_WANTED:
            return True
        if self.post is None or self.double is not None:
            return False
        if recovering:
            return self.post.state == PostState.REMOVED and self.post.revealing_at is not None
        return self.post.state in ENDED

    @property
    def flagged(self) -> bool:
        """Whether its withdrawal waits for this very finding."""
        return self.loose is not None and self.loose.take_down_asked_at is not None


class Marks:
    """Every Mark of one destination: of its Posts, and of Packages whose Posts a restored ledger may have lost."""

    def __init__(self, worker: Worker, destination: str, posts: Sequence[Post]) -> None:
        self._worker = worker
        self._destination = destination
        self._posts: dict[str, list[Post]] = defaultdict(list)
        for post in posts:
            self._posts[post.mark].append(post)

    def owner(self, mark: str) -> Owner | None:
        """Whose it is; None where nothing in the ledger gives this Mark."""
        posts = self._posts.get(mark, [])
        package = posts[-1].package if posts else self._packages.get(mark)
        if package is None:
            return None
        lost = [post for post in posts if post.remote_id is None]
        return Owner(
            item=posts[-1].item if posts else package.item,
            package=package,
            mark=mark,
            destination=self._destination,
            post=posts[-1] if posts else None,
            loose=next((post for post in lost if post.state in LOOSE), None),
            double=next((post for post in posts if post.remote_id and post.state not in ENDED), None),
            busy=any(post.state == PostState.SENDING for post in lost),
        )

    @cached_property
    def _packages(self) -> dict[str, Package]:
        """By Mark: computed only where a thing carries one no Post knows."""
        key, name = self._worker.key, self._destination
        every = Package.objects.select_related("item__campaign").order_by("pk")
        return {packages.mark(key, package.item, name, package): package for package in every}


def adopt(worker: Worker, owner: Owner, seen: Seen, *, recovering: bool) -> bool:
    """Take it for the copy of its owner's Post, made where the ledger lost it. False: nothing was changed.

    Only in a restored office is what is public already live: there the record of its reveal was lost. Elsewhere
    nobody decided it, and delivery hides it first.
    """
    now = worker.destinations[owner.destination].look(Receipt(seen.remote_id, seen.url))
    if not now.exists or not now.ours or now.mark != owner.mark:
        return False
    public = recovering and now.visibility is Visibility.PUBLIC
    copy = reconciliation.Copy(now.remote_id, now.url or seen.url, now.media_urls, texts.normalise(now.title), public)
    post = _adopt_post(worker, owner.loose, copy) if owner.loose else _adopt_package(worker, owner, copy)
    if post is None:
        return False
    message = (
        f"{post.item.reference} was found at {name_of(post.destination)} as {post.remote_id} and is {post.state} there."
    )
    if recovering:
        message += " It was posted after the backup this office was restored from: confirm that it may stay."
    notices.notify(f"adopted:{post.pk}", message, worker.clock(), post.item.reference)
    return True


def adopt_revealed(worker: Worker, post: Post, seen: Seen) -> bool:
    """A Post that a restored ledger still hides is public, with its own Mark: its reveal was decided after the backup.

    False: nothing was changed.
    """
    now = worker.destinations[post.destination].look(Receipt(seen.remote_id, seen.url))
    if not now.exists or not now.ours or now.mark != post.mark or now.visibility is not Visibility.PUBLIC:
        return False
    copy = reconciliation.Copy(seen.remote_id, post.url, tuple(post.media_urls), texts.normalise(now.title), True)
    return _adopt_post(worker, post, copy) is not None


def _adopt_post(worker: Worker, post: Post, copy: reconciliation.Copy) -> Post | None:
    leased = leases.seize(post, worker.name, worker.lease, now=worker.clock())
    if leased is None:
        return None
    now = worker.clock()
    try:
        if leased.take_down_asked_at is None:
            return reconciliation.adopt_post(leased, leased.fence, copy, now=now)
        receipt = {"remote_id": copy.remote_id, "url": copy.url, "media_urls": copy.media_urls}
        return post_moves.found(leased, leased.fence, now=now, **receipt)  # type: ignore[arg-type]  # as the names say
    except (errors.LeaseLost, errors.Forbidden) as lost:
        log.warning("%s", lost)
        leases.give_back(leased, leased.fence, now)
        return None


def _adopt_package(worker: Worker, owner: Owner, copy: reconciliation.Copy) -> Post | None:
    return reconciliation.adopt_package(
        owner.package,
        owner.destination,
        copy,
        mark=owner.mark,
        conceals=worker.limits(owner.destination).conceals,
        now=worker.clock(),
    )


def everything(worker: Worker) -> Window:
    """All that was ever uploaded. Halved where a platform lists no more at once, so that empty years cost little."""
    return Window(FIRST, worker.clock() + AHEAD)


def strange(worker: Worker, name: str) -> list[Seen]:
    """Everything at an account that no Post knows, neither by its id nor by its Mark. Raises Later or Refused."""
    listed = list[Seen]()
    try:
        listed.extend(worker.destinations[name].listing(everything(worker)))
    except Incomplete as error:
        notices.notify(
            f"reconcile:{name}:cut", f"{name_of(name)} could not be listed whole. {error.message}", worker.clock()
        )
    posts = list(Post.objects.filter(destination=name).select_related("item", "package").order_by("pk"))
    known, marks = {post.remote_id for post in posts}, Marks(worker, name, posts)
    return [
        seen
        for seen in listed
        if seen.remote_id not in known and (seen.mark is None or _nobodys(marks.owner(seen.mark)))
    ]


def _nobodys(owner: Owner | None) -> bool:
    """Whether a Mark is none's that might still take the thing for its own. A second copy is decided about as well."""
    return owner is None or owner.double is not None


def record_unmanaged(worker: Worker, name: str, things: Iterable[Seen], actor: Actor = MACHINE) -> int:
    """Write down what is not ours, for a person to decide about; returns how many are new."""
    now = worker.clock()
    return unmanaged.record_unmanaged(actor, name, [_inherited(worker, name, seen) for seen in things], now=now)


def take_down(worker: Worker, name: str, seen: Seen, reason: str, post: Post | None) -> UnmanagedMedia:
    """What should be gone and is there comes down through us."""
    thing, post_id = _inherited(worker, name, seen), post.pk if post is not None else None
    return unmanaged.still_published(thing, reason, post_id=post_id, now=worker.clock())


def _inherited(worker: Worker, name: str, seen: Seen) -> UnmanagedMedia:
    return UnmanagedMedia(
        destination=name,
        remote_id=seen.remote_id,
        title=seen.title,
        url=seen.url,
        media_urls=list(seen.media_urls),
        visibility=str(seen.visibility),
        uploaded_at=seen.uploaded_at,
        found_at=worker.clock(),
    )

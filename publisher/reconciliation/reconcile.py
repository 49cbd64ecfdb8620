"""Each account held against the ledger: what is there and unknown, what is gone or changed, what should be gone.

A listing raises a suspicion and never settles one: listings lag, and one that is read while somebody deletes may
pass over a thing. So whatever would be said of a Post of ours is first looked at directly. A look that fails makes the
whole reckoning count for nothing; it is begun again later, and whatever it had moved by then stays moved.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pressqueue import errors
from pressqueue.destination_names import name_of
from pressqueue.models import Difference, Office, Post, UnmanagedMedia
from pressqueue.moves import differences, leases, notices, reconciliation
from pressqueue.moves import posts as post_moves
from pressqueue.moves.differences import Found
from pressqueue.states import PostState
from publisher.destinations.base import Destination, Receipt, Seen, Visibility
from publisher.destinations.errors import Incomplete, Later, Refused
from publisher.publishing import comparison, recovery
from publisher.publishing.delivery import receipt_of
from publisher.reconciliation import adoption
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

Kind = Difference.Kind
MOST_DIRECT = 250  # direct looks in one reckoning that no difference calls for: two requests each, of 3,600 an hour


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """What one complete look at an account came to. `adopted`: references whose copies were adopted."""

    destination: str
    listed: int
    new: int
    adopted: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """One look under way. `untouched`: things somebody is at work on, of which nothing is said this time."""

    worker: Worker
    name: str
    began: datetime
    listed: dict[str, Seen]
    recovering: bool
    posts: list[Post] = field(default_factory=list)
    inherited: dict[str, UnmanagedMedia] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)
    adopted: list[str] = field(default_factory=list)
    strangers: list[Seen] = field(default_factory=list)
    direct: int | None = None  # in how many nights each live Post is looked at directly
    cut: str = ""  # what the platform does not list, in words: of that nothing is said

    @property
    def destination(self) -> Destination:
        return self.worker.destinations[self.name]

    def look(self, remote_id: str, url: str = "") -> Seen:
        return self.destination.look(Receipt(remote_id, url))


def reconcile_account(worker: Worker, name: str) -> ReconciliationResult:
    """Hold one account against the ledger. Raises Later or Refused; then it counts for nothing."""
    recovery.sweep(worker)
    run = _look_through(worker, name)
    known = {post.remote_id for post in run.posts if post.remote_id}
    for post in run.posts:
        if post.remote_id:
            _hold_against(run, post)
    marks = adoption.Marks(worker, name, run.posts)
    for seen in run.listed.values():
        if seen.remote_id not in known:
            _classify(run, marks, seen)
    return _conclude(run)


def _look_through(worker: Worker, name: str) -> _Run:
    """The whole account, then the ledger: what is posted in between is in the ledger already."""
    began, listed, cut = worker.clock(), dict[str, Seen](), ""
    try:
        for seen in worker.destinations[name].listing(adoption.everything(worker)):
            listed[seen.remote_id] = seen
    except Incomplete as error:
        cut = error.message
    run = _Run(worker, name, began, listed, Office.objects.get().recovering_since is not None)
    run.cut = cut
    run.posts = list(Post.objects.filter(destination=name).select_related("item", "package").order_by("pk"))
    run.inherited = {row.remote_id: row for row in UnmanagedMedia.objects.filter(destination=name)}
    return run


def _conclude(run: _Run) -> ReconciliationResult:
    now = run.worker.clock()
    if run.recovering and run.strangers:
        adoption.record_unmanaged(run.worker, run.name, run.strangers)
    _tell_of_a_cut(run, now)
    new = differences.record(run.name, run.found, run.untouched, now)
    reconciliation.record_run(run.name, run.began, now, listed=len(run.listed), differing=len(run.found))
    if not differences.reported(run.name).exists():
        notices.clear(f"reconcile:{run.name}", now)
    return ReconciliationResult(run.name, len(run.listed), new, tuple(run.adopted))


def _tell_of_a_cut(run: _Run, now: datetime) -> None:
    """What stood and may only not have been listed stands on."""
    cause = f"reconcile:{run.name}:cut"
    if not run.cut:
        notices.clear(cause, now)
        return
    run.untouched |= set(differences.unended(run.name).values_list("remote_id", flat=True))
    notices.notify(cause, f"{name_of(run.name)} could not be listed whole. {run.cut}", now)


# -- what the ledger knows ------------------------------------------------------------------------------------------


def _hold_against(run: _Run, post: Post) -> None:
    """One Post that has a copy: by its state, and only where the listing says something else."""
    seen = run.listed.get(post.remote_id or "")
    if post.state in (PostState.LIVE, PostState.MISSING):
        _hold_live(run, post, seen)
    elif seen is None:
        return
    elif post.state == PostState.REMOVED:
        _left_up(run, seen, post)
    elif run.recovering and post.state in (PostState.CONCEALED, PostState.REVEALING):
        _hold_hidden(run, post, seen)


def _hold_live(run: _Run, post: Post, seen: Seen | None) -> None:
    if post.state == PostState.LIVE and _too_young(run, post):
        run.untouched.add(post.remote_id or "")
    elif seen is None or post.state == PostState.MISSING or comparison.differences(post, seen) or _its_turn(run, post):
        _look_closer(run, post)


def _its_turn(run: _Run, post: Post) -> bool:
    """A listing does not tell all (Flickr's names no safety level), so each Post is looked at directly as well: every
    one where that is cheap, else each once in so many nights.
    """
    if run.direct is None:
        live = sum(each.state == PostState.LIVE for each in run.posts)
        run.direct = max(1, -(-live // MOST_DIRECT))
    return (post.pk + run.began.toordinal()) % run.direct == 0


def _hold_hidden(run: _Run, post: Post, seen: Seen) -> None:
    """A restored ledger hides it still: whether it was revealed since is for the platform to say."""
    if seen.visibility is Visibility.PUBLIC and adoption.adopt_revealed(run.worker, post, seen):
        run.adopted.append(post.item.reference)


def _too_young(run: _Run, post: Post) -> bool:
    grace = timedelta(seconds=run.worker.office.reconcile.grace)
    return post.live_at is None or post.live_at > run.began - grace


def _look_closer(run: _Run, post: Post) -> None:
    """The direct look that decides, under a lease: whoever amends or withdraws it meanwhile is not disturbed."""
    worker = run.worker
    if post.state == PostState.MISSING:
        run.found += comparison.differences(post, run.destination.look(receipt_of(post)))
        return
    leased = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
    if leased is None:
        run.untouched.add(post.remote_id or "")
        return
    try:
        seen = run.destination.look(receipt_of(leased))
    except (Later, Refused):
        leases.give_back(leased, leased.fence, worker.clock())
        raise
    try:
        _record(run, leased, comparison.differences(leased, seen))
    except errors.LeaseLost as lost:
        log.warning("%s", lost)
        run.untouched.add(leased.remote_id or "")


def _record(run: _Run, post: Post, found: list[Found]) -> None:
    """A Post that is gone or hidden is `missing`. One whose texts were changed is still up: that is reported."""
    now = run.worker.clock()
    hidden = [each for each in found if each.kind in (Kind.GONE, Kind.VISIBILITY)]
    if hidden:
        reference = post.item.reference
        message = f"{hidden[0].words} Somebody, or the platform, changed it without us. Look there."
        notices.notify(f"missing:{post.pk}", message, now, reference)
        post_moves.vanished(post, post.fence, message=hidden[0].words, now=now)
    else:
        leases.give_back(post, post.fence, now)
    run.found += found


# -- what the ledger does not know ----------------------------------------------------------------------------------


def _classify(run: _Run, marks: adoption.Marks, seen: Seen) -> None:
    """A thing no Post knows by its id: inherited, ours by its Mark, or unknown."""
    row = run.inherited.get(seen.remote_id)
    owner = marks.owner(seen.mark) if seen.mark else None
    if row is not None and row.decision == UnmanagedMedia.Decision.WITHDRAWN:
        if row.removed_at is None:
            run.untouched.add(seen.remote_id)  # coming down: what was said of it stands until it is gone
        else:
            _left_up(run, seen, None)
    elif owner is not None:
        _handle_own_mark(run, owner, seen, decided=row is not None)
    elif row is None:
        message = f"{seen.remote_id} is at {name_of(run.name)} and not in Publisher's records."
        if seen.mark:
            there = f"{seen.remote_id} at {name_of(run.name)}"
            message = f"{there} carries a mark like Publisher's, but Publisher has no record of it."
        run.found.append(Found(seen.remote_id, Kind.UNKNOWN, message, "", f"{seen.visibility}: {seen.title}"))
        if seen.mark:
            run.strangers.append(seen)


def _handle_own_mark(run: _Run, owner: adoption.Owner, seen: Seen, *, decided: bool) -> None:
    """It carries the Mark of a Post, or of a Package, that does not know it. `decided`: a person has it in hand."""
    if owner.busy:
        run.untouched.add(seen.remote_id)
        return
    if owner.unwanted(recovering=run.recovering) and not owner.flagged:
        _left_up(run, seen, owner.post)
        return
    if owner.double is None and (owner.loose is not None or run.recovering):
        if adoption.adopt(run.worker, owner, seen, recovering=run.recovering):
            run.adopted.append(owner.item.reference)
        else:
            run.untouched.add(seen.remote_id)
        return
    if decided:
        return
    reference = owner.item.reference
    message = f"{seen.remote_id} at {name_of(run.name)} carries the mark of {reference}, and the ledger never sent it."
    if owner.double is not None and _second_copy(run, owner, owner.double, seen):
        return
    post = owner.double or owner.post
    theirs = f"{seen.visibility}: {seen.title}"
    run.found.append(Found(seen.remote_id, Kind.UNKNOWN, message, "", theirs, post.pk if post else None))


def _second_copy(run: _Run, owner: adoption.Owner, first: Post, seen: Seen) -> bool:
    """It stands twice: told at once, and this copy taken down. Both are looked at directly before.

    False: it is not so, or the first cannot be seen, and then nothing is taken down.
    """
    ours, second = run.look(first.remote_id or "", first.url), run.look(seen.remote_id, seen.url)
    if not (ours.exists and ours.mark == owner.mark and second.exists and second.ours and second.mark == owner.mark):
        return False
    reference = owner.item.reference
    message = (
        f"{second.remote_id} at {name_of(run.name)} is a second copy of {reference}, beside {first.remote_id}. "
        "It is being taken down."
    )
    notices.notify(f"double:{run.name}:{second.remote_id}", message, run.worker.clock(), reference)
    adoption.take_down(run.worker, run.name, second, "withdrawn", first)
    theirs = f"{second.visibility}: {second.title}"
    run.found.append(Found(second.remote_id, Kind.LEFT_UP, message, "one copy", theirs, first.pk))
    return True


def _left_up(run: _Run, seen: Seen, post: Post | None) -> None:
    """What was taken down is there. Looked at directly, told at once, and taken down again."""
    now = run.look(seen.remote_id, seen.url)
    if not now.exists:
        return
    reference = post.item.reference if post is not None else ""
    what = reference or seen.remote_id
    message = f"{what} was taken down at {name_of(run.name)} and is there, as {seen.remote_id}. It is being taken down."
    notices.notify(f"left_up:{run.name}:{seen.remote_id}", message, run.worker.clock(), reference)
    reason = (post.reason or post.item.ended_reason) if post is not None else "withdrawn"
    adoption.take_down(run.worker, run.name, now, reason or "withdrawn", post)
    run.found.append(
        Found(seen.remote_id, Kind.LEFT_UP, message, "removed", str(now.visibility), post.pk if post else None)
    )

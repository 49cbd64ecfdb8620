"""Where platforms and ledger differ: a row while it stands, reported until it ends or somebody acknowledges it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from pressqueue.cleaning import clean
from pressqueue.models import Difference

BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One difference as a complete look at an account found it; `ours` and `theirs` are the two readings."""

    remote_id: str
    kind: Difference.Kind
    words: str
    ours: str = ""
    theirs: str = ""
    post_id: int | None = None

    @property
    def seen(self) -> str:
        """A digest that distinguishes this change from the next one of the same kind."""
        return hashlib.sha256(f"{self.kind}\n{self.theirs}".encode()).hexdigest()


def record(destination: str, found: Iterable[Found], untouched: Collection[str], now: datetime) -> int:
    """Write down what one complete look found; returns how many differences are new.

    A difference that was not found again has ended, except at the `untouched`: remote ids that nobody could read this
    time.
    """
    stood = {(row.remote_id, row.kind, row.seen): row for row in unended(destination)}
    now_there = {(each.remote_id, str(each.kind), each.seen): each for each in found}
    new = [_row(destination, each, now) for key, each in now_there.items() if key not in stood]
    # Another look at the same moment may have written the same: a difference stands once.
    Difference.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    _all(row.pk for key, row in stood.items() if key in now_there)(last_seen_at=now)
    _all(row.pk for key, row in stood.items() if key not in now_there and row.remote_id not in untouched)(ended_at=now)
    return len(new)


def _row(destination: str, found: Found, now: datetime) -> Difference:
    return Difference(
        destination=destination,
        remote_id=found.remote_id,
        kind=found.kind,
        seen=found.seen,
        post_id=found.post_id,
        words=clean(found.words),
        ours=clean(found.ours),
        theirs=clean(found.theirs),  # whatever somebody wrote at the platform
        first_seen_at=now,
        last_seen_at=now,
    )


def _all(keys: Iterable[int]) -> Callable[..., None]:
    """An UPDATE of these rows, in batches a database takes."""
    wanted = list(keys)

    def update(**changes: object) -> None:
        for start in range(0, len(wanted), BATCH):
            Difference.objects.filter(pk__in=wanted[start : start + BATCH], ended_at__isnull=True).update(**changes)

    return update


def unended(destination: str = "") -> QuerySet[Difference]:
    """Returns every difference that has not ended, at one account or, without a name, at all of them."""
    rows = Difference.objects.filter(ended_at__isnull=True).select_related("post__item").order_by("destination", "pk")
    return rows.filter(destination=destination) if destination else rows


def reported(destination: str = "") -> QuerySet[Difference]:
    """Returns the differences that nobody has acknowledged: an acknowledged one is not reported again."""
    return unended(destination).filter(acknowledged_at__isnull=True)

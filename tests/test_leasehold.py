"""A lease between two requests: renewed while work advances, never past what a withdrawal waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue.models import Post
from pressqueue.moves import leases
from publisher.destinations.errors import Later
from publisher.workers import lease_deadline
from publisher.workers.lease_deadline import Hold

from support import factories
from support.factories import NOW

LEASE = timedelta(minutes=2)


class Local:
    """A local clock in seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def requests(every: float, *, most: float = 300.0, renews: bool = True) -> int:
    """How many requests one every `every` seconds are let through, of a lease of 100 that is renewed each 20."""
    local = Local()
    with lease_deadline.until(Hold(local, 100.0, 100.0, lambda: renews, 20.0, most)):
        for count in range(1000):
            try:
                lease_deadline.check(NOW)
            except Later:
                return count
            local.at += every
    return 1000


@pytest.mark.parametrize(
    ("every", "most", "renews", "through"),
    [
        (30.0, 300.0, True, 13),  # renewed until 270: it ends at 370
        (30.0, 0.0, True, 4),  # never renewed: as it was
        (30.0, 300.0, False, 4),  # somebody else has it, or it is to come down
        (150.0, 300.0, True, 1),  # stood still for longer than its lease
    ],
)
def test_a_lease_is_renewed_while_requests_are_made_and_not_for_ever(
    every: float, most: float, renews: bool, through: int
) -> None:
    assert requests(every, most=most, renews=renews) == through


@pytest.mark.usefixtures("office")
def test_what_is_to_come_down_is_not_renewed_while_it_is_sent() -> None:
    post = factories.posted(factories.approved(factories.appeal()))
    mine = leases.take(post, "w", LEASE, now=NOW)
    assert mine is not None
    assert leases.renew_held(mine.pk, "w", LEASE, now=NOW + timedelta(minutes=1))
    assert Post.objects.get().until == NOW + timedelta(minutes=3)
    assert not leases.renew_held(mine.pk, "another", LEASE, now=NOW + timedelta(minutes=1))
    Post.objects.update(take_down_asked_at=NOW)
    assert not leases.renew_held(mine.pk, "w", LEASE, now=NOW + timedelta(minutes=1))

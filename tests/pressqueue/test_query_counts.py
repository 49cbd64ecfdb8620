"""How often the database is asked for one take and one reveal: what a Post costs, so that a change that adds is seen.

Lower a bound when it can be; raising one is a decision.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pressqueue import vouching
from pressqueue.models import Item, Post
from pressqueue.moves import leases, posts

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(minutes=5)


def feature() -> Item:
    return factories.feature(title="Rufus", publish_from=NOW, publish_until=NOW + timedelta(hours=9))


def appeal() -> Item:
    return factories.appeal(publish_from=NOW, publish_until=NOW + timedelta(hours=9))


# what is published: the most queries of one take, and of one begin_reveal
BOUNDS: dict[str, tuple[Callable[[], Item], int, int]] = {
    "a feature": (feature, 34, 27),
    "an appeal": (appeal, 34, 27),
}


def others() -> None:
    """What lies beside it must not make it dearer."""
    for prefix in ("ONE", "TWO", "TRI"):
        item = factories.feature(factories.series(f"series-{prefix.lower()}", prefix=prefix), title="Rufus")
        factories.posted(factories.approved(item, prefix.encode()))


def counted(post: Post) -> tuple[int, int]:
    """The queries of one take, and of one begin_reveal of what was sent then."""
    with CaptureQueriesContext(connection) as of_take:
        taken = leases.take(Post.objects.get(pk=post.pk), "w1", LEASE, now=NOW)
    assert taken is not None
    hidden = posts.sent(taken, taken.fence, remote_id="r1", url="", media_urls=[], now=NOW)
    with CaptureQueriesContext(connection) as of_reveal:
        posts.begin_reveal(hidden, hidden.fence, needs_attestation=False, now=NOW)
    return len(of_take), len(of_reveal)


@pytest.mark.parametrize("crowded", [False, True], ids=["alone", "among others"])
@pytest.mark.parametrize("name", BOUNDS)
def test_a_take_and_a_reveal_ask_so_often_and_no_more(
    name: str, crowded: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    make, *most = BOUNDS[name]
    post = factories.posted(factories.approved(make()))
    if crowded:
        others()
    found = counted(post)
    with capsys.disabled():
        print(f"\n{name}: take {found[0]} of {most[0]}, begin_reveal {found[1]} of {most[1]} queries")
    assert found[0] <= most[0]
    assert found[1] <= most[1]


def test_control_what_asks_twice_is_over_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    real, (make, *most) = vouching.demand, BOUNDS["a feature"]
    monkeypatch.setattr(vouching, "demand", lambda *rows: (real(*rows), real(*rows))[1])
    found = counted(factories.posted(factories.approved(make())))
    assert found[0] > most[0] and found[1] > most[1]

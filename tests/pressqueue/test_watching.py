"""What is public is looked at by what its Item's row says: that row must say so however a copy became public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pressqueue import policy
from pressqueue.due import takedown as takedown_due
from pressqueue.due import timetable
from pressqueue.due.base import Scope
from pressqueue.models import Item, Post
from pressqueue.moves import clocks, leases, live_checks, posting, posts, reconciliation, takedown
from pressqueue.moves import items as item_moves
from pressqueue.states import COUNTS_AS_PUBLIC, NotAllowed, PostMove, PostState, next_post_state

from support import factories
from support.factories import FLICKR, NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE, HOUR, SECOND = timedelta(minutes=5), timedelta(hours=1), timedelta(seconds=1)
COPY = reconciliation.Copy("r1", "https://example.org/1", (), "Rufus", public=True)


def feature() -> Item:
    window = {"publish_from": NOW, "publish_until": NOW + timedelta(hours=9)}
    return factories.approved(factories.feature(title="Rufus", **window))


def taken(item: Item, *, conceals: bool = True) -> Post:
    post = leases.take(factories.posted(item, conceals={"flickr": conceals}), "w1", LEASE, now=NOW)
    assert post is not None
    return post


def sent(item: Item, *, conceals: bool = True) -> Post:
    post = taken(item, conceals=conceals)
    return posts.sent(post, post.fence, remote_id="r1", url="", media_urls=[], now=NOW)


def revealed() -> Item:
    post = sent(feature())
    return posts.begin_reveal(post, post.fence, needs_attestation=False, now=NOW).item


def sent_in_public() -> Item:
    return sent(feature(), conceals=False).item


def found_by_its_mark() -> Item:
    post = taken(feature(), conceals=False)
    unsure = posts.mark_unconfirmed(post, post.fence, message="", not_before=NOW, now=NOW)
    return posts.found(unsure, unsure.fence, remote_id="r1", url="", media_urls=[], now=NOW).item


def found_in_public() -> Item:
    post = sent(feature())
    return reconciliation.adopt_post(post, post.fence, COPY, now=NOW).item


def adopted() -> Item:
    item = feature()
    assert item.package is not None
    post = reconciliation.adopt_package(item.package, "flickr", COPY, mark="ab" * 16, conceals=True, now=NOW)
    assert post is not None
    return post.item


# By the move that does it; a Post may also begin public, where an adopted copy is.
BECOMES_PUBLIC: dict[str, Callable[[], Item]] = {
    "begin_reveal": revealed, "sent": sent_in_public, "found": found_by_its_mark, "adopt": found_in_public,
    "a new Post": adopted,
}  # fmt: skip


def scope(now: datetime = NOW) -> Scope:
    return Scope(now, ("flickr",), policy.current())


def watched(now: datetime = NOW) -> list[Item]:
    return list(takedown_due.items_to_watch(scope(now)))


def opened(now: datetime = NOW) -> list[Item]:
    return list(timetable.windows_open(scope(now)))


def test_every_move_that_makes_a_copy_public_has_its_row() -> None:
    hidden = set(PostState) - COUNTS_AS_PUBLIC
    moves = {
        str(move)
        for state in hidden
        for move in PostMove
        for conceals in (True, False)
        if leads_to(state, move, conceals) in COUNTS_AS_PUBLIC - {PostState.REMOVING}
    }
    assert moves | {"a new Post"} == set(BECOMES_PUBLIC)


def leads_to(state: PostState, move: PostMove, conceals: bool) -> PostState | None:
    try:
        return next_post_state(state, move, conceals=conceals)
    except NotAllowed:
        return None


@pytest.mark.parametrize("move", BECOMES_PUBLIC)
def test_what_becomes_public_is_watched_at_once_and_then_every_hour(move: str) -> None:
    item = BECOMES_PUBLIC[move]()
    assert watched() == [item]
    assert live_checks.watch(item, now=NOW) is False
    assert (watched(NOW + HOUR - SECOND), watched(NOW + HOUR)) == ([], [item])


def test_what_is_hidden_or_came_down_is_not_watched() -> None:
    post = sent(feature())
    assert watched() == []
    post = posts.begin_reveal(post, post.fence, needs_attestation=False, now=NOW)
    takedown.withdraw(factories.author(), post.item, "withdrawn", now=NOW)
    assert watched() == [post.item]  # looked at once more, and then never again
    assert live_checks.watch(post.item, now=NOW) is False
    assert watched(NOW + timedelta(days=365)) == []


def test_a_clock_that_ran_ahead_does_not_put_the_next_watch_off() -> None:
    item, ahead = revealed(), NOW + timedelta(days=400)
    live_checks.watch(item, now=ahead)
    assert watched(NOW + HOUR) == []
    clocks.clock_jumped(-400 * 86400.0, NOW, lease=LEASE, claim=LEASE)
    assert watched() == [item]


def test_an_item_with_a_post_at_each_destination_is_no_more_the_timetables() -> None:
    item = feature()
    assert opened() == [item]
    factories.posted(item)
    assert opened() == []


def test_an_item_that_lacks_a_destination_stays_the_timetables() -> None:
    window = {"publish_from": NOW, "publish_until": NOW + timedelta(hours=9)}
    item = factories.approved(factories.feature(title="Rufus", destinations=["flickr", "youtube"], **window))
    factories.posted(item)
    assert opened() == [item]
    made = posting.open_posts(item, key=factories.KEY, conceals={**FLICKR, "youtube": True}, due_at=NOW, now=NOW)
    assert ([post.destination for post in made], opened()) == (["youtube"], [])


def test_a_post_that_is_to_come_down_does_not_count() -> None:
    post = taken(feature())
    Post.objects.filter(pk=post.pk).update(take_down_asked_at=NOW)
    Item.objects.update(posts_made_at=None)
    posting.open_posts(post.item, key=factories.KEY, conceals=FLICKR, due_at=NOW, now=NOW)
    assert opened() == [post.item]


def test_what_is_public_and_was_skipped_elsewhere_is_no_more_the_timetables() -> None:
    window = {"publish_from": NOW, "publish_until": NOW + timedelta(hours=9)}
    item = factories.approved(factories.feature(title="Rufus", destinations=["flickr", "youtube"], **window))
    everywhere = {**FLICKR, "youtube": True}
    shown, skipped = posting.open_posts(item, key=factories.KEY, conceals=everywhere, due_at=NOW, now=NOW)
    takedown.take_down_post(factories.author(), skipped, "skipped", now=NOW)
    posting.open_posts(item, key=factories.KEY, conceals=everywhere, due_at=NOW, now=NOW)
    assert opened() == [item]  # nothing is public yet: it may lapse, and is looked at
    Post.objects.filter(pk=shown.pk).update(state="live")
    posting.open_posts(item, key=factories.KEY, conceals=everywhere, due_at=NOW, now=NOW)
    assert opened() == []


def test_a_post_of_an_earlier_approval_does_not_count_against_a_new_one() -> None:
    item = feature()
    takedown.take_down_post(factories.author(), factories.posted(item), "edited", now=NOW)
    factories.posted(item)
    assert opened() == []


def test_a_watch_that_found_nothing_is_begun_again_by_the_next_reveal() -> None:
    item = revealed()
    Item.objects.filter(pk=item.pk).update(watch_at=NOW + timedelta(days=1))
    live_checks.begin(item.pk, NOW)
    assert Item.objects.get(pk=item.pk).watch_at == NOW + timedelta(days=1)
    Item.objects.filter(pk=item.pk).update(watch_at=None)
    live_checks.begin(item.pk, NOW)
    assert watched() == [item]


def taken_down_alone(post: Post) -> None:
    takedown.take_down_post(factories.author(), post, "skipped", now=NOW)


def sent_back(post: Post) -> None:
    item_moves.reopen(factories.author(), post.item, "approval_lapsed", now=NOW)


@pytest.mark.parametrize("ends", [taken_down_alone, sent_back])
@pytest.mark.parametrize("state", ["waiting", "sending", "concealed"])
def test_an_item_whose_post_ended_is_looked_at_again(state: str, ends: Callable[[Post], None]) -> None:
    post = {"waiting": factories.posted, "sending": taken, "concealed": sent}[state](feature())
    assert Item.objects.filter(posts_made_at=NOW).exists()
    ends(post)
    assert not Item.objects.filter(posts_made_at__isnull=False).exists()

"""Direct addresses: noted once, asked by one worker at a time, gone for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue.models import Entry, MediaAddress, Post
from pressqueue.moves import media_addresses, posts, takedown

from support import factories
from support.factories import NOW

LEASE = timedelta(minutes=5)
URLS = ["https://live.staticflickr.com/1/2_a_b.jpg", "https://live.staticflickr.com/1/2_a_q.jpg"]


@pytest.fixture
def removed(office: object) -> Post:
    """A Post that is gone and had two addresses."""
    post = factories.posted(factories.approved(factories.appeal()))
    Post.objects.filter(pk=post.pk).update(state="live", revealing_at=NOW, remote_id="1", media_urls=URLS)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    post.refresh_from_db()
    return posts.gone(post, post.fence, now=NOW)


def due(minutes: float = 0) -> list[MediaAddress]:
    return list(media_addresses.addresses_due(NOW + timedelta(minutes=minutes), ["flickr"]))


def test_addresses_only_grow_and_only_under_the_fence(office: object) -> None:
    post = factories.posted(factories.approved(factories.appeal()))
    media_addresses.note_media(post, post.fence, URLS[:1])
    media_addresses.note_media(post, post.fence, [])
    media_addresses.note_media(post, post.fence, URLS)
    media_addresses.note_media(post, post.fence + 1, ["https://live.staticflickr.com/late.jpg"])
    post.refresh_from_db()
    assert post.media_urls == URLS


def test_each_is_asked_from_the_moment_it_is_gone(removed: Post) -> None:
    assert [each.url for each in due()] == URLS
    assert list(media_addresses.addresses_due(NOW, ["youtube"])) == []


def test_one_worker_asks_at_a_time_and_a_dead_one_is_followed(removed: Post) -> None:
    first, again = due()[0], due()[0]
    assert media_addresses.lease_address(first, "w1", LEASE, now=NOW)
    assert not media_addresses.lease_address(again, "w2", LEASE, now=NOW)
    later = NOW + LEASE
    assert media_addresses.lease_address(again, "w2", LEASE, now=later)
    media_addresses.address_gone(first, now=later)  # w1 wakes: its lease is over, it changes nothing
    media_addresses.still_answering(first, not_before=later + LEASE, now=later)
    again.refresh_from_db()
    assert (again.owner, again.gone_at, again.tries) == ("w2", None, 0)


def test_what_answers_is_asked_again_and_what_is_gone_is_not(removed: Post) -> None:
    first, second = due()
    for address in (first, second):
        assert media_addresses.lease_address(address, "w1", LEASE, now=NOW)
    media_addresses.still_answering(first, not_before=NOW + timedelta(minutes=1), now=NOW)
    assert media_addresses.address_gone(second, now=NOW) is False
    assert due() == []
    (left,) = due(minutes=1)
    assert (left.pk, left.tries, left.checked_at) == (first.pk, 1, NOW)
    assert media_addresses.lease_address(left, "w1", LEASE, now=NOW + timedelta(minutes=1))
    assert media_addresses.address_gone(left, now=NOW + timedelta(minutes=1)) is True
    assert Entry.objects.filter(act="media_gone").count() == 1
    assert due(minutes=600) == []

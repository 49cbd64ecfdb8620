"""Why a Post does not go on: one sentence, whatever keeps it. A new reason is one row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pressqueue.models import Account, Office, Post, Spend
from pressqueue.moves import holds, leases, posts, takedown
from pressqueue.waiting import reasons, why_waiting

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def post() -> Post:
    return factories.posted(factories.approved(factories.appeal()))


def account(**changes: object) -> None:
    Account.objects.update_or_create(destination="flickr", defaults=changes)


def set_on(post: Post, **changes: object) -> None:
    Post.objects.filter(pk=post.pk).update(**changes)


def removing(post: Post, **changes: object) -> None:
    mine = leases.take(post, "w1", timedelta(seconds=60), now=NOW)
    assert mine is not None
    posts.sent(mine, mine.fence, remote_id="r1", url="http://x/", media_urls=[], now=NOW)
    takedown.withdraw(factories.author(), post.item, "wrong_image", now=NOW)
    set_on(post, until=None, owner="", **changes)


REASONS: dict[str, tuple[Callable[[Post], object], str]] = {
    "nothing does": (lambda post: None, "Publisher works on it next."),
    "an outcome nobody knows": (
        lambda post: set_on(post, state="unsure", words="The connection broke."),
        "The connection broke. Publisher works on it next.",
    ),
    "its hour": (lambda post: set_on(post, not_before=LATER), "It is due at 11:00 on 2 March 2026."),
    "a try that failed": (
        lambda post: set_on(post, not_before=LATER, tries=2, words="Flickr is busy."),
        "Flickr is busy. Publisher tries again at 11:00 on 2 March 2026.",
    ),
    "a worker has it": (
        lambda post: leases.take(post, "w1", timedelta(seconds=60), now=NOW),
        "Publisher is working on it now.",
    ),
    "an officer must act": (
        lambda post: set_on(post, parked_at=NOW, words="It was tried 8 times."),
        "An officer must act. It was tried 8 times.",
    ),
    "it was refused": (lambda post: set_on(post, state="failed", words="It is too large."), "It is too large."),
    "a hold on the Item": (
        lambda post: holds.hold(factories.author(), post.item, "Wait.", now=NOW), "WTN-0001 is held.",
    ),
    "publishing is paused": (
        lambda post: holds.freeze(factories.author(), "all", now=NOW),
        "All publishing is paused. Nothing is made public until two people resume it on the Holds page.",
    ),
    "the office was restored": (
        lambda post: Office.objects.update(recovering_since=NOW),
        "This office was restored from a backup: nothing is sent or revealed until `publisher reconcile` has looked at "
        "every account and somebody resumed it.",
    ),
    "the consent ended": (
        lambda post: account(stop="auth", words="Flickr takes the consent no more."),
        "Flickr takes the consent no more.",
    ),
    "a limit of the account": (
        lambda post: account(stop="uploads", until=LATER, words="No more uploads today."), "No more uploads today.",
    ),
    "the platform does not answer": (
        lambda post: account(broken_until=LATER),
        "Flickr does not answer properly. Publisher asks it again at 11:00 on 2 March 2026.",
    ),
    "the quota": (
        lambda post: Spend.objects.create(
            destination="flickr", bucket="calls", window=NOW, used=1, exhausted_until=LATER
        ),
        "The quota of Flickr is used up until 11:00 on 2 March 2026.",
    ),
    "a removal that fails": (
        lambda post: removing(post, not_before=LATER, tries=1, words="Flickr is busy."),
        "Flickr is busy. Publisher tries again at 11:00 on 2 March 2026.",
    ),
    "a removal that is refused": (
        lambda post: removing(post, handed_at=NOW),
        "Flickr refuses to remove it: an officer must remove it there by hand.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arrange", "sentence"), REASONS.values(), ids=REASONS)
def test_one_sentence_says_what_keeps_it(post: Post, arrange: Callable[[Post], object], sentence: str) -> None:
    arrange(post)
    mine = Post.objects.select_related("item__campaign").get(pk=post.pk)
    assert why_waiting(mine, NOW) == sentence


def test_a_removal_at_the_account_goes_first(post: Post) -> None:
    other = factories.posted(factories.approved(factories.appeal()))
    removing(other)
    mine = Post.objects.select_related("item__campaign").get(pk=post.pk)
    assert why_waiting(mine, NOW) == "Publisher is removing something from Flickr first."


@pytest.mark.parametrize("state", ["live", "removed", "cancelled"])
def test_what_is_live_or_ended_waits_for_nothing(post: Post, state: str) -> None:
    set_on(post, state=state, not_before=LATER, words="Old.")
    assert why_waiting(Post.objects.select_related("item__campaign").get(pk=post.pk), NOW) == ""


def test_it_changes_nothing(post: Post) -> None:
    before = Post.objects.filter(pk=post.pk).values().get()
    why_waiting(Post.objects.select_related("item__campaign").get(pk=post.pk), NOW)
    assert Post.objects.filter(pk=post.pk).values().get() == before


def test_any_number_of_them_takes_the_same_few_queries(post: Post, django_assert_num_queries: Any) -> None:
    many = [post, *(factories.posted(factories.approved(factories.appeal())) for _ in range(5))]
    keys = [each.pk for each in many]
    rows = list(Post.objects.select_related("item__campaign").filter(pk__in=keys))
    with django_assert_num_queries(6):
        found = reasons(rows, NOW)
    assert set(found) == set(keys)
    set_on(post, state="live")
    with django_assert_num_queries(0):
        assert reasons(Post.objects.filter(pk=post.pk).select_related("item__campaign")[:0], NOW) == {}

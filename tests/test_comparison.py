"""A live Post held against what its platform shows: the alternative text, where the platform has a field for it."""

from __future__ import annotations

from typing import Any

import pytest

from pressqueue.models import Post
from publisher.destinations.base import Seen, Visibility
from publisher.publishing import comparison, parcels

from support import amended_posts, factories

pytestmark = pytest.mark.usefixtures("office")


def live(*fields: str) -> Post:
    item = factories.approved(factories.appeal(destinations=["gallery"]), alt_text_fields=fields)
    return amended_posts.live(factories.posted(item, conceals={"gallery": True}))


def shown(post: Post, **changes: Any) -> Seen:
    """What the gallery shows where nobody changed anything, and what was changed."""
    description = parcels.approved_description(post, post.caption)
    known = {"mark": post.mark, "title": post.title, "description": description, "alt_text": post.item.alt_text}
    return Seen(post.remote_id or "", exists=True, visibility=Visibility.PUBLIC, **{**known, **changes})


def test_the_same_text_is_no_difference() -> None:
    post = live("gallery")
    assert comparison.differences(post, shown(post)) == []


def test_another_text_is_reported_as_it_reads_each_time_anew() -> None:
    """Whoever acknowledged one change has not acknowledged the next."""
    post = live("gallery")
    first, second = (
        found
        for text in ("A man.", "Adam Quill.")
        for found in comparison.differences(post, shown(post, alt_text=text))
    )
    assert first.words == f"{post.item.reference} at Gallery has another alternative text than was approved."
    assert (first.theirs, second.theirs) == ("A man.", "Adam Quill.")
    assert first.seen != second.seen


@pytest.mark.parametrize("text", ["", "Whatever."])
def test_a_field_that_was_not_approved_is_held_against_nothing(text: str) -> None:
    post = live()
    assert comparison.differences(post, shown(post, alt_text=text)) == []


def test_a_platform_that_does_not_tell_is_believed() -> None:
    post = live("gallery")
    assert comparison.differences(post, shown(post, alt_text=None)) == []

"""An appeal that is live, for whatever is done to it while it is public."""

from __future__ import annotations

import pytest

from pressqueue.models import Item, Post

from support import factories
from support.amended_posts import live


@pytest.fixture
def post(office: object) -> Post:
    """An appeal that is live."""
    return live(factories.posted(factories.approved(factories.appeal())))


@pytest.fixture
def item(post: Post) -> Item:
    return post.item

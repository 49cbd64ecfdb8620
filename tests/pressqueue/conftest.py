"""An appeal that is live, for whatever is done to it while it is public."""

from __future__ import annotations

import pytest
import world
from amended import live

from pressqueue.models import Item, Post


@pytest.fixture
def post(office: object) -> Post:
    """An appeal that is live."""
    return live(world.posted(world.approved(world.appeal())))


@pytest.fixture
def item(post: Post) -> Item:
    return post.item

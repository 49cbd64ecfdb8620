"""Before a platform is asked again to show a copy, its Package must be what was approved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import packages, publishable
from pressqueue.errors import Forbidden
from pressqueue.models import Package, Post
from pressqueue.moves import leases, posts

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


@pytest.fixture
def revealing() -> Post:
    window = {"publish_from": NOW, "publish_until": NOW + timedelta(hours=9)}
    waiting = factories.posted(factories.approved(factories.feature(title="Rufus", **window)))
    taken = leases.take(waiting, "w1", timedelta(minutes=5), now=NOW)
    assert taken is not None
    hidden = posts.sent(taken, taken.fence, remote_id="r1", url="", media_urls=[], now=NOW)
    return posts.begin_reveal(hidden, hidden.fence, needs_attestation=False, now=NOW)


@pytest.mark.parametrize("fits", [False, True], ids=["its digest left", "its digest made to fit"])
def test_a_package_that_was_changed_past_the_program_is_not_shown(revealing: Post, fits: bool) -> None:
    publishable.check_decided(revealing)  # as it was decided, it may be asked again
    content = revealing.package.content.replace('"comments":false', '"comments":true')
    assert content != revealing.package.content
    digest = packages.digest(content) if fits else revealing.package.digest
    Package.objects.filter(pk=revealing.package_id).update(content=content, digest=digest)
    with pytest.raises(Forbidden):
        publishable.check_decided(Post.objects.get(pk=revealing.pk))

"""What a destination is given of a Post that was sent already."""

from __future__ import annotations

import pytest

from publisher.destinations.base import Visibility
from publisher.publishing import parcels

from support import factories

pytestmark = pytest.mark.usefixtures("office")


@pytest.mark.parametrize("comments", [True, False])
def test_a_reveal_is_told_who_may_comment_as_it_was_approved(comments: bool) -> None:
    post = factories.posted(factories.approved(factories.feature(comments=comments)))
    parcel = parcels.sought(post)
    assert (parcel.kind, parcel.comments, parcel.visibility) == ("feature", comments, Visibility.PUBLIC)
    with pytest.raises(ValueError, match="not sent"):
        parcel.open_body()

"""What taking a whole operation down would change: the same count before, on the page, and after, in its message."""

from __future__ import annotations

from django.db.models import Q

from pressqueue.models import Campaign, Item, Post
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

# Where a platform holds a copy, or may: what is sent and private comes down like what is public.
AT_A_PLATFORM = COUNTS_AS_PUBLIC | {PostState.CONCEALED, PostState.SENDING, PostState.UNSURE}


def to_take_down(campaign: Campaign) -> set[str]:
    """Returns the references of its Items that are not withdrawn, or of which a copy is still at a platform."""
    items = Item.objects.filter(campaign=campaign)
    found = items.filter(~Q(state=ItemState.WITHDRAWN) | Q(posts__state__in=AT_A_PLATFORM))
    return set(found.values_list("reference", flat=True))


def copies(campaign: Campaign) -> int:
    """Returns how many copies are, or may be, at the platforms."""
    return Post.objects.filter(item__campaign=campaign, state__in=AT_A_PLATFORM).count()

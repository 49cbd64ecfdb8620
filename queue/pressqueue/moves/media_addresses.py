"""Direct addresses of published bytes: noted while a thing stands, asked after it is gone until they are gone too.

Deleting a photo does not empty the caches before it: in a test of 2010 a deleted Flickr image answered at its direct
address for 10 to 15 minutes (R26).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet

from pressqueue import locks
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import MediaAddress, Post
from pressqueue.moves import claims


@clean_texts
def note_media(post: Post, fence: int, urls: Iterable[str]) -> None:
    """Add addresses of a Post that were not known before. It deletes none, and changes no state.

    Does nothing where the lease was lost: the next holder looks again.
    """
    known = list(dict.fromkeys([*post.media_urls, *urls]))
    if len(known) > len(post.media_urls) and Post.objects.filter(pk=post.pk, fence=fence).update(media_urls=known):
        post.media_urls = known


@clean_texts
def addresses_due(now: datetime, destinations: Iterable[str]) -> QuerySet[MediaAddress]:
    """Returns addresses that answered at the last request and are due for the next one."""
    standing = MediaAddress.objects.filter(claims.free(now), gone_at__isnull=True, not_before__lte=now)
    ours = Post.objects.filter(pk=OuterRef("post"), destination__in=list(destinations))
    return standing.filter(Exists(ours)).select_related("post__item").order_by("not_before", "pk")


@clean_texts
def lease_address(address: MediaAddress, owner: str, lease: timedelta, *, now: datetime) -> bool:
    """Lease one address for a request. False where another worker was quicker."""
    until = now + lease
    due = MediaAddress.objects.filter(pk=address.pk, gone_at__isnull=True, not_before__lte=now)
    if not claims.claim(due, owner, until, now):
        return False
    address.owner, address.until = owner, until
    return True


@clean_texts
def still_answering(address: MediaAddress, *, not_before: datetime, now: datetime) -> None:
    """Record that the address answers, or that nobody knows: it is requested again from `not_before` on."""
    _mine(address).update(owner="", until=None, checked_at=now, not_before=not_before, tries=F("tries") + 1)


@clean_texts
def address_gone(address: MediaAddress, *, now: datetime) -> bool:
    """Record that the address no longer answers.

    Returns True where it was the last of its Post, which is then logged.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(address.post.item_id, posts=True)
        if _mine(address).update(owner="", until=None, checked_at=now, gone_at=now) != 1:
            return False
        of_post = MediaAddress.objects.filter(post__in=held.posts, post=address.post_id)
        last = not of_post.filter(gone_at__isnull=True).exists()
        if last:
            log.note("media_gone", post=address.post_id, addresses=of_post.count())
    return last


def _mine(address: MediaAddress) -> QuerySet[MediaAddress]:
    """The row while this lease stands: owner and end together are met once only."""
    return MediaAddress.objects.filter(pk=address.pk, owner=address.owner, until=address.until, gone_at__isnull=True)

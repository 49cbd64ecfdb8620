"""Posts come into being: one approved Package at each of its Destinations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pressqueue import locks, packages
from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Item, Post
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState


@clean_texts
def open_posts(item: Item, *, key: bytes, conceals: Mapping[str, bool], due_at: datetime, now: datetime) -> list[Post]:
    """Create the Posts of an approved Item that is due; existing ones stay as they are.

    `conceals` names the configured Destinations. A Post waits for its Booking's hour in `due_at`. Once one stands at
    each of its Destinations, the timetable looks at the Item no more.
    """
    made = []
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk, posts=True)
        package = held.item.package
        if held.item.state != ItemState.APPROVED or package is None:
            return []
        standing = {post.destination for post in held.posts if post.state not in ENDED}
        line = packages.lineage(held.item)
        was_public = {post.destination for post in held.posts if post.package_id in line and post.revealing_at}
        # What was ended because its hour had passed is not made again for the same hour.
        hour = held.booking.pk if held.booking is not None else None
        passed = {
            post.destination
            for post in held.posts
            if post.package_id in line and post.reason == "skipped" and post.booking_id == hour
        }
        for name in held.item.destinations:
            if name in standing | was_public | passed or name not in conceals:
                continue
            post = Post.objects.create(
                item=held.item,
                package=package,
                booking=held.booking,
                destination=name,
                conceals=conceals[name],
                mark=packages.mark(key, held.item, name, package),
                urgency=1 if held.item.kind == Item.Kind.FEATURE else 0,
                due_at=due_at,
                not_before=due_at,
                created_at=now,
            )
            log.note("post_made", post=post.pk, item=item.pk, destination=name, mark=post.mark, package=package.digest)
            made.append(post)
        wanted = {post.destination for post in [*held.posts, *made] if _stays(post)}
        if any(PostState(post.state) in COUNTS_AS_PUBLIC for post in held.posts if _stays(post)):
            wanted |= was_public | passed  # nothing more is made there, and what is public keeps the Item approved
        if set(held.item.destinations) <= wanted:
            held.item.posts_made_at = now
            held.item.save(update_fields=["posts_made_at"])
    return made


def _stays(post: Post) -> bool:
    return post.state not in ENDED and post.take_down_asked_at is None

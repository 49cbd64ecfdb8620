"""Which Posts want a person."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from pressqueue.models import Post
from pressqueue.states import PostState

WANT_A_PERSON = (PostState.FAILED, PostState.BLOCKED, PostState.MISSING)


def posts() -> QuerySet[Post]:
    """Posts that failed, are not as they should be, or need action from an officer."""
    wanted = Q(state__in=WANT_A_PERSON) | Q(parked_at__isnull=False, state__in=_STILL_GOING)
    return Post.objects.filter(wanted).select_related("item", "item__campaign").order_by("urgency", "pk")


_STILL_GOING = [state for state in PostState if state not in (PostState.CANCELLED, PostState.REMOVED)]


def may_retry(post: Post) -> bool:
    """Whether `posts.retry` would take it up again."""
    return post.state == PostState.FAILED or (
        post.parked_at is not None and post.state not in (PostState.BLOCKED, PostState.MISSING)
    )


def may_settle(post: Post) -> bool:
    """Whether an officer may say if it is there."""
    return post.state == PostState.UNSURE

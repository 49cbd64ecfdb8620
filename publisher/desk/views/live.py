"""What is live, what is coming down, and what has come down."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Max, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pressqueue.models import Item, MediaAddress, Post
from pressqueue.moves.takedown import REASONS
from pressqueue.states import OUT_OF_SIGHT, PostState
from publisher.desk import shown
from publisher.desk.access import office
from publisher.disclosure import public_texts

PAGE = 24
MEDIA_URLS_LISTED = 100  # direct addresses listed at most
UP = (PostState.REVEALING, PostState.LIVE, PostState.BLOCKED, PostState.MISSING)
COMING_DOWN = Q(state=PostState.REMOVING) | Q(state__in=OUT_OF_SIGHT, take_down_asked_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One Item with those of its Posts that belong on this page."""

    item: Item
    posts: list[Post]
    files: list[shown.Shown]


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """What the public can see, above it what is not confirmed down yet."""
    up, down = Post.objects.filter(state__in=UP), Post.objects.filter(COMING_DOWN)
    items = Item.objects.filter(posts__in=up).annotate(newest=Max("posts__live_at")).order_by("-newest", "-pk")
    page = Paginator(_with(items.distinct(), up), PAGE).get_page(request.GET.get("page"))
    falling = _with(Item.objects.filter(posts__in=down).distinct().order_by("pk"), down)
    media_urls = MediaAddress.objects.filter(gone_at__isnull=True).select_related("post__item")
    context = {
        "media_urls": media_urls.order_by("post__item__reference", "pk")[:MEDIA_URLS_LISTED],
        "page": page,
        "rows": [_row(item) for item in page],
        "falling": [_row(item) for item in falling],
        "reasons": REASONS,
    }
    return render(request, "desk/live.html", context)


@require_safe
def removed(request: HttpRequest) -> HttpResponse:
    """Tombstones: the number stays, the picture and the words do not (R32)."""
    posts = Post.objects.filter(state=PostState.REMOVED, live_at__isnull=False).select_related("item__campaign")
    page = Paginator(posts.order_by("-removed_at", "-pk"), 50).get_page(request.GET.get("page"))
    force = office().identity.name
    rows = [
        (post, REASONS.get(post.reason, post.reason.replace("_", " ").capitalize()),
         public_texts.tombstone(post.item, force))
        for post in page
    ]  # fmt: skip
    return render(request, "desk/removed.html", {"page": page, "rows": rows})


def _with(items: QuerySet[Item], posts: QuerySet[Post]) -> QuerySet[Item]:
    chosen = Prefetch("posts", queryset=posts.order_by("destination"), to_attr="chosen_posts")
    return items.select_related("campaign", "package").prefetch_related("renditions", chosen)


def _row(item: Item) -> Row:
    posts: list[Post] = item.chosen_posts  # type: ignore[attr-defined]  # set by the Prefetch above
    return Row(item, posts, shown.files_of(item))

"""What needs action: notices, and Posts the machine cannot go on with alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pressqueue import powers
from pressqueue.destination_names import name_of
from pressqueue.models import Notice, Post
from pressqueue.moves import posts as post_moves
from pressqueue.moves import takedown
from pressqueue.moves.leases import database_now
from pressqueue.states import PostState
from publisher.desk import attention
from publisher.desk.access import actor_of, office
from publisher.desk.forms.platforms import FoundForm
from publisher.workers import plugins


@require_safe
def needed(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Take a Post up again."""
    post = post_moves.retry(actor_of(request), _post(number), now=database_now())
    messages.success(request, f"{post.item.reference} is tried again at {name_of(post.destination)}.")
    return redirect("attention")


@require_POST
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """An officer looked at the platform: it is there, by this number, or it is not there."""
    post = _post(number)
    forget = plugins.temporary_keys(office(), post.destination)
    if request.POST.get("answer") == "absent":
        post_moves.settle(actor_of(request), post, there=None, forget=forget, now=database_now())
        messages.success(request, f"Recorded: {post.item.reference} is not there at {name_of(post.destination)}.")
        return redirect("attention")
    form = FoundForm(request.POST, prefix=f"post{post.pk}")
    if not form.is_valid():
        return _page(request, answered=(post.pk, form), code=400)
    there = form.cleaned_data["remote_id"]
    post_moves.settle(actor_of(request), post, there=there, forget=forget, now=database_now())
    messages.success(
        request,
        f"Noted: Publisher checks {there} at {name_of(post.destination)} now and adopts it if it has the Item's Mark.",
    )
    return redirect("attention")


@require_POST
def by_hand(request: HttpRequest, number: int) -> HttpResponse:
    """An officer removed it at the platform. It still counts as down only when the platform says so."""
    post = takedown.by_hand(actor_of(request), _post(number), now=database_now())
    messages.success(request, f"Noted. {post.item.reference} is looked at now at {name_of(post.destination)}.")
    return redirect("item", post.item.reference)


def _post(number: int) -> Post:
    post = Post.objects.select_related("item").filter(pk=number).first()
    if post is None:
        raise Http404("There is no such Post.")
    return post


def _page(request: HttpRequest, answered: tuple[int, FoundForm] | None = None, code: int = 200) -> HttpResponse:
    unsure = Post.objects.select_related("item", "item__campaign").filter(state=PostState.UNSURE)
    posts = {post.pk: post for post in [*attention.posts(), *unsure]}
    if answered and answered[0] not in posts:
        raise Http404("This Post wants no answer.")
    rows, actor = [], actor_of(request)
    may_retry, may_settle = powers.allows(actor, "retry"), powers.allows(actor, "settle")
    for post in posts.values():
        form = None
        if may_settle and attention.may_settle(post):
            sent_in = answered is not None and answered[0] == post.pk
            form = answered[1] if answered and sent_in else FoundForm(prefix=f"post{post.pk}")
        rows.append((post, may_retry and attention.may_retry(post), form))
    notices = Notice.objects.filter(cleared_at__isnull=True).order_by("-raised_at", "-pk")
    context = {"notices": notices, "rows": rows, "forms_with_errors": [answered[1]] if answered else []}
    return render(request, "desk/attention.html", context, status=code)

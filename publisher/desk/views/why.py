"""Why an officer looks at pictures of people sought: asked once a sitting (R37), then on to where they were going."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from pressqueue import durations, policy, sittings
from pressqueue.models import Item
from pressqueue.moves import viewing
from pressqueue.moves.leases import database_now
from publisher.desk.access import actor_of, session_of, sitting_of
from publisher.desk.forms.reasons import WhyForm


@require_http_methods(["GET", "HEAD", "POST"])
def access_reason(request: HttpRequest) -> HttpResponse:
    """The page. Who has said it already goes on at once."""
    going_to = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST" and sitting_of(request) is not None:
        return redirect(going_to)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        viewing.begin_sitting(actor_of(request), session_of(request), form.cleaned_data["why"], now=database_now())
        return redirect(going_to)
    rules = policy.current()
    context = {
        "form": form,
        "next": going_to,
        "idle": durations.text(rules.sitting_idle),
        "longest": durations.text(rules.sitting_longest),
    }
    return render(request, "desk/why.html", context, status=400 if form.errors else 200)


def asked(request: HttpRequest, item: Item, going_to: str) -> HttpResponseRedirect | None:
    """The way to that page where this officer has not said why; None where nothing is to be asked."""
    if not sittings.asks_why(item) or sitting_of(request) is not None:
        return None
    return HttpResponseRedirect(f"{reverse('why')}?{urlencode({'next': going_to})}")


def _safe(request: HttpRequest, address: str) -> str:
    """Only on to this desk, and never back to the question; else to the first page."""
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    home, question = resolve_url("waiting"), reverse("why")
    return home if not ours or question in address.partition("?")[0] else address

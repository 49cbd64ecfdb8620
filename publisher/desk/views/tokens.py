"""An officer's own tokens for the command line."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pressqueue.errors import Forbidden
from pressqueue.models import PersonalToken
from pressqueue.moves import officers
from pressqueue.moves.leases import database_now
from publisher.desk import refusals
from publisher.desk.access import actor_of, officer_of
from publisher.desk.forms.tokens import TokenForm
from publisher.desk.views import signing_in


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and a new one; its value is on the answer to the form and nowhere else, ever."""
    form, value, said, code = TokenForm(request.POST or None), "", [], 200
    if request.method == "POST" and form.is_valid() and signing_in.is_their_password(request, form, "present"):
        cleaned = form.cleaned_data
        try:
            value = officers.issue_token(
                actor_of(request), label=cleaned["label"], scope=cleaned["scope"], life=form.life(), now=database_now()
            )
            form = TokenForm()
        except Forbidden as refused:
            said, code = refusals.sentences(refused), 403
    elif form.errors:
        code = 400
    own = PersonalToken.objects.filter(officer=officer_of(request)).order_by("-created_at", "-pk")
    context = {"form": form, "value": value, "tokens": own, "refusals": said, "now": database_now()}
    return render(request, "desk/tokens.html", context, status=code)


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own tokens at once."""
    token = PersonalToken.objects.filter(pk=number, officer=officer_of(request)).first()
    if token is None:
        raise Http404("You have no such token.")
    officers.revoke_token(actor_of(request), token, now=database_now())
    messages.success(request, f"The token “{token.label}” no longer works.")
    return redirect("tokens")

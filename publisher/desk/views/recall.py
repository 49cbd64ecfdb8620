"""The page behind the link of a recall notice: nobody signs in for it, and opening it changes nothing.

Mail scanners open every link of a mail, so only the button acknowledges.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pressqueue.moves import recalls as recall_moves
from pressqueue.moves.leases import database_now
from publisher.disclosure import recalls


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked; POST acknowledges, once."""
    digest = recalls.digest(token)
    found = (
        recall_moves.acknowledge_by_link(digest, now=database_now())
        if request.method == "POST"
        else recall_moves.by_token(digest)
    )
    return render(request, "desk/recall.html", {"recall": found})

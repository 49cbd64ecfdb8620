"""Refusals become pages: the domain's sentences, with the answer code that fits."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from pressqueue.errors import Forbidden, GatesClosed, NotFound, QueueError
from publisher.configuration.office_file import Misconfigured
from publisher.desk.fit import Unfit
from publisher.media.errors import BadMedia, Damaged
from publisher.workers import trouble

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_CODES: tuple[tuple[type[Exception], int], ...] = (
    (GatesClosed, 409),
    (Forbidden, 403),
    (NotFound, 404),
    (Damaged, 500),
    (BadMedia, 400),
    (Misconfigured, 500),
    (QueueError, 409),
)


def sentences(error: Exception) -> list[str]:
    """Every sentence of a refusal, each with its rule's number where a rule refused."""
    if isinstance(error, Unfit):
        return error.found
    if isinstance(error, GatesClosed):
        return [f"{sentence} (Rule {number})" for number, sentence in error.failures]
    return [str(error)]


def code_of(error: Exception) -> int:
    """403: not this person, or not allowed; 409: not as things stand.

    Four eyes is about the person, whatever they were shown.
    """
    if isinstance(error, GatesClosed) and {number for number, _ in error.failures} - {"R6"} == {"R2"}:
        return 403
    return next(code for kind, code in _CODES if isinstance(error, kind))


class RefusalsInWords:
    """Middleware: what a view lets pass becomes a page that says what was refused and how to go on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, tuple(kind for kind, _ in _CODES)):
            return None
        return render(request, "desk/refused.html", {"refusals": sentences(error)}, status=code_of(error))


def fault(request: HttpRequest) -> HttpResponse:
    """The last page (`handler500`): a full disk and a busy database in words, anything else as our mistake.

    It asks nothing of the database, which may be what failed.
    """
    words = trouble.at_the_desk(sys.exc_info()[1])
    return HttpResponse(render_to_string("500.html", {"words": words}), status=503 if words else 500)

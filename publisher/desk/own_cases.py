"""An account that is an officer in the case's and nothing else reads its own cases only, whatever reason it types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from pressqueue.models import Item, Officer

GetResponse = Callable[[HttpRequest], HttpResponseBase]
NOT_YOURS = "This is not your case, so its record and pictures are not shown to you. Ask the press office."


class OwnCases:
    """Middleware: asked of every page of an Item or a person, by their number in its address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        officer = request.user
        if not isinstance(officer, Officer) or not _only_own(officer):
            return None
        meant = _meant(kwargs)
        if meant is None or not meant.exists() or meant.filter(_theirs(officer)).exists():
            return None
        return render(request, "desk/refused.html", {"refusals": [NOT_YOURS]}, status=403)


def _only_own(officer: Officer) -> bool:
    return officer.investigator and not (officer.may_author or officer.may_approve or officer.administrator)


def _theirs(officer: Officer) -> Q:
    """A feature has no case. What this officer handed in or wrote is theirs as well."""
    return Q(kind=Item.Kind.FEATURE) | Q(appeal_record__investigator=officer) | Q(author=officer)


def _meant(kwargs: Mapping[str, Any]) -> QuerySet[Item] | None:
    """The Items that the address is about: one, or all that show a person; None where it is about neither."""
    named = str(kwargs.get("reference") or kwargs.get("number") or "").upper()
    if "reference" not in kwargs and not isinstance(kwargs.get("number"), str):
        return None
    return Item.objects.filter(Q(reference=named) | Q(subjects__number=named))

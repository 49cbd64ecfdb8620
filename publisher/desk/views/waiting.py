"""What waits: for a decision first, then what is being prepared, written, or queued to go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pressqueue import sittings
from pressqueue.models import Amendment, Item, Officer
from pressqueue.moves.leases import database_now
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState
from publisher.desk import missing, shown, words
from publisher.desk.access import officer_of
from publisher.scheduling import schedule_text as outlook

PAGE = 20
ORDER = (ItemState.IN_REVIEW, ItemState.SUBMITTED, ItemState.DRAFT, ItemState.APPROVED)


@dataclass(frozen=True, slots=True)
class Row:
    """One Item in the list."""

    item: Item
    files: list[shown.Shown]
    outlook: outlook.Outlook
    ahead: list[missing.Missing]  # what is asked before its hour
    mine: bool
    shows: list[str]  # numbers of people


@dataclass(frozen=True, slots=True)
class Filter:
    """One link above the list."""

    state: str
    words: str
    count: int
    chosen: bool


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """The list; `?state=` shows one state only."""
    now, officer = database_now(), officer_of(request)
    unpublished = Item.objects.filter(state__in=ORDER).exclude(posts__state__in=COUNTS_AS_PUBLIC)
    chosen = request.GET.get("state", "")
    items = unpublished.filter(state=chosen) if chosen in ORDER else unpublished
    ranks = Case(
        *[When(state=state, then=Value(rank)) for rank, state in enumerate(ORDER)], output_field=IntegerField()
    )
    items = items.select_related("campaign", "author", "original", "package").prefetch_related("renditions", "subjects")
    page = Paginator(items.order_by(ranks, "queue_order", "pk"), PAGE).get_page(request.GET.get("page"))
    rows = [_row(item, officer, now) for item in page]
    counts = {state: unpublished.filter(state=state).count() for state in ORDER}
    filters = [Filter("", "All", sum(counts.values()), chosen not in ORDER)]
    filters += [Filter(state, words.of_item(state), counts[state], chosen == state) for state in ORDER]
    amendments = Amendment.objects.filter(state=Amendment.State.DRAFTED).select_related("item", "drafted_by")
    context = {
        "rows": rows, "page": page, "filters": filters, "chosen": chosen, "now": now,
        "amendments": list(amendments.order_by("drafted_at")), "to_decide": sittings.to_decide(officer).count(),
    }  # fmt: skip
    return render(request, "desk/waiting.html", context)


def _row(item: Item, officer: Officer, now: datetime) -> Row:
    numbers = sorted(subject.number for subject in item.subjects.all())
    return Row(
        item,
        shown.files_of(item),
        outlook.of(item, now),
        missing.before_its_hour(item, now),
        item.author_id == officer.pk,
        numbers,
    )

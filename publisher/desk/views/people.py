"""A person sought: the answers, the checks of proceedings, what shows them, and what became of the search."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pressqueue.errors import QueueError
from pressqueue.gates.checks import who_counts
from pressqueue.models import Item, ProceedingsCheck, Subject
from pressqueue.moves import subjects
from pressqueue.moves.leases import database_now
from pressqueue.proceedings import WORDS, Proceedings
from publisher.desk import recorded, refusals
from publisher.desk.access import actor_of, officer_of
from publisher.desk.forms.people import CheckForm, OutcomeForm
from publisher.desk.record_form import DescribeForm


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, number: str) -> HttpResponse:
    """The page, and the outcome: any officer, alone, in one action (R25)."""
    subject = _numbered(number)
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        became = form.cleaned_data["outcome"]
        done = subjects.outcome(actor_of(request), subject, became, now=database_now())
        messages.success(request, _told(subject, became, len(done)))
        return redirect("live" if done else "person", *([] if done else [subject.number]))
    return _page(request, subject, outcome=form, code=400 if form.errors else 200)


@require_POST
def describe(request: HttpRequest, number: str) -> HttpResponse:
    """The answers. Items that show the person and are not public go back to review."""
    subject = _numbered(number)
    form = DescribeForm(subject, request.POST)
    if not form.is_valid():
        return _page(request, subject, describe=form, code=400)
    changes = form.changes()
    try:
        subjects.describe(actor_of(request), subject, changes, now=database_now())
    except QueueError as refused:
        return _page(request, _numbered(number), describe=form, refused=refused, code=refusals.code_of(refused))
    messages.success(request, f"The answers for {subject.number} are saved." if changes else "Nothing was changed.")
    return redirect("person", subject.number)


@require_POST
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody looked up the proceedings; what they forbid comes down in the same move."""
    subject, form = _numbered(number), CheckForm(request.POST, prefix="check")
    if not form.is_valid():
        return _page(request, subject, check=form, code=400)
    answered = form.cleaned_data
    try:
        down = subjects.record_check(
            actor_of(request), subject, answered["state"], name=answered["name"], at=answered["at"],
            confirmed_by=answered["confirmed_by"], now=database_now(),
        )  # fmt: skip
    except QueueError as refused:
        return _page(request, subject, check=form, refused=refused, code=refusals.code_of(refused))
    messages.success(request, _checked(subject, down))
    return redirect("live" if down else "person", *([] if down else [subject.number]))


def _numbered(number: str) -> Subject:
    subject = Subject.objects.select_related("campaign").filter(number=number.upper()).first()
    if subject is None:
        raise Http404(f"There is no person {number}.")
    return subject


def _page(
    request: HttpRequest,
    subject: Subject,
    *,
    describe: DescribeForm | None = None,
    check: CheckForm | None = None,
    outcome: OutcomeForm | None = None,
    refused: QueueError | None = None,
    code: int = 200,
) -> HttpResponse:
    """The page; with a form that was refused it says why, and keeps what was typed."""
    given: list[forms.Form | None] = [describe, check, outcome]
    ended = subject.outcome in subjects.ENDINGS
    context = {
        "subject": subject,
        "items": subject.items.order_by("reference"),
        "answers": recorded.of_person(subject),
        "describe": (describe or DescribeForm(subject)) if officer_of(request).may_author else None,
        "check_form": check or CheckForm(prefix="check"),
        "proceedings": recorded.proceedings_of(subject),
        "who_counts": who_counts(named=False),
        "checks": [(each, WORDS[Proceedings(each.state)]) for each in _checks_of(subject)],
        "form": outcome or OutcomeForm(),
        "ended": ended,
        "outcome": OutcomeForm.WORDS.get(subject.outcome, ""),
        "refusals": refusals.sentences(refused) if refused else [],
        "forms_with_errors": [form for form in given if form is not None and form.errors],
    }
    return render(request, "desk/person.html", context, status=code)


def _checks_of(subject: Subject) -> QuerySet[ProceedingsCheck]:
    return subject.checks.select_related("by").order_by("-at", "-pk")


def _checked(subject: Subject, down: list[Item]) -> str:
    message = f"Recorded for {subject.number}."
    if not down and (kept := subject.checks.order_by("-pk").first()) and kept.note:
        return f"{message} It is a note and confirms nothing. {who_counts(named=False)}"
    if not down:
        return f"{message} Nothing comes down because of it."
    named = ", ".join(each.reference for each in down)
    return f"{message} Taking {named} down has begun; each copy counts as down only when its platform confirms it."


def _told(subject: Subject, became: str, count: int) -> str:
    if became not in subjects.ENDINGS:
        return f"{subject.number} is listed for an officer to review. Nothing comes down."
    return (
        f"Recorded for {subject.number}. {count} Item{'s are' if count != 1 else ' is'} withdrawn; each copy counts as "
        "down only when its platform confirms it."
    )

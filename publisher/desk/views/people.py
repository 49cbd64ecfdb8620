"""A person sought: the number, what shows it, and what became of the search. There is no name to be shown."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pressqueue import moves
from pressqueue.leases import database_now
from pressqueue.models import Subject
from publisher.desk.access import actor_of
from publisher.desk.forms import OutcomeForm


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, number: str) -> HttpResponse:
    """The page, and the outcome: any officer, alone, in one action (R25)."""
    subject = Subject.objects.select_related("campaign").filter(number=number.upper()).first()
    if subject is None:
        raise Http404(f"There is no person {number}.")
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        became = form.cleaned_data["outcome"]
        done = moves.outcome(actor_of(request), subject, became, now=database_now())
        messages.success(request, _told(subject, became, len(done)))
        return redirect("live" if done else "person", *([] if done else [subject.number]))
    items = subject.items.order_by("reference")
    context = {
        "subject": subject,
        "items": items,
        "form": form,
        "ended": subject.outcome in moves.ENDINGS,
        "outcome": OutcomeForm.WORDS.get(subject.outcome, ""),
    }
    return render(request, "desk/person.html", context, status=400 if form.errors else 200)


def _told(subject: Subject, became: str, count: int) -> str:
    if became not in moves.ENDINGS:
        return f"{subject.number} is put before a person to be reviewed. Nothing comes down."
    return (
        f"Recorded for {subject.number}. {count} Item{'s are' if count != 1 else ' is'} withdrawn; each copy counts as "
        "down only when its platform confirms it."
    )

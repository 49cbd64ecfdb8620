"""What is public is amended, or kept up after a review: drafted by one, decided by another, and up meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pressqueue.errors import QueueError
from pressqueue.models import Amendment, Item
from pressqueue.moves import amendment_trial
from pressqueue.moves import amendments as amendment_moves
from pressqueue.moves.leases import database_now
from publisher.desk import captions, decision, fit, recorded, refusals, shown, verification
from publisher.desk.access import actor_of, item_named, officer_of
from publisher.desk.forms.amending import ReviewForm, WordsForm
from publisher.desk.forms.decisions import ApproveForm
from publisher.desk.forms.reasons import ReasonForm
from publisher.desk.questions import QUESTIONS
from publisher.desk.record_form import RecordForm
from publisher.desk.views.files import SHOWN
from publisher.desk.views.why import asked

_TOKENS = re.compile(r"\S+\s*")
_WORDS = {
    "title": "Title", "caption": "Caption", "alt_text": "Alternative text", "tags": "Tags",
    "expires_at": "Taken down on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One text or answer as it would be: ("", "out" or "in", words) in the order they are read."""

    label: str
    parts: list[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def amendment(request: HttpRequest, reference: str) -> HttpResponse:
    """The page: what waits to be decided, or the forms to draft an amendment and a review. POST drafts one."""
    item = item_named(reference)
    if request.method != "POST":  # what was typed is never lost to a sitting that ended meanwhile
        return asked(request, item, request.get_full_path()) or _page(request, item)
    words = WordsForm(item, request.POST)
    if request.POST.get("then") == "row":
        return _page(request, item, words=words, record=_record(item, typed=request.POST))
    record = _record(item, request.POST)
    if not (words.is_valid() and record.is_valid()):
        return _page(request, item, words=words, record=record, code=400)
    changes, answers = words.changes(), record.changes()
    try:
        with transaction.atomic():  # what no platform would take is never drafted
            why = words.cleaned_data["reason"]
            drafted = amendment_moves.amend(actor_of(request), item, why, record=answers, now=database_now(), **changes)
            with amendment_trial.proposed(drafted.item, drafted):
                fit.demand(drafted.item, amending=True)
    except QueueError as refused:
        fresh = item_named(reference)
        return _page(request, fresh, words=words, record=record, refused=refused, code=refusals.code_of(refused))
    messages.success(
        request, f"The amendment of {item.reference} is drafted. What is public stays until it is approved."
    )
    return redirect("amendment", item.reference)


@require_POST
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Review and keep it published."""
    item = item_named(reference)
    form = ReviewForm(item, amendment_trial.review_due(item), request.POST)
    if not form.is_valid():
        return _page(request, item, review=form, code=400)
    try:
        amendment_moves.draft_review(
            actor_of(request), item, form.cleaned_data["necessity"], now=database_now(), **form.dates()
        )  # fmt: skip
    except QueueError as refused:
        return _page(request, item_named(reference), review=form, refused=refused, code=refusals.code_of(refused))
    messages.success(request, f"The review of {item.reference} is drafted. A second person decides.")
    return redirect("amendment", item.reference)


@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """The decision, for exactly the digest that was on the page."""
    item = item_named(reference)
    form = ApproveForm(item, request.POST)
    if not form.is_valid():
        return _page(request, item, approve=form, code=400)
    deciding = decision.said(request, item, form)
    try:
        amendment_moves.approve_amendment(
            actor_of(request), item, form.cleaned_data["digest"], deciding=deciding, now=database_now()
        )  # fmt: skip
    except QueueError as refused:
        return _page(request, item_named(reference), approve=form, refused=refused, code=refusals.code_of(refused))
    if (found := amendment_trial.drafted(item_named(reference))) is not None:
        wanting = _wanting(item_named(reference), found)
        messages.success(request, f"Your approval is kept. {' '.join(wanting)}")
        return redirect("amendment", item.reference)
    messages.success(request, f"{item.reference} is amended. Each place is written and read back next.")
    return redirect("item", item.reference)


@require_POST
def drop(request: HttpRequest, reference: str) -> HttpResponse:
    """It is not to be; what is public stays as it is."""
    item, form = item_named(reference), ReasonForm(request.POST, prefix="drop")
    if not form.is_valid():
        return _page(request, item, dropping=form, code=400)
    amendment_moves.drop_amendment(actor_of(request), item, form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"The amendment of {item.reference} is dropped. What is public stays as it is.")
    return redirect("item", item.reference)


def _record(item: Item, data: Any = None, *, typed: Any = None) -> RecordForm:
    return RecordForm(item, data, typed=typed, without=amendment_trial.REVIEW)


def _wanting(item: Item, found: Amendment) -> list[str]:
    with amendment_trial.proposed(item, found):
        return shown.wanting(item, database_now(), found.package)


def _page(
    request: HttpRequest,
    item: Item,
    *,
    words: WordsForm | None = None,
    record: RecordForm | None = None,
    review: ReviewForm | None = None,
    approve: ApproveForm | None = None,
    dropping: ReasonForm | None = None,
    refused: QueueError | None = None,
    code: int = 200,
) -> HttpResponse:
    """With a form that was refused it says why, and keeps what was typed."""
    officer, found = officer_of(request), amendment_trial.drafted(item)
    given: list[forms.Form | None] = [words, record, review, approve, dropping]
    context: dict[str, Any] = {
        "item": item,
        "amendment": found,
        "files": shown.files_of(item),
        "original_shown": item.original.kind == "still" and item.original.media_type in SHOWN,
        "amendable": amendment_trial.may_be_amended(item),
        "may_draft": officer.may_author,
        "dropped": item.amendments.filter(state=Amendment.State.DROPPED, refusal__gt="").order_by("-pk").first(),
        "refusals": refusals.sentences(refused) if refused else [],
        "forms_with_errors": [form for form in given if form is not None and form.errors],
    }
    if found is not None:
        context |= _to_decide(request, item, found, approve, dropping)
    elif context["amendable"] and officer.may_author:
        answers = record or _record(item)
        context |= {
            "words": words or WordsForm(item),
            "answers": answers,
            "groups": list(answers.groups()),
            "review": review or ReviewForm(item, amendment_trial.review_due(item)),
        }
    return render(request, "desk/amendment.html", context, status=code)


def _to_decide(
    request: HttpRequest, item: Item, found: Amendment, approve: ApproveForm | None, dropping: ReasonForm | None
) -> dict[str, Any]:
    """The Item as it would be, for whoever decides."""
    officer, now = officer_of(request), database_now()
    if approve is not None and approve.data.get("digest") != found.package.digest:
        approve = None  # its tick was for another version
    changes = [_change(item, difference) for difference in amendment_trial.differences(found)]
    with amendment_trial.proposed(item, found):
        return {
            "changes": changes,
            "reads": {
                "title": item.title,
                "captions": captions.of(item, found.package),
                "alt_text": item.alt_text,
                "tags": list(item.tags),
            },
            **decision.asked_of(request, item, now, found.package),
            **verification.of(item, officer, now, found.package),
            "emergency": None,
            "glass": None,
            "approve": approve or ApproveForm(item, initial={"digest": found.package.digest}),
            "dropping": dropping or ReasonForm(prefix="drop"),
            "may_drop": officer.may_author or officer.may_approve,
        }


def _change(item: Item, each: amendment_trial.Difference) -> Change:
    if not each.is_record:
        before, after = (recorded.lines_of(each.name, value) for value in (each.before, each.after))
        return Change(_WORDS[each.name], marked(before, after))
    values = (amendment_trial.answer_of(item, each.name, value) for value in (each.before, each.after))
    before, after = (recorded.lines(each.name, value) for value in values)
    return Change(QUESTIONS[each.name].label, marked(before, after))


def marked(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """What goes ("out"), what comes ("in") and what stays (""), in words; lines stay lines."""
    old, new = (_TOKENS.findall("\n".join(lines)) for lines in (before, after))
    parts: list[tuple[str, str]] = []
    for how, out_from, out_to, in_from, in_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            parts.append(("", "".join(new[in_from:in_to])))
            continue
        parts += [("out", "".join(old[out_from:out_to])), ("in", "".join(new[in_from:in_to]))]
    return [(how, words) for how, words in parts if words]

"""One still after another in one sitting (R50): each is looked at and decided on its own. Nothing decides several."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from pressqueue import sittings
from pressqueue.errors import Forbidden
from pressqueue.models import Approval, Item
from pressqueue.moves.leases import database_now
from pressqueue.states import ItemState
from publisher.desk import decision, facts, refusals, shown, verification
from publisher.desk.access import item_named, officer_of, session_of, sitting_of
from publisher.desk.forms.decisions import ApproveForm
from publisher.desk.forms.reasons import ReasonForm
from publisher.desk.views import deciding

SKIPPED = "skipped"  # in the signed-in session: the Packages put aside, so that a changed one comes up again
LAST = 5  # decisions shown below; all of them have a page


@require_safe
def sitting(request: HttpRequest) -> HttpResponse:
    """The next still that waits for this officer."""
    officer = officer_of(request)
    if not officer.may_approve:
        raise Forbidden("Only an account with the approver role decides.")
    if sitting_of(request) is None:
        return HttpResponseRedirect(f"{reverse('why')}?{urlencode({'next': reverse('sitting')})}")
    found = sittings.to_decide(officer).exclude(package__in=_skipped(request)).first()
    return _page(request, item_named(found.reference) if found else None)


@require_safe
def decided(request: HttpRequest) -> HttpResponse:
    """Everything that was decided here, with the seconds of each."""
    rows = sittings.decisions(officer_of(request), session_of(request))
    return render(request, "desk/decided.html", {"rows": rows})


@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """This one, for exactly the digest that was on the page; then on to the next."""
    return deciding.approve(request, reference, _HERE)


@require_POST
def send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """This one goes back to its author, with a reason; then on to the next."""
    return deciding.send_back(request, reference, _HERE)


@require_POST
def skip(request: HttpRequest, reference: str) -> HttpResponse:
    """Nothing is decided about this one; it waits, and the next comes up."""
    found = item_named(reference)
    if found.package_id is not None:
        request.session[SKIPPED] = sorted({*_skipped(request), found.package_id})
    return redirect("sitting")


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """What was skipped comes up again."""
    request.session.pop(SKIPPED, None)
    return redirect("sitting")


def _skipped(request: HttpRequest) -> list[int]:
    return list(request.session.get(SKIPPED, []))


def _page(
    request: HttpRequest,
    found: Item | None,
    *,
    approve: ApproveForm | None = None,
    send_back: ReasonForm | None = None,
    refused: Exception | None = None,
    code: int = 200,
) -> HttpResponse:
    """One still, and how far the row has come; without one, that nothing waits."""
    officer = officer_of(request)
    waiting, skipped = sittings.to_decide(officer), _skipped(request)
    made = sittings.decisions(officer, session_of(request))
    left_aside = waiting.filter(package__in=skipped).count()
    context: dict[str, Any] = {
        "decided": made[:LAST],
        "count": len(made),
        "approved": sum(each.approved for each in made),
        "remaining": waiting.count() - left_aside,
        "skipped": left_aside,
        "refusals": refusals.sentences(refused) if refused else [],
        "forms_with_errors": [form for form in (approve, send_back) if form is not None and form.errors],
    }
    if found is not None:
        context |= _about(request, found, approve)
        if refused is None:  # the pictures on the page count as it loads: only what it cannot show is asked for
            context["still_to_see"] = [] if context["original_shown"] else context["still_to_see"][:1]
        context["send_back"] = send_back or ReasonForm(prefix="back")
    return render(request, "desk/sitting.html", context, status=code)


def _about(request: HttpRequest, found: Item, approve: ApproveForm | None) -> dict[str, Any]:
    """The picture, what is read beside it, and its own two forms."""
    officer, now = officer_of(request), database_now()
    digest = found.package.digest if found.package else ""
    if approve is not None and approve.data.get("digest") != digest:
        approve = None  # its ticks were for another version
    return {
        **facts.of(found, now),
        **decision.asked_of(request, found, now, batch=True),
        **verification.of(found, officer, now),
        "approve": approve or ApproveForm(found, initial={"digest": digest}),
    }


def _again(request: HttpRequest, found: Item, *, refused: Exception | None = None, **given: Any) -> HttpResponse:
    """The same picture with what stood in the way; the next one where somebody else has decided meanwhile."""
    if refused is not None and found.state != ItemState.IN_REVIEW:
        messages.error(request, " ".join(refusals.sentences(refused)))
        return redirect("sitting")
    return _page(request, found, refused=refused, **given)


def _approved(item: Item, approval: Approval) -> str:
    wanting = " ".join(shown.wanting(item, database_now()))
    outcome = f"your approval is kept. {wanting}" if wanting else "approved."
    return f"{item.reference} after {approval.seconds or 0:.1f} seconds: {outcome}"


_HERE = deciding.Place(_again, _approved, sent_back="{}: sent back to its author.", leads_to="sitting", batch=True)

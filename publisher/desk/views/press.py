"""Press packs: to whom, under which embargo, and what was given out before (R31)."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Item
from pressqueue.moves import press_packs as press_pack_moves
from pressqueue.moves.leases import database_now
from publisher.desk import refusals
from publisher.desk.access import actor_of, item_named, office
from publisher.desk.forms.press import PressPackForm
from publisher.desk.views.files import consulted
from publisher.desk.views.why import asked
from publisher.disclosure import press_packs


@require_http_methods(["GET", "HEAD", "POST"])
def press_pack(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The form, and the download itself: on record before its first byte goes out."""
    item, now = item_named(reference), database_now()
    if question := asked(request, item, request.path):
        return question
    ahead = item.publish_from if item.publish_from is not None and item.publish_from > now else None
    form = PressPackForm(request.POST or None, initial={"embargo_until": ahead})
    if request.method != "POST" or not form.is_valid():
        return _page(request, item, form)
    given = press_pack_moves.Recipient(*(form.cleaned_data[part] for part in ("organisation", "name", "email")))
    until = form.cleaned_data["embargo_until"]
    try:
        pack = press_packs.give_out(actor_of(request), item, given, until, office=office(), now=now)
    except (Forbidden, GatesClosed) as refused:
        return _page(request, item_named(reference), form, refused)
    published = set(item.renditions.values_list("sha256", flat=True))
    for file in pack.disclosure.files:
        if file["sha256"] in published:  # the pictures in it are read as much as on a page (R37)
            consulted(request, item, file["sha256"])
    response = FileResponse(pack.file, as_attachment=True, filename=pack.filename, content_type="application/zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    request: HttpRequest, item: Item, form: PressPackForm, refused: Forbidden | GatesClosed | None = None
) -> HttpResponse:
    context = {
        "item": item,
        "form": form,
        "refusals": refusals.sentences(refused) if refused else [],
        "conditions": press_pack_moves.conditions_of(item),
        "given": item.disclosures.select_related("given_by").order_by("-pk"),
        "recalls": item.recalls.order_by("-pk"),
    }
    code = refusals.code_of(refused) if refused else 400 if form.errors else 200
    return render(request, "desk/press_pack.html", context, status=code)

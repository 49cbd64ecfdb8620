"""`list` and `audit verify`: what there is, and whether the log of it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli import showing
from publisher.cli.door import AsJson, Open, enter
from publisher.cli.items import described, standing
from publisher.cli.moments import iso, shown
from publisher.cli.speech import Declined, table, tell

if TYPE_CHECKING:
    from pressqueue.models import Item

audit = typer.Typer(help="The audit log.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command("list")(listing)
    app.command("show")(showing.show)
    app.add_typer(audit, name="audit")


def listing(
    context: typer.Context,
    attention: Annotated[bool, typer.Option("--attention", help="Only what a person must look at now.")] = False,
    state: Annotated[str, typer.Option(help="Only Items in this state, or with a Post in it.")] = "",
    campaign: Annotated[str, typer.Option(help="Only this campaign's.")] = "",
    as_json: AsJson = False,
) -> None:
    """The queue: every Item, where it stands, and where its copies are."""
    here = enter(context)
    if attention:
        _attention(here, as_json)
        return
    items = _selected(state, campaign)
    rows = [
        (each.reference, each.kind, each.campaign.slug, each.state + (" (held)" if each.held else ""),
         shown(each.publish_from, here.office.identity.zone), each.title, standing(each))
        for each in items
    ]  # fmt: skip
    headings = ("reference", "kind", "campaign", "state", "from", "title", "copies")
    tell({"items": [described(each) for each in items]}, as_json, lambda: table(*headings, rows=rows))


def _selected(state: str, campaign: str) -> list[Item]:
    from django.db.models import Q

    from pressqueue.models import Item
    from pressqueue.states import ItemState, PostState
    from publisher.cli.campaigns import find as find_campaign

    items = Item.objects.select_related("campaign", "author").prefetch_related("posts")
    if state:
        known = [*ItemState, *(each for each in PostState)]
        if state not in known:
            raise Declined(f"“{state}” is no state. Items: {', '.join(ItemState)}. Posts: {', '.join(PostState)}.")
        items = items.filter(Q(state=state) | Q(posts__state=state)).distinct()
    if campaign:
        items = items.filter(campaign=find_campaign(campaign))
    return list(items.order_by("campaign__slug", "queue_order", "pk"))


def _attention(here: Open, as_json: bool) -> None:
    from pressqueue.models import Notice

    notices = list(Notice.objects.filter(cleared_at__isnull=True).order_by("raised_at", "pk"))
    payload = {
        "notices": [
            {"cause": each.cause, "reference": each.reference, "words": each.words, "raised_at": iso(each.raised_at)}
            for each in notices
        ]
    }
    rows = [(shown(each.raised_at, here.office.identity.zone), each.reference, each.words) for each in notices]
    tell(
        payload, as_json, lambda: table("since", "reference", "what", rows=rows) if rows else "Nothing needs a person."
    )


@audit.command("verify")
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Walk the whole log: nothing changed, nothing missing, its guards standing. Exit code 1 names the first fault."""
    from django.db import transaction

    enter(context)
    from pressqueue import audit as chain

    with transaction.atomic():
        count = chain.verify()
    tell({"entries": count, "holds": True}, as_json, lambda: f"The log holds: {count} entries, unbroken.")

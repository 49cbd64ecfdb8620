"""`list` and `audit verify`: what there is, and whether the log of it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli import show
from publisher.cli.items import before_its_hour, described, post_summary
from publisher.cli.moments import iso, shown
from publisher.cli.session import AsJson, Session, enter
from publisher.output import Declined, table, tell

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from pressqueue.models import Item

audit = typer.Typer(help="The audit log.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command("list")(listing)
    app.command("show")(show.show)
    app.add_typer(audit, name="audit")


def listing(
    context: typer.Context,
    attention: Annotated[bool, typer.Option("--attention", help="Only what an officer must act on now.")] = False,
    state: Annotated[str, typer.Option(help="Only Items in this state, or with a Post in it.")] = "",
    campaign: Annotated[str, typer.Option(help="Only this campaign's.")] = "",
    as_json: AsJson = False,
) -> None:
    """The queue: every Item, where it stands, and where its copies are."""
    session = enter(context)
    if attention:
        _attention(session, as_json)
        return
    items = _selected(state, campaign)
    ahead = before_its_hour(session, items)
    why = _why_waiting(items, session.now)
    payload = {
        "items": [
            {**described(item), "before_its_hour": ahead.get(item.pk, []), "why_waiting": why.get(item.pk, {})}
            for item in items
        ]
    }
    tell(payload, as_json, lambda: _queue_table(items, ahead, why, session.now))


def _why_waiting(items: list[Item], now: datetime) -> dict[int, dict[str, str]]:
    """Of each Item with something that waits, by its key: the reason at each destination."""
    from pressqueue.waiting import reasons

    posts = [post for item in items for post in item.posts.all()]
    said = reasons(posts, now)
    found: dict[int, dict[str, str]] = {}
    for post in posts:
        if said[post.pk]:
            found.setdefault(post.item_id, {})[post.destination] = said[post.pk]
    return found


def _queue_table(
    items: list[Item], ahead: dict[int, list[str]], why: dict[int, dict[str, str]], now: datetime
) -> Table:
    """One row for each. Why it waits, and what must still be done before its hour, have columns where there is any."""
    from publisher.scheduling import schedule_text

    seen = {item.pk: schedule_text.of(item, now) for item in items}
    rows = [
        (item.reference, item.kind, item.campaign.slug, item.state + (" (held)" if item.held else ""),
         f"{seen[item.pk].label}: {seen[item.pk].words}", item.title, post_summary(item),
         *(["\n".join(f"{name}: {said}" for name, said in why.get(item.pk, {}).items())] if why else []),
         *([" ".join(ahead.get(item.pk, []))] if ahead else []))
        for item in items
    ]  # fmt: skip
    headings = ("reference", "kind", "campaign", "state", "when", "title", "copies")
    return table(*headings, *(["why it waits"] if why else []), *(["before then"] if ahead else []), rows=rows)


def _selected(state: str, campaign: str) -> list[Item]:
    from django.db.models import Q

    from pressqueue.models import Item
    from pressqueue.states import ItemState, PostState
    from publisher.cli.campaigns import find as find_campaign

    items = Item.objects.select_related("campaign", "author").prefetch_related("posts__item__campaign")
    if state:
        known = [*ItemState, *(each for each in PostState)]
        if state not in known:
            raise Declined(f"“{state}” is no state. Items: {', '.join(ItemState)}. Posts: {', '.join(PostState)}.")
        items = items.filter(Q(state=state) | Q(posts__state=state)).distinct()
    if campaign:
        items = items.filter(campaign=find_campaign(campaign))
    return list(items.order_by("campaign__slug", "queue_order", "pk"))


def _attention(session: Session, as_json: bool) -> None:
    from pressqueue.models import Notice

    notices = list(Notice.objects.filter(cleared_at__isnull=True).order_by("raised_at", "pk"))
    payload = {
        "notices": [
            {
                "cause": notice.cause,
                "reference": notice.reference,
                "words": notice.words,
                "raised_at": iso(notice.raised_at),
            }
            for notice in notices
        ]
    }
    rows = [
        (shown(notice.raised_at, session.office.identity.zone), notice.reference, notice.words) for notice in notices
    ]
    tell(
        payload, as_json, lambda: table("since", "reference", "what", rows=rows) if rows else "There is nothing to do."
    )


@audit.command("verify")
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Walk the whole log, and hold every row, anchor and high-water mark against it. Exit code 1 names each fault."""
    session = enter(context)
    from pressqueue.models import ChainHead
    from publisher.evidence import integrity

    count = ChainHead.objects.get().number
    found = integrity.of_everything(session.office)
    if found:
        raise Declined("\n".join(f"{each.name}: {each.words}" for each in found))
    tell({"entries": count, "holds": True}, as_json, lambda: f"The log holds: {count} entries, unbroken.")

"""`texts`: what the machine publishes by itself. Drafted and dropped here; approved at the desk, by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.campaigns import find as find_campaign
from publisher.cli.moments import iso
from publisher.cli.session import As, AsJson, act, enter, numbered
from publisher.output import table, tell

if TYPE_CHECKING:
    from pressqueue.models import ApprovedText

texts = typer.Typer(
    help="Standard wording, published without an officer: albums, tombstones, corrections.", no_args_is_help=True
)
OFFICE = "the office"


def register(app: typer.Typer) -> None:
    app.add_typer(texts, name="texts")


@texts.command("list")
def listing(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also texts that are no longer in use.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every text that waits for a second person or is in force, with a campaign's public totals."""
    enter(context)
    from pressqueue.models import ApprovedText, Totals

    rows = ApprovedText.objects.select_related("campaign", "drafted_by", "approved_by").order_by("pk")
    found = [_described(each) for each in (rows if everything else rows.filter(ended_at__isnull=True))]
    totals = [
        {"campaign": each.campaign.slug, "shown": each.shown, "removed": each.removed, "since": iso(each.published_at)}
        for each in Totals.objects.select_related("campaign").order_by("campaign__slug")
    ]
    cells = [
        (each["text"], each["kind"], each["campaign"] or OFFICE, each["state"], each["title"], each["body"])
        for each in found
    ]
    tell(
        {"texts": found, "totals": totals},
        as_json,
        lambda: table("text", "kind", "for", "state", "title", "words", rows=cells) if found else "There are no texts.",
    )


@texts.command("draft")
def draft(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="album, tombstone or correction.")],
    body: Annotated[
        str,
        typer.Argument(
            metavar="[WORDS]",
            help="In an album {shown} and {removed} are filled in; elsewhere {reference}, {published}, {force} and "
            "{contact}.",
        ),
    ] = "",
    campaign: Annotated[
        str, typer.Option(metavar="SLUG", help="The campaign they are for; the whole office if not given.")
    ] = "",
    title: Annotated[str, typer.Option(help="The album's title.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Draft words; an approver who is somebody else approves them at the desk, on the Standard wording page."""
    session = enter(context)
    from pressqueue.moves import public_texts

    of = find_campaign(campaign) if campaign else None
    made = public_texts.draft_text(act(session, user), kind, of, title=title, body=body, now=session.now)
    tell(_described(made), as_json, lambda: f"Text {made.pk} is drafted. A second person approves it at the desk.")


@texts.command("drop")
def drop(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="TEXT", help="Its number, as `texts list` shows it.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Throw a draft away, or take approved words out of force. What is published stays as it is."""
    session = enter(context)
    from pressqueue.models import ApprovedText
    from pressqueue.moves import public_texts

    text = numbered(ApprovedText.objects.all(), number, "text", "`publisher texts list` shows them.")
    dropped = public_texts.drop_text(act(session, user), text, now=session.now)
    tell(_described(dropped), as_json, lambda: f"Text {number} is dropped.")


def _described(text: ApprovedText) -> dict[str, Any]:
    state = "ended" if text.ended_at else "in force" if text.approved_at else "waits for a second person"
    return {
        "text": text.pk,
        "kind": text.kind,
        "campaign": text.campaign.slug if text.campaign else None,
        "state": state,
        "title": text.title,
        "body": text.body,
        "digest": text.digest,
        "drafted_by": text.drafted_by.username,
        "drafted": iso(text.drafted_at),
        "approved_by": text.approved_by.username if text.approved_by else None,
        "approved": iso(text.approved_at),
        "ended": iso(text.ended_at),
        "ended_reason": text.ended_reason,
    }

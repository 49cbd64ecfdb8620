"""`amend` and `review`: what is public is drafted anew or kept up, from the shell. Deciding is for the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli import answers
from publisher.cli.items import find
from publisher.cli.moments import future, iso
from publisher.cli.queueing import demand_fit
from publisher.cli.session import As, AsJson, act, enter
from publisher.output import Declined, tell

if TYPE_CHECKING:
    from pressqueue.models import Amendment

Reference = Annotated[str, typer.Argument(metavar="REF", help="A reference, such as WTN-0001.")]
Perhaps = Annotated[str | None, typer.Option(help="New words; what is not given stays.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Every tag it is to have; several times.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An answer of the record that changes with them; several times."),
]
Why = Annotated[str, typer.Option(help="Why, for whoever decides: needed with new words.")]
Drop = Annotated[str, typer.Option(metavar="WHY", help="Drop the one that waits to be decided, and say why.")]


def register(app: typer.Typer) -> None:
    app.command("amend")(amend)
    app.command("review")(review)


def amend(
    context: typer.Context, reference: Reference, title: Perhaps = None, caption: Perhaps = None,
    alt_text: Annotated[str | None, typer.Option("--alt-text", help="The same.")] = None, tag: Tags = None,
    set_: Set = None, reason: Why = "", drop: Drop = "", user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """New words for what is public. It stays up, as it is, until a second officer has approved them at the desk."""
    given = {"title": title, "caption": caption, "alt_text": alt_text, "tags": tag}
    words = {name: value for name, value in given.items() if value is not None}
    if drop and (words or set_ or reason):
        raise Declined("--drop ends the draft that waits: give no new words with it.")
    if not (drop or words or set_):
        raise Declined("Say what is to change: --title, --caption, --alt-text, --tag or --set.")
    session = enter(context)
    from django.db import transaction

    from pressqueue.moves import amendment_trial
    from pressqueue.moves import amendments as amendment_moves

    actor, item = act(session, user), find(reference)
    if drop:
        made = amendment_moves.drop_amendment(actor, item, drop, now=session.now)
        return tell(_told(made), as_json, lambda: f"The amendment of {item.reference} is dropped.")
    record = answers.record_typed(set_ or [], item.kind, session.office.identity.zone)
    with transaction.atomic():
        made = amendment_moves.amend(actor, item, reason, record=record, now=session.now, **words)
        with amendment_trial.proposed(made.item, made):
            demand_fit(session, [made.item], amending=True)
    return tell(_told(made), as_json, lambda: f"The amendment of {item.reference} waits for a second officer.")


def review(
    context: typer.Context, reference: Reference,
    necessity: Annotated[str, typer.Option(help="Why it is still necessary to show it.")] = "",
    review_at: Annotated[str, typer.Option("--review-at", metavar="TIME", help="When it is looked at next.")] = "",
    expires: Annotated[str, typer.Option("--expires", metavar="TIME", help="When it comes down.")] = "",
    user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Review and keep it published: why, and until when. A second officer decides at the desk."""
    session = enter(context)
    from pressqueue.moves import amendments as amendment_moves

    actor, item, zone = act(session, user), find(reference), session.office.identity.zone
    dates = {
        "review_at": future(review_at, zone, session.now, "--review-at") if review_at else None,
        "expires_at": future(expires, zone, session.now, "--expires") if expires else None,
    }
    made = amendment_moves.draft_review(actor, item, necessity, now=session.now, **dates)
    tell(_told(made), as_json, lambda: f"The review of {item.reference} waits for a second officer.")


def _told(made: Amendment) -> dict[str, Any]:
    return {"reference": made.item.reference, **described(made)}


def described(amendment: Amendment) -> dict[str, Any]:
    """One amendment or review, for machines."""
    return {
        "what": "review" if amendment.is_review else "amendment",
        "state": str(amendment.state),
        "by": amendment.drafted_by.username,
        "drafted": iso(amendment.drafted_at),
        "reason": amendment.reason,
        "changes": sorted([*amendment.changes.get("item", {}), *amendment.changes.get("record", {})]),
        "package": amendment.package.digest,
        "amends": amendment.before.digest,
        "approved": iso(amendment.approved_at),
        "ended": iso(amendment.ended_at),
        "ended_reason": amendment.ended_reason,
    }

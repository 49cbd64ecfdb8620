"""What officers decide from the shell: hold, freeze, retry. Never approval, and never the end of a stop."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher.cli.campaigns import find as find_campaign
from publisher.cli.items import describe_post, described, find, post_at
from publisher.cli.session import As, AsJson, act, enter
from publisher.output import Declined, tell

Reference = Annotated[str, typer.Argument(metavar="REF", help="A reference, such as POD-0001.")]
Perhaps = Annotated[str, typer.Argument(metavar="REF", help="A reference; or leave it out and name --campaign.")]
Whole = Annotated[str, typer.Option("--campaign", help="Everything of this campaign.")]


def register(app: typer.Typer) -> None:
    for name, command in (
        ("hold", hold),
        ("release", release),
        ("freeze", freeze),
        ("thaw", thaw),
        ("retry", retry),
    ):
        app.command(name)(command)


def hold(
    context: typer.Context,
    reference: Perhaps = "",
    campaign: Whole = "",
    reason: Annotated[str, typer.Option(help="Why, for the log.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Keep an Item, or a whole campaign, from going out. What is up already stays up."""
    if bool(reference) == bool(campaign):
        raise Declined("Name one Item, or one campaign with --campaign.")
    session = enter(context)
    from pressqueue.moves import holds
    from publisher.scheduling import schedule_text

    actor = act(session, user)
    if campaign:
        owner = find_campaign(campaign)
        holds.hold_campaign(actor, owner, reason, now=session.now)
        tell({"campaign": campaign, "held": True}, as_json, lambda: schedule_text.campaign_held_words(owner))
        return
    done = holds.hold(actor, find(reference), reason, now=session.now)
    tell(described(done), as_json, lambda: schedule_text.held_words(done))


def release(
    context: typer.Context,
    reference: Perhaps = "",
    campaign: Whole = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Says where a hold is ended: at the desk, by an approver who did not write, approve or place it."""
    raise Declined(
        "A hold is ended at the desk, on the page Holds, by an approver who did not write, approve or place it."
    )


def freeze(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="features|all", help="What is not to be revealed any more.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Stop revealing, for the whole office. Withdrawals go on; what is up stays up."""
    if what not in ("features", "all"):
        raise Declined(f"“{what}” cannot be paused: choose features or all.")
    session = enter(context)
    from pressqueue.moves import holds

    holds.freeze(act(session, user), what, now=session.now)
    words = {"features": "Features are paused.", "all": "All publishing is paused."}[what]
    tell({"frozen": what}, as_json, lambda: words)


def thaw(context: typer.Context, user: As = None, as_json: AsJson = False) -> None:
    """Says where a freeze is ended: at the desk, by two people who did not place it."""
    raise Declined(
        "Publishing is resumed at the desk, on the Holds page, by two people who did not pause it, one of them an "
        "approver."
    )


def retry(
    context: typer.Context,
    reference: Reference,
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Where; everywhere if not given.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Try again what failed, or what needs action from an officer."""
    session = enter(context)
    from pressqueue.moves import posts as post_moves

    actor = act(session, user)
    item = find(reference)
    posts = [post_at(item, destination)] if destination else list(item.posts.order_by("pk"))
    stuck = [post for post in posts if post.state == "failed" or post.parked_at is not None] or posts[:1]
    if not stuck:
        raise Declined(f"{item.reference} has no Post yet: there is nothing to retry.")
    done = [post_moves.retry(actor, post, now=session.now) for post in stuck]
    message = f"Tried again: {', '.join(post.destination for post in done)}."
    tell({"reference": item.reference, "posts": [describe_post(post) for post in done]}, as_json, lambda: message)

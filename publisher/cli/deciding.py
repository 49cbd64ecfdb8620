"""What officers decide from the shell: hold, release, freeze, thaw, retry. Never approval."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher.cli.campaigns import find as find_campaign
from publisher.cli.door import As, AsJson, act, enter
from publisher.cli.items import describe_post, described, find, post_at
from publisher.cli.speech import Declined, tell

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
    _flag(context, reference, campaign, reason, user, as_json, held=True)


def release(
    context: typer.Context,
    reference: Perhaps = "",
    campaign: Whole = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """End a hold. What missed its hour meanwhile follows the campaign's lateness."""
    _flag(context, reference, campaign, "", user, as_json, held=False)


def _flag(
    context: typer.Context, reference: str, campaign: str, reason: str, user: str | None, as_json: bool, *, held: bool
) -> None:
    if bool(reference) == bool(campaign):
        raise Declined("Name one Item, or one campaign with --campaign.")
    here = enter(context)
    from pressqueue import moves

    actor = act(here, user)
    word = "held" if held else "released"
    if campaign:
        owner = find_campaign(campaign)
        if held:
            moves.hold_campaign(actor, owner, reason, now=here.now)
        else:
            moves.release_campaign(actor, owner, now=here.now)
        tell({"campaign": campaign, "held": held}, as_json, lambda: f"The campaign {campaign} is {word}.")
        return
    item = find(reference)
    done = moves.hold(actor, item, reason, now=here.now) if held else moves.release(actor, item, now=here.now)
    tell(described(done), as_json, lambda: f"{done.reference} is {word}.")


def freeze(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="features|all", help="What is not to be revealed any more.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Stop revealing, for the whole office. Withdrawals go on; what is up stays up."""
    if what not in ("features", "all"):
        raise Declined(f"“{what}” cannot be frozen: features or all.")
    _freeze(context, what, user, as_json)


def thaw(context: typer.Context, user: As = None, as_json: AsJson = False) -> None:
    """End a freeze."""
    _freeze(context, "none", user, as_json)


def _freeze(context: typer.Context, what: str, user: str | None, as_json: bool) -> None:
    here = enter(context)
    from pressqueue import moves

    moves.freeze(act(here, user), what, now=here.now)
    words = {"none": "Nothing is frozen.", "features": "Features are frozen.", "all": "Everything is frozen."}[what]
    tell({"frozen": what}, as_json, lambda: words)


def retry(
    context: typer.Context,
    reference: Reference,
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Where; everywhere if not given.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Try again what failed, or what was put before a person."""
    here = enter(context)
    from pressqueue import moves

    actor = act(here, user)
    item = find(reference)
    posts = [post_at(item, destination)] if destination else list(item.posts.order_by("pk"))
    stuck = [post for post in posts if post.state == "failed" or post.parked_at is not None] or posts[:1]
    if not stuck:
        raise Declined(f"{item.reference} has no Post yet: there is nothing to retry.")
    done = [moves.retry(actor, post, now=here.now) for post in stuck]
    words = f"Tried again: {', '.join(post.destination for post in done)}."
    tell({"reference": item.reference, "posts": [describe_post(post) for post in done]}, as_json, lambda: words)

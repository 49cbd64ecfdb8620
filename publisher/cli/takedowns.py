"""What comes down: one Item, a whole operation, or everything that shows a person; and what may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.campaigns import find as find_campaign
from publisher.cli.items import describe_post, described, find, find_subject, post_at
from publisher.cli.moments import past
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.output import Declined, say, tell

if TYPE_CHECKING:
    from pressqueue.actors import Actor
    from pressqueue.models import Item

Reason = Annotated[
    str,
    typer.Option(
        help="identified, surrendered, arrested, charged, eliminated, wrong_image, court_order, victim_request, "
        "consent_withdrawn, expired or withdrawn."
    ),
]


def register(app: typer.Typer) -> None:
    commands = (("withdraw", withdraw), ("outcome", outcome), ("proceedings", proceedings), ("unblock", unblock))
    for name, command in commands:
        app.command(name)(command)


def withdraw(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="A reference; or leave it out and name --operation.")
    ] = "",
    reason: Reason = "withdrawn",
    operation: Annotated[str, typer.Option(metavar="SLUG", help="Withdraw every Item of this campaign.")] = "",
    confirm: Annotated[str, typer.Option(metavar="SLUG", help="The operation's name again, to confirm.")] = "",
    by_hand: Annotated[
        str, typer.Option(metavar="DESTINATION", help="Somebody removed it there by hand: check now.")
    ] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Take every copy down, everywhere, and let nothing more go out. It counts as down when the platform says so."""
    if bool(reference) == bool(operation):
        raise Declined("Name one Item, or one operation with --operation.")
    session = enter(context)
    actor = act(session, user)
    if operation:
        return _whole_operation(session, actor, operation, confirm, as_json)
    if by_hand:
        return _by_hand(session, actor, find(reference), by_hand, as_json)
    return _one(session, actor, find(reference), reason, as_json)


def _one(session: Session, actor: Actor, item: Item, reason: str, as_json: bool) -> None:
    from pressqueue.moves import takedown

    done = takedown.withdraw(actor, item, reason, now=session.now)
    going = _going(done)
    message = f"{done.reference} is withdrawn. " + (
        f"Removal in progress: {', '.join(going)}." if going else "Nothing of it is up."
    )
    tell(described(done), as_json, lambda: message)
    if going and not as_json:
        say(f"The worker takes it down; `publisher show {done.reference}` says when each platform has confirmed it.")


def _whole_operation(session: Session, actor: Actor, slug: str, confirm: str, as_json: bool) -> None:
    from pressqueue import operations
    from pressqueue.moves import takedown

    campaign = find_campaign(slug)
    if confirm.strip().casefold() not in (campaign.slug.casefold(), campaign.title.casefold()):
        raise Declined(f"This takes down everything of {campaign.slug}. If you mean it, add --confirm {campaign.slug}.")
    changing = operations.to_take_down(campaign)
    done = takedown.withdraw_operation(actor, campaign, now=session.now)
    _report([each for each in done if each.reference in changing], {"operation": slug}, as_json)


def _by_hand(session: Session, actor: Actor, item: Item, destination: str, as_json: bool) -> None:
    from pressqueue.destination_names import name_of
    from pressqueue.moves import takedown

    post = takedown.by_hand(actor, post_at(item, destination), now=session.now)
    where = name_of(destination)
    message = f"Noted. {item.reference} counts as down at {where} once the platform says so. Publisher asks it now."
    tell({"reference": item.reference, **describe_post(post)}, as_json, lambda: message)


def outcome(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A person's number, or a reference that shows one.")],
    became: Annotated[
        str,
        typer.Argument(
            metavar="OUTCOME",
            help="identified, surrendered, arrested, charged or eliminated; named_unconfirmed asks for a review only.",
        ),
    ],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Record what became of a search. Everything that shows the person comes down, whole, and stays blocked."""
    session = enter(context)
    from pressqueue.moves import subjects

    actor, subject = act(session, user), find_subject(number)
    done = subjects.outcome(actor, subject, became, now=session.now)
    payload = {"number": subject.number, "outcome": became}
    if became in subjects.ENDINGS:
        return _report(done, payload, as_json)
    message = f"Noted. Nothing comes down; {subject.number} is listed for an officer to review."
    return tell({**payload, "items": []}, as_json, lambda: message)


def proceedings(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A person's number, or a reference that shows one.")],
    state: Annotated[
        str,
        typer.Argument(
            metavar="STATE",
            help="none, warrant_issued, failed_to_appear, unlawfully_at_large, recalled, arrested, bailed_rui, "
            "summonsed, charged, concluded_guilty, concluded_not_guilty or nfa.",
        ),
    ],
    check: Annotated[str, typer.Option(metavar="NAME", help="The source of the check: PNC, Niche, the OIC by phone.")],
    at: Annotated[str, typer.Option(metavar="TIME", help="When it was checked; now, if not given.")] = "now",
    confirmed_by: Annotated[
        str, typer.Option(metavar="WHO", help="Whom you asked, if you are not the officer in the case.")
    ] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Record the proceedings against a person. If they may no longer be shown, their Items are taken down at once."""
    session = enter(context)
    from pressqueue.gates.checks import who_counts
    from pressqueue.moves import subjects

    actor, subject = act(session, user), find_subject(number)
    looked_up = past(at, session.office.identity.zone, session.now, "--at")
    done = subjects.record_check(
        actor, subject, state, name=check, at=looked_up, confirmed_by=confirmed_by, now=session.now
    )  # fmt: skip
    payload = {"number": subject.number, "proceedings": state}
    if done:
        return _report(done, payload, as_json)
    message = f"Noted for {subject.number}. Nothing comes down."
    if (kept := subject.checks.order_by("-pk").first()) and kept.note:
        message = f"{message} It is a note and confirms nothing. {who_counts(named=False)}"
    return tell({**payload, "items": []}, as_json, lambda: message)


def unblock(
    context: typer.Context,
    image: Annotated[str, typer.Argument(metavar="REF|SHA256", help="The Item it came from, or the image's SHA-256.")],
    authority: Annotated[
        str, typer.Option(help="Who gave permission to use it again, and when. The audit log records it.")
    ],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Let a picture be queued again that came down for good. Never for one's own Item."""
    session = enter(context)
    from pressqueue.moves import takedown

    actor = act(session, user)
    sha256 = image.lower() if len(image) == 64 else find(image).original_id
    lifted = [each.sha256 for each in takedown.unblock(actor, sha256, authority, now=session.now)]
    tell({"unblocked": lifted}, as_json, lambda: "It may be queued again; it needs a new Item and a new approval.")


def _withdrawn(references: list[str]) -> str:
    if not references:
        return "Nothing is left to withdraw."
    return f"{references[0]} is withdrawn." if len(references) == 1 else f"{len(references)} Items are withdrawn."


def _going(item: Item) -> list[str]:
    posts = [describe_post(post) for post in item.posts.order_by("pk")]
    return [post["destination"] for post in posts if post["confirmed_down"] is False]


def _report(items: list[Item], payload: dict[str, Any], as_json: bool) -> None:
    going = {item.reference: _going(item) for item in items}
    rows = [{"reference": reference, "coming_down": where} for reference, where in going.items()]
    up = [reference for reference, where in going.items() if where]
    message = f"{_withdrawn(list(going))} " + (
        f"Removal in progress: {', '.join(up)}." if up else "Nothing of them is up."
    )
    tell({**payload, "items": rows}, as_json, lambda: message)

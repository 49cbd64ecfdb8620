"""How long the evidence is kept: legal holds, retention reviews, and the purge that two people decide."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from publisher.cli.items import find, find_subject
from publisher.cli.moments import iso
from publisher.cli.session import As, AsJson, act, enter
from publisher.output import Declined, table, tell


def register(app: typer.Typer) -> None:
    for name, command in (("legal-hold", legal_hold), ("retention", retention), ("purge", purge)):
        app.command(name)(command)


def legal_hold(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="REF|NUMBER", help="An Item, or a person: then all that shows them.")],
    authority: Annotated[str, typer.Option(help="Who ordered it, or its end, and when.")],
    why: Annotated[str, typer.Option(help="Why it must be kept: the case, the appeal, the complaint.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="End the holds on it. Never those one placed oneself.")] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """While a legal hold stands nothing of an Item, or of what shows a person, is purged."""
    session = enter(context)
    from pressqueue.models import Item, LegalHold
    from pressqueue.moves import retention as retention_moves

    actor = act(session, user)
    on = Item.objects.filter(reference=what.strip().upper()).first() or find_subject(what)
    named = on.reference if isinstance(on, Item) else on.number
    if not lift:
        hold = retention_moves.place_hold(actor, on, why, authority, now=session.now)
        return tell({"on": named, "hold": hold.pk}, as_json, lambda: f"{named} is kept until the hold is lifted.")
    condition = {"item": on} if isinstance(on, Item) else {"subject": on}
    standing = list(LegalHold.objects.filter(**condition, lifted_at__isnull=True).order_by("pk"))
    if not standing:
        raise Declined(f"There is no legal hold on {named}.")
    lifted = [retention_moves.lift_hold(actor, hold, authority, now=session.now).pk for hold in standing]
    return tell({"on": named, "lifted": lifted}, as_json, lambda: f"There is no legal hold on {named} any more.")


def retention(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The Item whose evidence was looked at.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="It is kept until then, such as 2033-03-01.")],
    why: Annotated[str, typer.Option(help="Why it is kept until then.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Record a retention review: the evidence is kept until a new day, when somebody looks again."""
    session = enter(context)
    from pressqueue.moves import retention as retention_moves

    actor, item = act(session, user), find(reference)
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise Declined(f"--until {until} is no date. Write it like 2033-03-01.") from None
    retention_moves.review_retention(actor, item, day, why, now=session.now)
    tell({"reference": item.reference, "until": day.isoformat()}, as_json, lambda: f"{item.reference} is kept.")


def purge(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The Item; leave it out to list what is due.")] = "",
    authority: Annotated[str, typer.Option(help="Ask for it: which retention decision allows it, and whose.")] = "",
    confirm: Annotated[str, typer.Option(metavar="REF", help="Confirm it as the second person: type REF again.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="It is not to be.")] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Erase an Item's texts and files for good; hashes and authority stay. One person asks, another confirms."""
    session = enter(context)
    from pressqueue.models import Purge
    from pressqueue.moves import retention as retention_moves
    from publisher.disclosure import purging

    if not reference:
        return _list(session.now, as_json)
    actor, item = act(session, user), find(reference)
    if sum((bool(authority), bool(confirm), drop)) != 1:
        raise Declined("Say one of --authority (ask for it), --confirm REF (as the second person), or --drop.")
    if authority:
        retention_moves.ask_purge(actor, item, authority, now=session.now)
        ask = f"Asked for. Nothing is erased yet: another person runs `publisher purge {item.reference} --confirm ...`."
        return tell({"reference": item.reference, "state": "asked"}, as_json, lambda: ask)
    asked = Purge.objects.filter(item=item, dropped_at__isnull=True, erased_at__isnull=True).first()
    if asked is None:
        raise Declined(f"Nobody asked for a purge of {item.reference}.")
    if drop:
        retention_moves.drop_purge(actor, asked, now=session.now)
        return tell({"reference": item.reference, "state": "dropped"}, as_json, lambda: "Dropped. Nothing was erased.")
    if confirm.strip().upper() != item.reference:
        raise Declined(f"This erases {item.reference} for good. If you mean it, say --confirm {item.reference}.")
    done = retention_moves.confirm_purge(actor, asked, now=session.now)
    gone = purging.remove_files(session.office, done, session.now)
    message = "Purged: texts and files are gone." if gone else "Its texts are erased; its files are tried again."
    return tell({"reference": item.reference, "state": "purged", "files_gone": gone}, as_json, lambda: message)


def _list(now: Any, as_json: bool) -> None:
    from pressqueue.models import Purge
    from pressqueue.moves import retention as retention_moves

    asked = list(Purge.objects.filter(dropped_at__isnull=True, erased_at__isnull=True).select_related("item"))
    due = [item.reference for item in retention_moves.purgeable(now)]
    payload = {
        "due": due,
        "asked": [{"reference": each.item.reference, "asked": iso(each.asked_at)} for each in asked],
    }
    rows = [(name, "nothing keeps it any more") for name in due]
    rows += [(each.item.reference, "asked for, to be confirmed") for each in asked]
    tell(payload, as_json, lambda: table("reference", "", rows=rows) if rows else "Nothing is to be purged.")

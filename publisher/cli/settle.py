"""`settle`: an officer's answer to "unsure", and both readings to give it by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.items import describe_post, find, post_at
from publisher.cli.moments import iso, shown
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.output import Declined, say, show, table, tell

if TYPE_CHECKING:
    from rich.table import Table

    from pressqueue.models import Post
    from publisher.destinations.base import Seen

NEAREST = 10
SLACK = timedelta(days=1)  # a platform's clock and ours


def register(app: typer.Typer) -> None:
    app.command("settle")(settle)


def settle(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A reference, such as POD-0001.")],
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="The account you looked at.")],
    there: Annotated[str, typer.Option(metavar="ID", help="It is there, with this id at the platform.")] = "",
    absent: Annotated[bool, typer.Option("--absent", help="It is not there.")] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Answer for a Post that is "unsure"; without an answer, see what the ledger and the platform say of it."""
    if there and absent:
        raise Declined("Say what you saw: --there ID, or --absent.")
    session = enter(context)
    item = find(reference)
    post = post_at(item, destination)
    if not there and not absent:
        _both_readings(session, post, as_json)
        return
    from pressqueue.destination_names import name_of
    from pressqueue.moves import posts
    from publisher.workers import plugins

    forget = plugins.temporary_keys(session.office, destination)
    post = posts.settle(act(session, user), post, there=there or None, forget=forget, now=session.now)
    message = f"{item.reference} at {name_of(destination)} is {post.state}."
    if there:
        where = name_of(destination)
        message = f"Noted: Publisher checks {there} at {where} next, and adopts it if it carries the Mark."
    tell({"reference": item.reference, **describe_post(post)}, as_json, lambda: message)


def _both_readings(session: Session, post: Post, as_json: bool) -> None:
    ledger, (seen, trouble) = _ledger(post), _platform(session, post)
    marked = [_described(each) for each in seen if each.mark == post.mark]
    nearest = [_described(each) for each in _nearest(seen, _lost_at(post)) if each.mark != post.mark]
    payload = {"ledger": ledger, "platform": {"with_our_mark": marked, "nearest": nearest, "trouble": trouble}}
    tell(payload, as_json, lambda: _ledger_table(session, post, ledger))
    if not as_json:
        show(trouble or _platform_table(session, marked, nearest))
        say(_how_to_answer(post, marked))


def _ledger(post: Post) -> dict[str, Any]:
    return {
        "reference": post.item.reference,
        **describe_post(post),
        "title": post.title,
        "mark": post.mark,
        "since": iso(post.sight_lost_at),
        "looks": list(post.looks),
        "attempts": [iso(attempt.began_at) for attempt in post.attempts.order_by("pk")],
    }


def _platform(session: Session, post: Post) -> tuple[list[Seen], str]:
    """Everything uploaded since the Post was made, or why it cannot be said."""
    from pressqueue.destination_names import name_of
    from publisher.destinations.base import Window
    from publisher.destinations.errors import Later, Refused
    from publisher.workers.worker import open_worker

    worker = open_worker(session.office, session.secrets)
    if post.destination not in worker.destinations:
        return [], f"Nobody has connected {name_of(post.destination)}, so what it shows cannot be said."
    window = Window(post.created_at.astimezone(UTC) - SLACK, session.now + SLACK)
    try:
        return list(worker.destinations[post.destination].listing(window)), ""
    except (Later, Refused) as error:
        return [], f"What {name_of(post.destination)} shows cannot be said now. {error.message}"


def _lost_at(post: Post) -> datetime:
    began = post.attempts.order_by("-pk").values_list("began_at", flat=True).first()
    return post.sight_lost_at or began or post.created_at


def _nearest(seen: list[Seen], moment: datetime) -> list[Seen]:
    """The uploads nearest in time to when it was lost from sight, the newest first."""
    dated = [each for each in seen if each.uploaded_at is not None]
    near = sorted(dated, key=lambda each: abs((each.uploaded_at or moment) - moment))[:NEAREST]
    return sorted(near, key=lambda each: each.uploaded_at or moment, reverse=True)


def _described(seen: Seen) -> dict[str, Any]:
    return {
        "remote_id": seen.remote_id,
        "title": seen.title,
        "visibility": str(seen.visibility),
        "uploaded": iso(seen.uploaded_at),
        "url": seen.url,
    }


def _ledger_table(session: Session, post: Post, ledger: dict[str, Any]) -> Table:
    zone = session.office.identity.zone
    looks = [shown(datetime.fromisoformat(look), zone) for look in post.looks]
    rows = [
        ("state", ledger["state"]),
        ("since", shown(post.sight_lost_at, zone)),
        ("because", post.words),
        ("title", post.title),
        ("id", post.remote_id),
        ("sent", ", ".join(shown(attempt.began_at, zone) for attempt in post.attempts.order_by("pk"))),
        ("looked in vain", ", ".join(looks) or "not yet"),
    ]
    return table("the ledger says", f"of {ledger['reference']} at {post.destination}", rows=[r for r in rows if r[1]])


def _platform_table(session: Session, marked: list[dict[str, Any]], nearest: list[dict[str, Any]]) -> Table | str:
    if not marked and not nearest:
        return "\nThe platform shows nothing uploaded since."
    zone = session.office.identity.zone
    rows = [
        ("ours" if ours else "", each["remote_id"], each["title"], each["visibility"],
         shown(datetime.fromisoformat(each["uploaded"]), zone) if each["uploaded"] else "")
        for ours, some in ((True, marked), (False, nearest))
        for each in some
    ]  # fmt: skip
    return table("mark", "the platform shows", "title", "visible", "uploaded", rows=rows)


def _how_to_answer(post: Post, marked: list[dict[str, Any]]) -> str:
    command = f"publisher settle {post.item.reference} {post.destination}"
    if post.state != "unsure":
        return f"It is {post.state}: there is nothing to answer."
    if marked:
        return f"It carries the Mark, so the next round finds it by itself; or say `{command} --there ID`."
    return f"If it is there, say `{command} --there ID`; if you are certain that it is not, `{command} --absent`."

"""Press packs, the recalls that follow them, and what else is owed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.items import find
from publisher.cli.moments import future, iso, shown
from publisher.cli.session import As, AsJson, act, enter, numbered
from publisher.output import Declined, table, tell

if TYPE_CHECKING:
    from pressqueue.models import Duty, RecallNotice
    from publisher.cli.session import Session
    from publisher.disclosure.press_packs import Pack

Number = Annotated[int, typer.Argument(metavar="ID", help="Its number, as `publisher duties` shows it.")]


def register(app: typer.Typer) -> None:
    for name, command in (("press-pack", press_pack), ("duties", duties), ("duty", duty), ("recall", recall)):
        app.command(name)(command)


def press_pack(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="The Item's reference.")],
    to: Annotated[str, typer.Option(metavar="ORGANISATION", help="Which organisation receives it.")],
    name: Annotated[str, typer.Option(help="Who is responsible for it there.")],
    email: Annotated[str, typer.Option(help="Where a recall reaches them.")],
    embargo: Annotated[str, typer.Option(metavar="TIME", help="Not to be published before; office time.")] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; else REF-press-pack.zip.")
    ] = None,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Make a press pack for one recipient. It is recorded first; when the Item comes down they are told to stop."""
    session = enter(context)
    from pressqueue.moves import press_packs as press_pack_moves
    from publisher.disclosure import press_packs

    actor, item = act(session, user), find(reference)
    place = out or Path(f"{item.reference}-press-pack.zip")
    if place.exists():
        raise Declined(f"There is a file {place} already. Name another with --out.")
    until = future(embargo, session.office.identity.zone, session.now, "--embargo") if embargo else None
    given = press_pack_moves.Recipient(to, name, email)
    pack = press_packs.give_out(actor, item, given, until, office=session.office, now=session.now)
    _write(pack, place)
    made = pack.disclosure
    payload = {"reference": item.reference, "file": str(place), "sha256": made.archive, "files": made.files}
    tell(payload, as_json, lambda: f"{place} is for {made.name}, {made.organisation}. Its recall goes to {made.email}.")


def _write(pack: Pack, place: Path) -> None:
    """Only its owner may read it: 0600. What is there meanwhile is not overwritten."""
    try:
        with (
            pack.file as source,
            os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target,
        ):
            shutil.copyfileobj(source, target)
    except OSError as error:
        raise Declined(
            f"{place} cannot be written ({error.strerror}). The pack is on record as given out; make it again with "
            "--out and another place."
        ) from None


def duties(context: typer.Context, as_json: AsJson = False) -> None:
    """Tasks due: duties, the most overdue first, and recalls nobody has acknowledged."""
    session = enter(context)
    from pressqueue.moves import duties as duty_moves
    from pressqueue.moves import recalls as recall_moves

    owed, recalls = list(duty_moves.open_duties()), list(recall_moves.open_recalls())
    payload = {
        "duties": [
            {**_described(each), "overdue": each.due_at <= session.now, **_words(each, session)} for each in owed
        ],
        "recalls": [_recalled(each) for each in recalls],
    }
    zone = session.office.identity.zone
    rows = [
        (f"duty {each.pk}", each.kind, _about(each), ("overdue, " if each.due_at <= session.now else "")
         + shown(each.due_at, zone), each.words)
        for each in owed
    ] + [
        (f"recall {each.pk}", str(each.state), each.item.reference, shown(each.queued_at, zone), each.organisation)
        for each in recalls
    ]  # fmt: skip
    tell(payload, as_json, lambda: table("", "what", "of", "due", "", rows=rows) if rows else "There are no tasks due.")


def _words(duty: Duty, session: Session) -> dict[str, str]:
    """Beside a correction that is owed: the words two people approved for it, where there are any."""
    from publisher.disclosure import public_texts

    if duty.kind != "correction" or duty.item is None:
        return {}
    return {"approved_words": public_texts.approved("correction", duty.item, session.office.identity.name)}


def duty(
    context: typer.Context,
    number: Number,
    done: Annotated[str, typer.Option(metavar="NOTE", help="What was done: it is the record of it.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Note a duty as done."""
    session = enter(context)
    from pressqueue.models import Duty
    from pressqueue.moves import duties as duty_moves

    actor = act(session, user)
    found = numbered(Duty.objects.all(), number, "duty", "`publisher duties` shows those there are.")
    noted = duty_moves.duty_done(actor, found, done, now=session.now)
    tell(_described(noted), as_json, lambda: "Noted as done.")


def recall(
    context: typer.Context,
    number: Number,
    acknowledged: Annotated[str, typer.Option(metavar="NOTE", help="Who acknowledged it, and how.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Record that a recipient of a press pack has acknowledged its recall, where they did not by the mail's link."""
    session = enter(context)
    from pressqueue.models import RecallNotice
    from pressqueue.moves import recalls as recall_moves

    actor = act(session, user)
    found = numbered(RecallNotice.objects.all(), number, "recall", "`publisher duties` shows those that are open.")
    noted = recall_moves.acknowledge_for(actor, found, acknowledged, now=session.now)
    tell(
        _recalled(noted),
        as_json,
        lambda: f"Noted: {noted.organisation} has acknowledged it.",
    )


def _about(duty: Duty) -> str:
    named = [duty.item.reference if duty.item else "", duty.subject.number if duty.subject else ""]
    return " ".join(each for each in named if each)


def _described(duty: Duty) -> dict[str, Any]:
    return {
        "id": duty.pk, "rule": duty.rule, "kind": duty.kind, "of": _about(duty), "words": duty.words, "who": duty.who,
        "due": iso(duty.due_at), "done": iso(duty.done_at), "note": duty.note,
    }  # fmt: skip


def _recalled(recall: RecallNotice) -> dict[str, Any]:
    return {
        "id": recall.pk, "reference": recall.item.reference, "organisation": recall.organisation,
        "email": recall.email, "state": str(recall.state), "queued": iso(recall.queued_at),
        "sent": iso(recall.sent_at), "tries": recall.tries, "acknowledged": iso(recall.acknowledged_at),
    }  # fmt: skip

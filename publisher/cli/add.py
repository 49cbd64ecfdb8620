"""`add` and `submit`: files and words into the queue, or a sentence and nothing queued."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli import answers
from publisher.cli.answers import Given
from publisher.cli.campaigns import find as find_campaign
from publisher.cli.items import find as find_item
from publisher.cli.items import find_subject
from publisher.cli.moments import future, iso
from publisher.cli.queueing import Batch, files_were, one_by_one
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.output import Declined, say, table, tell

if TYPE_CHECKING:
    from pressqueue.models import Campaign, Item

add = typer.Typer(help="Queue files: as features, appeals, or appeals for wanted persons.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="One Item is made of each file.")]
In = Annotated[str, typer.Option("--campaign", help="The campaign it belongs to.")]
Title = Annotated[str, typer.Option(help="May hold {day} (features) and {reference}.")]
Caption = Annotated[str, typer.Option(help="The text under it; may hold {day} and {reference}.")]
Alt = Annotated[str, typer.Option("--alt-text", help="What is shown, for those who cannot see it.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")]
To = Annotated[
    list[str] | None,
    typer.Option("--destination", help="Where to; several times. If not given, where its kind is taken."),
]
From = Annotated[str, typer.Option("--from", help="Publish from this time on; else at the campaign's next hour.")]
Until = Annotated[str, typer.Option("--until", help="Not after this time; else --from and the campaign's lateness.")]
Expires = Annotated[str, typer.Option("--expires", help="Take it down at this time.")]
Submit = Annotated[bool, typer.Option("--submit", help="Submit it at once, to be prepared for review.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with a command that was broken off: leave out files queued already.")
]
Purpose = Annotated[str, typer.Option(help="suspect, witness or property; there is no default.")]
People = Annotated[list[str] | None, typer.Option("--subject", metavar="NUMBER", help="Whom it shows; several times.")]
NewPerson = Annotated[bool, typer.Option("--new-subject", help="Each file shows a person who has no number yet.")]
Audio = Annotated[bool, typer.Option("--audio", help="The footage's sound is authorised; else it is removed.")]
Record = Annotated[
    Path | None,
    typer.Option("--record", metavar="FILE", help="The answers of its record, in TOML: `publisher record --template`."),
]
Rate = Annotated[str, typer.Option("--frame-rate", help="Of a bare stream (.h264): frames a second, such as 12.5.")]
Track = Annotated[int, typer.Option("--track", help="Which video, of a file that holds several.", min=1)]
Poster = Annotated[float, typer.Option(help="Which second of footage is its still picture.", min=0)]

# Never filed as another kind: each has rules of its own that this version does not know.
REFUSED = {
    "missing": "Missing people have rules of their own, which this version does not know: use the force's procedure.",
    "e-fit": "An e-fit shows nobody as they are and has rules of its own, which this version does not know.",
    "court-result": "Court results need a court-restriction check, which this version does not make.",
}


def register(app: typer.Typer) -> None:
    app.add_typer(add, name="add")
    app.command("submit")(submit)
    for kind in REFUSED:
        add.command(kind, hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(
            _refuses(kind)
        )


@add.command("feature")
def feature(
    context: typer.Context, files: Files, campaign: In, title: Title, caption: Caption, alt_text: Alt,
    tag: Tags = None, destination: To = None, from_: From = "", until: Until = "", expires: Expires = "",
    submit: Submit = False, resume: Resume = False, record: Record = None,
    licence: Annotated[str, typer.Option(help="The platform's number of a licence; 0: all rights reserved.")] = "0",
    comments: Annotated[bool, typer.Option("--comments", help="Let the public comment.")] = False,
    audio: Audio = False, poster: Poster = 1.0, rate: Rate = "", track: Track = 1, user: As = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """A photograph or video of a daily series."""
    words = {"licence": licence, "comments": comments, "mark_style": "plate"}
    _queue(context, "feature", files, campaign, user, submit, resume, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "audio_authorised": audio, "poster_at": poster, "frame_rate": rate, "track": track, **words,
    })  # fmt: skip


@add.command("appeal")
def appeal(
    context: typer.Context, files: Files, campaign: In, title: Title, caption: Caption, alt_text: Alt,
    purpose: Purpose = "", tag: Tags = None, destination: To = None, from_: From = "", until: Until = "",
    expires: Expires = "", submit: Submit = False, resume: Resume = False, audio: Audio = False, poster: Poster = 1.0,
    subject: People = None, new_subject: NewPerson = False, record: Record = None, rate: Rate = "", track: Track = 1,
    user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """An appeal: do you know this person, did you see this, is this yours?"""
    if purpose.lower() in REFUSED:
        raise Declined(REFUSED[purpose.lower()])
    if not purpose:
        raise Declined("Say what is sought: --purpose suspect, --purpose witness or --purpose property.")
    if purpose not in ("suspect", "witness", "property"):
        raise Declined(f"“{purpose}” is no purpose of an appeal: suspect, witness or property.")
    _queue(context, "appeal", files, campaign, user, submit, resume, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "audio_authorised": audio, "poster_at": poster, "frame_rate": rate, "track": track, "purpose": purpose,
        "subjects": subject or [], "new_subject": new_subject,
    })  # fmt: skip


@add.command("wanted")
def wanted(
    context: typer.Context, files: Files, campaign: In, title: Title, caption: Caption, alt_text: Alt,
    tag: Tags = None, destination: To = None, from_: From = "", until: Until = "", expires: Expires = "",
    submit: Submit = False, resume: Resume = False, subject: People = None, new_subject: NewPerson = False,
    record: Record = None, rate: Rate = "", track: Track = 1, user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """An appeal for a named person who is wanted."""
    _queue(context, "wanted", files, campaign, user, submit, resume, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "subjects": subject or [], "new_subject": new_subject, "frame_rate": rate, "track": track,
    })  # fmt: skip


def submit(
    context: typer.Context,
    references: Annotated[list[str], typer.Argument(metavar="REF...", help="References, such as POD-0001.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Hand drafts over: they are prepared next, and then wait for a second officer."""
    from django.db import transaction

    session = enter(context)
    from pressqueue.moves import items as item_moves
    from publisher.publishing import readiness

    actor = act(session, user)
    found = [find_item(reference) for reference in references]
    with transaction.atomic():
        for each in found:
            readiness.demand(each, session.office, session.secrets, session.now)
        done = [item_moves.submit(actor, each, now=session.now) for each in found]
    _answer(done, as_json)


def _queue(
    context: typer.Context, kind: str, files: list[Path], campaign: str, user: str | None, submitted: bool,
    resume: bool, as_json: bool, times: list[str], record: Path | None, words: dict[str, Any],
) -> None:  # fmt: skip
    """Each file becomes an Item, in a transaction of its own, as soon as it was looked at: rendering begins meanwhile.

    What is refused of a file is told at the end, and the others go on. While none was queued, a refusal that is not
    about the file itself ends the command: it would be said of each of them.
    """
    session = enter(context)
    actor = act(session, user)
    owner = find_campaign(campaign)
    words |= _window(session, owner, *times)
    words["subjects"] = [find_subject(number) for number in words.get("subjects", [])]
    words["destinations"] = _named(session, words["destinations"] or [])
    given = answers.from_file(record, kind, session.office.identity.zone) if record else Given()
    batch = Batch(session, actor, owner, kind, words, given, submitted)
    with one_by_one(files) as next_files:
        for file in next_files:
            batch.take(file, resume)
    _tell(batch, as_json)


def _window(session: Session, campaign: Campaign, begins: str, ends: str, expires: str) -> dict[str, datetime | None]:
    zone = session.office.identity.zone
    if ends and not begins:
        raise Declined("--until needs --from: say when it may be published first.")
    first = future(begins, zone, session.now, "--from") if begins else None
    last = future(ends, zone, session.now, "--until") if ends else None
    if first is not None and last is None:
        last = first + campaign.lateness
    if first is not None and last is not None and last <= first:
        raise Declined("--until must be later than --from.")
    gone = future(expires, zone, session.now, "--expires") if expires else None
    if gone is not None and first is not None and gone <= first:
        raise Declined("--expires must be later than --from.")
    return {"publish_from": first, "publish_until": last, "expires_at": gone}


def _named(session: Session, named: list[str]) -> list[str]:
    there = list(session.office.destinations)
    if strange := [name for name in named if name not in there]:
        raise Declined(
            f"There is no destination {strange[0]}. {session.office.file} has: {', '.join(there) or 'none'}."
        )
    return list(dict.fromkeys(named))


def _tell(batch: Batch, as_json: bool) -> None:
    """What was queued; then, as a refusal, what was not."""
    for file, reference in batch.left_out:
        say(f"{file} was left out: {reference} was made of it.")
    if len(batch.refused) == 1 and not (batch.made or batch.left_out):
        ((file, words),) = batch.refused
        raise Declined(f"{words} ({file}) Nothing was queued.")
    for file, words in batch.refused:
        say(f"{file} was not queued. {words}")
    _answer(
        batch.made,
        as_json,
        refused=[{"file": str(file), "because": words} for file, words in batch.refused],
        left_out=[{"file": str(file), "reference": reference} for file, reference in batch.left_out],
    )
    if batch.refused:
        raise Declined(f"{files_were(len(batch.made))} queued, {len(batch.refused)} could not be used.")


def _answer(items: list[Item], as_json: bool, **more: list[dict[str, str]]) -> None:
    payload = {
        "items": [
            {"reference": item.reference, "state": str(item.state), "title": item.title, "original": item.original_id,
             "subjects": [one.number for one in item.subjects.order_by("number")],
             "destinations": item.destinations,
             "from": iso(item.publish_from), "until": iso(item.publish_until), "expires": iso(item.expires_at)}
            for item in items
        ],
        **more,
    }  # fmt: skip
    rows = [(item.reference, item.state, item.original.filename, ", ".join(item.destinations)) for item in items]
    tell(payload, as_json, lambda: table("reference", "state", "file", "for", rows=rows))


def _refuses(kind: str) -> Any:
    def refuse() -> None:
        raise Declined(REFUSED[kind])

    refuse.__doc__ = REFUSED[kind]
    return refuse

"""`add` and `submit`: files and words into the queue, or a sentence and nothing queued."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli import answers
from publisher.cli.answers import Given
from publisher.cli.campaigns import find as find_campaign
from publisher.cli.door import As, AsJson, Open, act, enter
from publisher.cli.items import find as find_item
from publisher.cli.items import find_subject
from publisher.cli.moments import future, iso
from publisher.cli.recording import describe
from publisher.cli.speech import Declined, aside, table, tell

if TYPE_CHECKING:
    from pressqueue.actors import Actor
    from pressqueue.models import Campaign, Item, Original
    from publisher.destinations.base import Limits

add = typer.Typer(help="Queue files: as features, appeals, or appeals for wanted persons.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="One Item is made of each file.")]
In = Annotated[str, typer.Option("--campaign", help="The campaign it belongs to.")]
Title = Annotated[str, typer.Option(help="May hold {day} (features) and {reference}.")]
Caption = Annotated[str, typer.Option(help="The text under it; may hold {day} and {reference}.")]
Alt = Annotated[str, typer.Option("--alt-text", help="What is shown, for those who cannot see it.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")]
To = Annotated[list[str] | None, typer.Option("--destination", help="Where to; several times. All, if not given.")]
From = Annotated[str, typer.Option("--from", help="Publish from this time on; else at the campaign's next hour.")]
Until = Annotated[str, typer.Option("--until", help="Not after this time; else --from and the campaign's lateness.")]
Expires = Annotated[str, typer.Option("--expires", help="Take it down at this time.")]
Submit = Annotated[bool, typer.Option("--submit", help="Submit it at once, to be prepared for review.")]
Purpose = Annotated[str, typer.Option(help="suspect, witness or property.")]
People = Annotated[list[str] | None, typer.Option("--subject", metavar="NUMBER", help="Whom it shows; several times.")]
NewPerson = Annotated[bool, typer.Option("--new-subject", help="Each file shows a person who has no number yet.")]
Audio = Annotated[bool, typer.Option("--audio", help="The footage's sound is authorised; else it is removed.")]
Record = Annotated[
    Path | None,
    typer.Option("--record", metavar="FILE", help="The answers of its record, in TOML: `publisher record --template`."),
]
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
    submit: Submit = False, record: Record = None,
    licence: Annotated[str, typer.Option(help="Flickr's licence number; 0: all rights reserved.")] = "0",
    comments: Annotated[bool, typer.Option("--comments", help="Let the public comment.")] = False,
    audio: Audio = False, poster: Poster = 1.0, user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """A photograph or film of a daily series."""
    words = {"licence": licence, "comments": comments, "mark_style": "plate"}
    _queue(context, "feature", files, campaign, user, submit, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "audio_authorised": audio, "poster_at": poster, **words,
    })  # fmt: skip


@add.command("appeal")
def appeal(
    context: typer.Context, files: Files, campaign: In, title: Title, caption: Caption, alt_text: Alt,
    purpose: Purpose = "suspect", tag: Tags = None, destination: To = None, from_: From = "", until: Until = "",
    expires: Expires = "", submit: Submit = False, audio: Audio = False, poster: Poster = 1.0, subject: People = None,
    new_subject: NewPerson = False, record: Record = None, user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """An appeal: do you know this person, did you see this, is this yours?"""
    if purpose.lower() in REFUSED:
        raise Declined(REFUSED[purpose.lower()])
    if purpose not in ("suspect", "witness", "property"):
        raise Declined(f"“{purpose}” is no purpose of an appeal: suspect, witness or property.")
    _queue(context, "appeal", files, campaign, user, submit, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "audio_authorised": audio, "poster_at": poster, "purpose": purpose,
        "subjects": subject or [], "new_subject": new_subject,
    })  # fmt: skip


@add.command("wanted")
def wanted(
    context: typer.Context, files: Files, campaign: In, title: Title, caption: Caption, alt_text: Alt,
    tag: Tags = None, destination: To = None, from_: From = "", until: Until = "", expires: Expires = "",
    submit: Submit = False, subject: People = None, new_subject: NewPerson = False, record: Record = None,
    user: As = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """An appeal for a named person who is wanted."""
    _queue(context, "wanted", files, campaign, user, submit, as_json, [from_, until, expires], record, {
        "title": title, "caption": caption, "alt_text": alt_text, "tags": tag or [], "destinations": destination,
        "subjects": subject or [], "new_subject": new_subject,
    })  # fmt: skip


def submit(
    context: typer.Context,
    references: Annotated[list[str], typer.Argument(metavar="REF...", help="References, such as POD-0001.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Hand drafts over: they are prepared next, and then wait for a second officer."""
    from django.db import transaction

    here = enter(context)
    from pressqueue import moves

    actor = act(here, user)
    found = [find_item(reference) for reference in references]
    with transaction.atomic():
        done = [moves.submit(actor, each, now=here.now) for each in found]
    _tell(done, as_json)


def _queue(
    context: typer.Context, kind: str, files: list[Path], campaign: str, user: str | None, submitted: bool,
    as_json: bool, times: list[str], record: Path | None, words: dict[str, Any],
) -> None:  # fmt: skip
    """Every file becomes an Item, or none does; the Originals that were received stay kept either way."""
    here = enter(context)
    actor = act(here, user)
    owner = find_campaign(campaign)
    words |= _window(here, owner, *times)
    words["subjects"] = [find_subject(number) for number in words.get("subjects", [])]
    words["destinations"] = _destinations(here, words["destinations"])
    given = answers.from_file(record, kind, here.office.identity.zone) if record else Given()
    originals = _receive(here, actor, files)
    _tell(_make(here, actor, owner, kind, originals, words, given, submitted), as_json)


def _window(here: Open, campaign: Campaign, begins: str, ends: str, expires: str) -> dict[str, datetime | None]:
    zone = here.office.identity.zone
    if ends and not begins:
        raise Declined("--until needs --from: say when it may be published first.")
    first = future(begins, zone, here.now, "--from") if begins else None
    last = future(ends, zone, here.now, "--until") if ends else None
    if first is not None and last is None:
        last = first + campaign.lateness
    if first is not None and last is not None and last <= first:
        raise Declined("--until must be later than --from.")
    gone = future(expires, zone, here.now, "--expires") if expires else None
    if gone is not None and first is not None and gone <= first:
        raise Declined("--expires must be later than --from.")
    return {"publish_from": first, "publish_until": last, "expires_at": gone}


def _destinations(here: Open, named: list[str] | None) -> list[str]:
    there = list(here.office.destinations)
    if strange := [name for name in named or [] if name not in there]:
        raise Declined(f"There is no destination {strange[0]}. {here.office.file} has: {', '.join(there) or 'none'}.")
    return list(dict.fromkeys(named or there))


def _receive(here: Open, actor: Actor, files: list[Path]) -> list[Original]:
    from publisher import intake
    from publisher.media.errors import BadMedia
    from publisher.media.vault import Vault

    vault = Vault(here.office.media / "originals")
    received = []
    with aside.status("") as progress:
        for number, file in enumerate(files, 1):
            progress.update(f"Receiving {file.name} ({number} of {len(files)})")
            if file.is_dir():
                raise Declined(f"{file} is a folder: name the files in it. Nothing was queued.")
            try:
                received.append(intake.receive(actor, file, file.name, vault, here.now))
            except BadMedia as bad:
                raise Declined(f"{bad.words} ({file}) Nothing was queued.") from None
    return received


def _make(
    here: Open, actor: Actor, campaign: Campaign, kind: str, originals: list[Original], words: dict[str, Any],
    given: Given, submitted: bool,
) -> list[Item]:  # fmt: skip
    from django.db import transaction

    from pressqueue import moves

    subjects, new = words.pop("subjects"), words.pop("new_subject", False)
    with transaction.atomic():
        made = []
        for original in originals:
            shown = [*subjects, moves.make_subject(actor, campaign, now=here.now)] if new else subjects
            describe(here, actor, shown, given)
            more = {**words, "subjects": shown, "record": given.record}
            made.append(moves.add_item(actor, campaign=campaign, kind=kind, original=original, now=here.now, **more))
        demand_fit(here, made)
        return [moves.submit(actor, item, now=here.now) for item in made] if submitted else made


def demand_fit(here: Open, items: list[Item]) -> None:
    """What the platforms would not take is said now, not when the approver has looked at it."""
    from publisher.parcels import faults

    limits = _known_limits(here)
    for item in items:
        media_type = "video/mp4" if item.original.kind == "footage" else "image/jpeg"
        named = [name for name in item.destinations if name in limits]
        found = [words for name in named for words in faults(item, media_type, 0, limits[name], name)]
        if found:
            raise Declined(f"{' '.join(dict.fromkeys(found))} ({item.original.filename}) Nothing was changed.")


def _known_limits(here: Open) -> dict[str, Limits]:
    """What each destination takes, of those that are connected; the others are asked when the Item is prepared."""
    from publisher.worker import build_destination

    known = {}
    for name in here.office.destinations:
        with suppress(ValueError):
            known[name] = build_destination(here.office, here.secrets, name).limits()
    return known


def _tell(items: list[Item], as_json: bool) -> None:
    payload = {
        "items": [
            {"reference": each.reference, "state": str(each.state), "title": each.title, "original": each.original_id,
             "subjects": [one.number for one in each.subjects.order_by("number")],
             "from": iso(each.publish_from), "until": iso(each.publish_until), "expires": iso(each.expires_at)}
            for each in items
        ]
    }  # fmt: skip
    rows = [(each.reference, each.state, each.original.filename) for each in items]
    tell(payload, as_json, lambda: table("reference", "state", "file", rows=rows))


def _refuses(kind: str) -> Any:
    def refuse() -> None:
        raise Declined(REFUSED[kind])

    refuse.__doc__ = REFUSED[kind]
    return refuse

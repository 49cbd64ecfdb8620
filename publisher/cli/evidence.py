"""`audit export`, `anchors` and `pack`: what others can check without us."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from publisher.cli.listing import audit
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.output import Declined, say, tell

if TYPE_CHECKING:
    pass

anchors = typer.Typer(help="Daily signed digests of the audit log, kept outside the database.", no_args_is_help=True)
Why = Annotated[str, typer.Option(help="Why. The audit log records it.")]
Recipient = Annotated[
    str, typer.Option("--for", metavar="RECIPIENT", help="Who receives it. The audit log records it.")
]


def register(app: typer.Typer) -> None:
    app.add_typer(anchors, name="anchors")
    app.command("pack")(pack)


@audit.command("export")
def export(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file: lines of JSON.")],
    since: Annotated[
        str, typer.Option("--from", metavar="DATE", help="From this day; from the first if not given.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="DATE", help="Up to and including this day; until now if not given.")
    ] = "",
    texts: Annotated[
        bool, typer.Option("--texts", help="Include the names and reasons that are still stored.")
    ] = False,
    why: Why = "",
    recipient: Recipient = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Write the log for somebody who verifies it without us (docs/evidence.md). The export is a line of it."""
    session = enter(context)
    from publisher.evidence import exporting

    order = exporting.Order(to.absolute(), *_between(session, to, since, until), texts, why, recipient)
    done = exporting.export(order, act(session, user), session.now)
    anchored = _anchor(session)
    payload = {"file": str(to), "first": done.first, "last": done.last, "anchors": str(session.office.anchors)}
    tell(payload | {"anchored": anchored}, as_json, lambda: f"{to}: entries {done.first} to {done.last}.")
    if not as_json:
        say(f"To verify it, hand over {session.office.anchors} with it, and the public key by another way.")


def _between(session: Session, file: Path, since: str, until: str) -> tuple[datetime | None, datetime | None]:
    if not file.absolute().parent.is_dir():
        raise Declined(f"There is no folder {file.absolute().parent} to write into.")
    zone = session.office.identity.zone
    return _midnight(since, zone, "--from", 0), _midnight(until, zone, "--until", 1)


def _midnight(text: str, zone: str, option: str, days_on: int) -> datetime | None:
    """When this local day begins, or the one after it; in UTC."""
    if not text:
        return None
    try:
        day = date.fromordinal(date.fromisoformat(text.strip()).toordinal() + days_on)
    except (ValueError, OverflowError):
        raise Declined(f"{option} {text} is no date. Write it like 2026-11-30.") from None
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _anchor(session: Session) -> bool:
    """Bind what was just handed out at once, where that can be done; the day's anchor binds it otherwise."""
    from publisher.evidence import anchors as anchoring
    from publisher.evidence.keys import EvidenceRefused

    with contextlib.suppress(EvidenceRefused, OSError):
        anchoring.make(session.office, session.now)
        return True
    return False


@anchors.command("key")
def key(
    context: typer.Context,
    rotate: Annotated[bool, typer.Option("--rotate", help="Replace the key in use, which signs the new one.")] = False,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost", help="The key is lost: make a new one, signed by itself only. Tell everybody who verifies."
        ),
    ] = False,
    why: Why = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Make the key that signs anchors and evidence packs, and its public key beside it, for who verifies them."""
    if rotate and lost:
        raise Declined("Say --rotate or --lost, not both: a key that is lost signs nothing any more.")
    session = enter(context)
    actor = act(session, user)
    from pressqueue.moves import evidence
    from publisher.evidence import anchors as anchoring
    from publisher.evidence import keys

    evidence.may_introduce_key(actor)
    kind = "rotation" if rotate else "lost" if lost else "first"

    def announce(name: str) -> None:
        evidence.anchor_key_introduced(actor, key=name, why=kind, reason=why, now=session.now)

    name = anchoring.introduce(session.office, kind, session.now, announce)
    public = keys.public_file(session.office.anchor_key)
    payload = {"key": name, "why": kind, "private": str(session.office.anchor_key), "public": str(public)}
    tell(payload, as_json, lambda: f"The key {name} signs from now on.")
    if not as_json:
        say(f"Private: {session.office.anchor_key}. Keep it, and a copy, apart from the database and its backups.")
        say(f"Public: {public}. Publish it, or hand it over by another way than what it verifies.")


@anchors.command("make")
def make(context: typer.Context, as_json: AsJson = False) -> None:
    """Make an anchor of the log as it is now. The clock makes one a day by itself."""
    session = enter(context)
    from publisher.evidence import anchors as anchoring

    line = anchoring.make(session.office, session.now)
    tell(_told(line), as_json, lambda: f"{line['date']}: entry {line['number']}, {line['hash']}.")


def _told(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("date", "at", "number", "hash", "key", "missed")}


def pack(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="[REF]", help="A reference, such as WTN-0123.")] = "",
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="A new file, such as WTN-0123.zip.")] = None,
    originals: Annotated[
        bool, typer.Option("--with-originals", help="Include the file as received, not only its hash.")
    ] = False,
    why: Why = "",
    recipient: Recipient = "",
    check: Annotated[
        Path | None, typer.Option("--verify", metavar="FILE", help="Verify this pack instead of making one.")
    ] = None,
    key: Annotated[list[Path] | None, typer.Option("--key", metavar="FILE", help="A public key you trust.")] = None,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """The evidence pack of one Item: what was published, on whose word, where and how long, in one signed archive."""
    if check is not None:
        return _verify(check, key or [], as_json)
    if not reference or to is None:
        raise Declined("Name the Item and a new file: publisher pack REF --to FILE. Or --verify FILE --key KEY.")
    if not to.absolute().parent.is_dir():
        raise Declined(f"There is no folder {to.absolute().parent} to write into.")
    session = enter(context)
    from publisher.cli.items import find
    from publisher.evidence import packing

    item, actor = find(reference), act(session, user)
    done = packing.pack(
        session.office, item, packing.Order(to.absolute(), originals, why, recipient), actor, session.now
    )  # fmt: skip
    payload = {"file": str(to), "reference": item.reference, "sha256": done.sha256, "members": done.members}
    tell(payload, as_json, lambda: f"{to}: {item.reference}, {len(done.members)} files, SHA-256 {done.sha256}.")
    return None


def _verify(file: Path, trusted: list[Path], as_json: bool) -> None:
    """No office is needed, as whoever was handed the pack has none."""
    from publisher import verifier

    if not trusted:
        raise Declined("Which key do you trust? Say --key FILE: the force's public key, had by another way.")
    report = verifier.verify_pack(file, verifier.read_keys(trusted))
    payload = {"holds": True, "first": report.first, "last": report.last, "anchors": report.anchors,
               "notes": report.notes}  # fmt: skip
    tell(payload, as_json, lambda: str(report))

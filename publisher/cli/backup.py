"""`backup` and `restore`: one encrypted file of an office, and an office made from it again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import AsJson, Session, enter, folder, vouching
from publisher.output import Declined, say, tell

if TYPE_CHECKING:
    from publisher.backup.manifest import Manifest
    from publisher.backup.restoring import Vouched
    from publisher.configuration.office_file import Office
    from publisher.configuration.secret_store import Secrets

FIRST, SECOND = "PUBLISHER_TOKEN_FIRST", "PUBLISHER_TOKEN_SECOND"
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup's file.")]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    file: File,
    media: Annotated[
        str,
        typer.Option(help="inside: pictures and videos too; reference: only their hashes, keep the media yourself."),
    ] = "inside",
    as_json: AsJson = False,
) -> None:
    """Write one encrypted file of everything but the keys, while the office works. Its key is PUBLISHER_BACKUP_KEY."""
    from publisher.configuration.secret_store import backup_key

    key = backup_key(folder(context))
    session = enter(context)
    from publisher.backup import making

    made = making.make(session.office, session.secrets, key, file.absolute(), media=media, now=session.now)
    payload = {"file": str(made.path), "bytes": made.size, **_described(made.manifest)}
    tell(payload, as_json, lambda: f"{made.path}: {made.size:,} bytes, {_contents(made.manifest)}.")
    if not as_json:
        say("The keys in secrets.toml and the backup's own key are not in it: keep them apart from it, and both safe.")
    if made.manifest.missing:
        raise Declined(f"The backup was made, but {_missing(made.manifest)} Put them back and make it again.")


def restore(
    context: typer.Context,
    file: File,
    place: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The restored office's folder; it must not exist yet.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check that the whole backup can be read. Restores nothing.")
    ] = False,
    secrets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The office's own secrets.toml, kept apart from the backup.")
    ] = None,
    media: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The media folder of a backup that holds media by reference.")
    ] = None,
    register: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The withdrawal register, where it is not as configured.")
    ] = None,
    without_register: Annotated[
        bool,
        typer.Option(
            "--without-register", help="The register is lost, and two people have decided to restore without it."
        ),
    ] = False,
    as_first: Annotated[
        str, typer.Option(metavar="USER", help=f"The first of the two; their token is in {FIRST}.")
    ] = "",
    as_second: Annotated[
        str, typer.Option(metavar="USER", help=f"The second of the two; their token is in {SECOND}.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make an office from a backup, frozen until it is reconciled; what was withdrawn since is withdrawn again."""
    from publisher.configuration.secret_store import backup_key

    if check == (place is not None):
        raise Declined("Name the folder to restore into, or say --check and name none.")
    from publisher.backup import restoring

    if place is None:
        listed, entries = restoring.check(file, backup_key())
        tell({**_described(listed), "entries": entries}, as_json, lambda: f"The backup is whole: {_contents(listed)}.")
        return
    vouched = _vouched(as_first, as_second) if without_register else None
    order = restoring.Order(file, place, backup_key(), secrets, media, register, vouched)
    done = restoring.restore(order)
    payload = {
        "office": str(done.folder), **_described(done.manifest), "withdrawn_again": done.replayed, "held": done.held,
        "integrity_key": not done.keyless,
    }  # fmt: skip
    again = sum(done.replayed.values())
    tell(
        payload,
        as_json,
        lambda: (
            f"The office is in {done.folder}, as it was on {done.manifest.made_at}. "
            f"From the register {again} {'line was' if again == 1 else 'lines were'} done again; {len(done.held)} "
            "Items are held, to be confirmed, released and approved afresh."
        ),
    )
    if not as_json:
        say("Nothing is sent or revealed yet: `publisher reconcile` looks at every account, then somebody resumes it.")
        if done.keyless:
            say(f"The integrity key is in no backup and was not given: put it into {done.folder / 'secrets.toml'} as")
            say("integrity_key. Without it nothing is published; taking down works.")
        say("Everybody makes new command-line tokens at the desk; those from before the restore have ended.")


def _vouched(first: str, second: str) -> Vouched:
    if not first or not second or first == second:
        raise Declined("Two different people must say so: --as-first USER --as-second USER.")

    def people(office: Office, secrets: Secrets) -> tuple[int, int]:
        session = Session(office, secrets, datetime.now(UTC))
        return vouching(session, first, FIRST).pk, vouching(session, second, SECOND).pk

    return people


def _described(listed: Manifest) -> dict[str, object]:
    return {
        "made_at": listed.made_at,
        "database": listed.database,
        "media": listed.media,
        "head": listed.head_number,
        "files": len(listed.files),
        "missing": listed.missing,
    }


def _contents(listed: Manifest) -> str:
    media = sum(file.path.startswith("media/") for file in listed.files)
    how = "inside" if listed.media == "inside" else "by reference"
    return f"made at {listed.made_at}, {listed.database}, {listed.head_number} log entries, {media} media files {how}"


def _missing(listed: Manifest) -> str:
    names = ", ".join(path.removeprefix("media/")[:24] for path in listed.missing[:3])
    more = " and others" if len(listed.missing) > 3 else ""
    return f"{len(listed.missing)} stored files were gone or damaged and are not in it: {names}{more}."

"""`init` and `migrate`: an office comes into being, and keeps up with the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import AsJson, Named, folder
from publisher.configuration.os_user import os_user
from publisher.output import Declined, aside, say, table, tell

if TYPE_CHECKING:
    from publisher.configuration.secret_store import Secrets


def register(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("migrate")(migrate)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new office's folder; it must not exist yet.")],
    exercise: Annotated[
        bool,
        typer.Option(
            "--exercise", help="Make an exercise office. It only ever connects to the sandbox on this machine."
        ),
    ] = False,
    name: Annotated[str, typer.Option(help="The force's name, as every watermark shows it.")] = "",
    contact: Annotated[str, typer.Option(help="How to call (“Call 101”), as an appeal's watermark shows it.")] = "",
    handle: Annotated[str, typer.Option(help="The force's web address, as a feature's watermark shows it.")] = "",
    admin: Annotated[
        list[str] | None, typer.Option(help="An administrator's user name; give it twice. Asked for if missing.")
    ] = None,
    sandbox: Annotated[str, typer.Option(metavar="URL", help="The sandbox's address (exercise offices).")] = "",
    sandbox_secret: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file with the sandbox's secret: connects both accounts at once."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a new office: folder, configuration, keys, database and administrators; all of it or nothing."""
    from publisher.configuration import starter
    from publisher.exercise import accounts as stand_in
    from publisher.setup import init as office_init

    if sandbox and not exercise:
        raise Declined("A real office does not speak to a sandbox. Add --exercise, or leave out --sandbox.")
    administrators = tuple(admin or _asked(1 if exercise else 2))
    paper = starter.Blank(
        name=name or _asked_name(),
        exercise=exercise,
        sandbox=sandbox or starter.DEFAULT_SANDBOX,
        contact=contact or starter.DEFAULT_CONTACT,
        handle=handle,
    )
    made = office_init.found(
        folder,
        paper,
        administrators,
        shell=os_user(),
        clients=stand_in.clients() if exercise else None,
        finish=_tokens_from(paper.sandbox, sandbox_secret) if exercise else None,
    )
    payload = {"office": str(made.folder), "exercise": made.exercise, "codes": made.codes}
    tell(payload, as_json, lambda: table("administrator", "one-time code", rows=list(made.codes.items())))
    if not as_json:
        say(f"The office is in {made.folder}. Each code sets one password at the desk, within 72 hours; it is shown")
        say(f"this once. Next: edit {made.folder / 'publisher.toml'}, then `publisher --office {made.folder} up`.")


def _asked(count: int) -> list[str]:
    if not aside.is_terminal:
        raise Declined(f"Name {'an administrator' if count == 1 else 'two administrators'} with --admin NAME.")
    return [typer.prompt(f"User name of administrator {number}", err=True) for number in range(1, count + 1)]


def _asked_name() -> str:
    from publisher.configuration.starter import EXAMPLE_NAME

    if not aside.is_terminal:
        return EXAMPLE_NAME
    return str(typer.prompt("The force's name", default=EXAMPLE_NAME, err=True))


def _tokens_from(base: str, secret_file: Path | None) -> Callable[[Secrets], None] | None:
    if secret_file is None:
        return None
    from publisher.exercise import accounts as stand_in

    secret = secret_file.read_text(encoding="ascii").strip()
    return lambda secrets: stand_in.keep_tokens(secrets, base, secret)


def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database up to this program, put up the audit log's guards, and seal an office from before seals."""
    from publisher.setup import bootstrap
    from publisher.setup import init as office_init

    place = folder(context)
    office, _ = bootstrap.open_office(place, config=context.ensure_object(Named).config, check_migrations=False)
    missing = bootstrap.unapplied_migrations()
    from django.core.management import call_command
    from django.db import connection

    from pressqueue import audit_triggers, sealing
    from pressqueue.moves import leases
    from publisher.register import sync

    unsealed = office_init.prepare_sealing(office)
    call_command("migrate", verbosity=0, interactive=False)
    audit_triggers.create_triggers(connection)
    bootstrap.check_binding(office)
    done = f"{len(missing)} migrations applied; the audit log's guards stand." if missing else "Nothing to migrate."
    sealed = office_init.seal_existing(os_user()) if unsealed else 0
    if sealing.has_key():
        sync.begin_keyed(office, leases.database_now())
    if sealed:
        done += (
            f" The log was verified, and {sealed} rows are sealed. Keep a copy of integrity_key as of the other keys."
        )
    tell({"applied": missing, "sealed": sealed}, as_json, lambda: done)

"""`key`: the integrity key is changed."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher.cli.backup import FIRST, SECOND
from publisher.cli.session import AsJson, enter, vouching
from publisher.configuration.os_user import os_user
from publisher.output import Declined, say, tell

key = typer.Typer(
    help="The integrity key, which seals the log and the rows a publication rests on.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(key, name="key")


@key.command("rotate")
def rotate(
    context: typer.Context,
    as_first: Annotated[str, typer.Option(metavar="USER", help=f"An administrator; their token is in {FIRST}.")] = "",
    as_second: Annotated[
        str, typer.Option(metavar="USER", help=f"Another administrator, or an approver; their token is in {SECOND}.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Change the integrity key, where everything agrees. Nothing is approved again; taking down goes on."""
    if not as_first or not as_second or as_first == as_second:
        raise Declined("Two different people must say so: --as-first USER --as-second USER.")
    session = enter(context)
    from pressqueue.actors import Actor
    from publisher.setup import key_rotation

    first, second = vouching(session, as_first, FIRST), vouching(session, as_second, SECOND)
    done = key_rotation.rotate(session.office, Actor(first.pk, "cli", shell=os_user()), second, session.now)
    payload = {"rows": done.rows, "key": done.key, "kept": done.kept}
    tell(payload, as_json, lambda: f"{done.rows} rows are sealed with the new integrity key ({done.key}).")
    if as_json:
        return
    if not done.kept:
        say("Now put the new key into PUBLISHER_INTEGRITY_KEY (or its file) in the old one's place, take")
        say("PUBLISHER_INTEGRITY_KEY_NEXT away, and start every process again.")
    say("Keep a copy of the new key as of the other keys, make a backup now, and destroy every copy of the old key.")

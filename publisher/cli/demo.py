"""`demo`: the main job on the sample media, with nothing to configure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.session import AsJson


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when everything is live, and list what went where.")
    ] = False,
    as_json: AsJson = False,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="D", help="The folder in which to make its office.")
    ] = None,
    port: Annotated[int, typer.Option(help="The desk's port; a free one with --once.", min=0, max=65535)] = 0,
) -> None:
    """A week of features, an appeal gallery and a video go out to the sandbox, approved by a second account."""
    from publisher.exercise.demo import run

    if not run(once=once, as_json=as_json, folder=folder, port=port):
        raise typer.Exit(1)

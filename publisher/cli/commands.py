"""Every command, in the order in which help shows them."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from publisher.cli import (
    accounts,
    add,
    amend,
    backup,
    campaigns,
    check,
    deciding,
    demo,
    disclose,
    evidence,
    init,
    keys,
    listing,
    people,
    reconcile,
    record,
    retention,
    rules,
    run,
    settle,
    takedowns,
    texts,
    verify,
    wording,
)
from publisher.cli.session import Named
from publisher.output import refusing

ORDER = (
    "demo", "init", "migrate", "user", "up", "web", "worker", "tick", "campaign", "slot", "texts", "add", "submit",
    "record", "person", "words", "gates", "verify", "amend", "review", "break-glass", "list", "show", "hold", "release",
    "freeze", "thaw", "withdraw", "outcome", "proceedings", "unblock", "press-pack", "recall", "duties", "duty",
    "legal-hold", "retention", "purge", "retry", "settle", "reconcile", "adopt", "connect", "check", "audit", "anchors",
    "pack", "key", "backup", "restore", "sandbox",
)  # fmt: skip


class Contract(TyperGroup):
    """Commands in the order they are given, and every refusal a sentence with exit code 1."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=ORDER.index)

    def invoke(self, ctx: Any) -> Any:
        with refusing():
            return super().invoke(ctx)


app = typer.Typer(
    name="publisher",
    cls=Contract,
    help="Queues, approves, posts and takes down police features and appeals.",
    epilog="Exit codes: 0 done; 1 refused or failed, with the reason on stderr; 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"publisher {metadata.version('publisher')}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    office: Annotated[
        Path | None,
        typer.Option("--office", metavar="DIR", help="The office's folder; else PUBLISHER_OFFICE, else this folder."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Another configuration file instead of the office's publisher.toml."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Queues, approves, posts and takes down police features and appeals."""
    context.obj = Named(office, config)


for register in (
    demo.register,
    init.register,
    people.register,
    run.register,
    campaigns.register,
    texts.register,
    add.register,
    record.register,
    verify.register,
    amend.register,
    listing.register,
    wording.register,
    rules.register,
    evidence.register,
    deciding.register,
    takedowns.register,
    disclose.register,
    retention.register,
    settle.register,
    reconcile.register,
    accounts.register,
    check.register,
    backup.register,
    keys.register,
):
    register(app)

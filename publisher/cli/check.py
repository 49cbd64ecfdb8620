"""`check`: everything this office needs, looked at now. Exit code 1 where anything is wrong."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from publisher.cli.session import AsJson, Named, folder
from publisher.output import answer, table, tell


def register(app: typer.Typer) -> None:
    app.command("check")(check)


def check(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the platforms.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove configuration, database, storage, tokens, quota, clock and the last tick; lists all that is wrong."""
    from publisher.setup import checks

    findings = checks.all_of(folder(context), context.ensure_object(Named).config, ask_platforms=not offline)
    wrong = [finding for finding in findings if not finding.right]
    payload = {"right": not wrong, "findings": [finding.as_json() for finding in findings]}
    rows = [
        (finding.mark, finding.what, re.sub("WARNING: (.)", lambda found: found[1].upper(), finding.words))
        for finding in findings
    ]
    tell(payload, as_json, lambda: table("", "what", "found", rows=rows))
    warned = sum(finding.mark == "warning" for finding in findings)
    if warned and not as_json:
        answer.print(f"\n{warned} of {len(findings)} warn of something.", markup=False)
    if wrong:
        if not as_json:
            answer.print(f"\n{len(wrong)} of {len(findings)} are wrong.", markup=False)
        raise typer.Exit(1)

"""docs/commands.md, written from the commands themselves: `python -m publisher.cli.manual > docs/commands.md`.

A test holds the page to this text, so that no command is without help or without a page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from publisher.cli.commands import app

PREFACE = """\
# Commands

The command line is a contract: names, options, exit codes and JSON keys stay.

- `publisher --office DIR COMMAND` works on the office in DIR; without it on PUBLISHER_OFFICE, else on the folder you
  are in. `--config FILE` (or PUBLISHER_CONFIG) names another configuration file.
- `publisher --version` says which version this is.
- Exit codes: 0 done; 1 refused or failed, with the reason in a sentence on stderr; 2 wrong usage.
- `--json` prints one object on stdout and nothing else there. Times are ISO 8601 in UTC.
- Changes anything acts for a person: put a command-line token (made at the desk, under Command-line tokens) into
  PUBLISHER_TOKEN. In an exercise office `--as USER` does as well. Whoever's token queued or changed an Item counts as
  its editor.
- Approval is never given on the command line. A second officer gives it at the desk, looking at the picture.
- Times are typed as wall-clock time in the office's zone, such as `2026-11-30T08:00`, or with an offset. An hour that
  the clocks skip, or show twice, is refused with the way to say it.

Written by `python -m publisher.cli.manual`; a test holds this page to it.
"""


def text() -> str:
    """The whole page."""
    return PREFACE + "".join(_of(command, path) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """(full name, command) of every command that is not hidden, in the order of help."""
    yield from _below(typer.main.get_command(app), "publisher")


def _below(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command.hidden:
            continue
        if hasattr(command, "list_commands"):
            yield from _below(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _of(command: Any, path: str) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [
        parameter for parameter in command.params if parameter.param_type_name == "option" and not parameter.hidden
    ]
    usage = " ".join([path, *(_argument(argument) for argument in arguments), "[OPTIONS]" if options else ""]).strip()
    rows = [f"| `{_argument(argument)}` | {_help(argument)} |\n" for argument in arguments]
    rows += [f"| `{_option(option)}` | {_help(option)} |\n" for option in options]
    head = f"\n## {path}\n\n{' '.join((command.help or '').split())}\n\n```\n{usage}\n```\n"
    return head + ("\n| | |\n| --- | --- |\n" + "".join(rows) if rows else "")


def _argument(each: Any) -> str:
    name = each.metavar or each.name.upper()
    return name if each.required else f"[{name}]"


def _option(each: Any) -> str:
    names = ", ".join(each.opts)
    return names if each.is_flag else f"{names} {each.metavar or each.name.upper().strip('_')}"


def _help(each: Any) -> str:
    words = (each.help or "").replace("|", "\\|")
    return f"{words} Required." if each.required and each.param_type_name == "option" else words


if __name__ == "__main__":
    sys.stdout.write(text())

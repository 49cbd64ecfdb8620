"""`gates`: every rule there is, and what this force has set for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import AsJson, enter
from publisher.output import Declined, table, tell

if TYPE_CHECKING:
    from rich.table import Table

    from pressqueue.rules import Listed


def register(app: typer.Typer) -> None:
    app.command("gates")(gates)


def gates(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="[RULE]", help="One rule by its number, such as R7, in full.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every rule: what it asks, at which step or by when, and what this force has set for it."""
    enter(context)
    from pressqueue import rules

    number = rule.strip().upper()
    if number and number not in rules.NUMBERS:
        raise Declined(f"There is no rule {rule}. They are numbered from R1 to {rules.NUMBERS[-1]}.")
    rows = [row for row in rules.listed() if number in ("", row.number)]
    tell({"rules": [asdict(row) for row in rows]}, as_json, lambda: _in_full(rows) if number else _listed(rows))


def _listed(rows: list[Listed]) -> Table:
    """Settings are a number's, so they stand beside its first row."""
    firsts = {row.number: row for row in reversed(rows)}
    cells = [
        (row.number, _kind(row), row.meaning, _when(row), _settings(row) if row is firsts[row.number] else "")
        for row in rows
    ]
    return table("rule", "kind", "meaning", "asked, or due", "this force", rows=cells)


def _in_full(rows: list[Listed]) -> Table:
    lines: list[tuple[str, str]] = [("", ""), ("this force", _settings(rows[0]))] if rows[0].settings else []
    for row in rows:
        parts = {
            f"{row.number}, {_kind(row)}": row.meaning,
            "asked, or due": _when(row),
            "by": row.who,
            "may be": _may_be(row),
            "held in": ", ".join(row.where),
            "waits for": row.waits_for,
            "source": row.source,
        }
        lines += [("", ""), *((name, value) for name, value in parts.items() if value)]
    return table("", "", rows=lines[1:])


def _kind(row: Listed) -> str:
    return f"{row.kind} (left)" if row.waits_for else row.kind


def _when(row: Listed) -> str:
    if row.kind == "duty":
        return f"{row.trigger}: {row.deadline}"
    live = f" ({row.fails_live})" if row.fails_live else ""
    return ", ".join(row.steps) + live


def _may_be(row: Listed) -> str:
    may = {"off": row.may_be_off, "let pass by an approver": row.may_override, "deferred": row.deferrable}
    return ", ".join(words for words, holds in may.items() if holds)


def _settings(row: Listed) -> str:
    said = [f"{setting.where} = {setting.says}" for setting in row.settings]
    return "; ".join([*(["off"] if row.is_off else []), *said])

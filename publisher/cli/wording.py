"""`words check` and `words template`: what the linter says of a text, and a text to start from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.items import find
from publisher.cli.session import AsJson, enter
from publisher.output import Declined, show, table, tell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pressqueue.models import Item
    from pressqueue.wording import Finding, Line

words = typer.Typer(help="The wording of appeals and features.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(words, name="words")


@words.command("check")
def check(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="The text; or name an Item with --item.")] = "",
    kind: Annotated[
        str, typer.Option(help="What it is for: appeal (a suspect), witness, property, wanted, convicted or feature.")
    ] = "appeal",
    field: Annotated[str, typer.Option(help="Where it would stand: title, caption, tags, ...")] = "caption",
    item: Annotated[str, typer.Option("--item", metavar="REF", help="All published words of this Item.")] = "",
    as_json: AsJson = False,
) -> None:
    """Which listed phrases a text holds, which lines it lacks, and what would be accepted. Exit code 1 if any."""
    session = enter(context)
    if bool(text.strip()) == bool(item):
        raise Declined("Give either a text in quotes or --item REF.")
    rows = _of_item(find(item), session.now) if item else _of_text(text, kind, field)
    cells = [(row.rule, row.phrase, row.where, row.reason, row.better) for row in rows]
    tell(
        {"findings": [asdict(row) for row in rows]},
        as_json,
        lambda: table("rule", "phrase", "where", "reason", "better", rows=cells) if rows else "These words pass.",
    )
    if rows:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to mend. `override`: an approver may let it stand, with a reason."""

    rule: str
    phrase: str
    where: str
    reason: str
    better: str
    override: bool = False


def _rows(found: Iterable[Finding], lacking: Iterable[Line]) -> list[Row]:
    rows = [
        Row(each.phrase.rule, each.written, each.field, each.phrase.why, each.phrase.better, each.phrase.override)
        for each in found
    ]
    return rows + [Row(each.rule, "", "caption", each.why, each.better) for each in lacking]


def _of_item(item: Item, now: datetime) -> list[Row]:
    """All that the rules of wording say of it, what only an approver may let pass as well."""
    from pressqueue import gates, records
    from pressqueue.gates import wording as asked

    people, record = list(item.subjects.order_by("number")), records.of(item)
    found = asked.findings(item, people)
    if getattr(record, "ethnicity_reason", "").strip():
        found = [each for each in found if each.phrase.rule != "R15"]
    lacking = asked.missing(item, people, do_not_approach=bool(getattr(record, "do_not_approach", None)))
    case = gates.Case(gates.Step.SUBMIT, item, now)
    others = [(gate, gate.fault(case)) for gate in gates.ALL if gate.reads_words]
    return _rows(found, lacking) + [Row(gate.number, "", "", words, "") for gate, words in others if words]


def _of_text(text: str, kind: str, field: str) -> list[Row]:
    from pressqueue import wording

    asked = "suspect" if kind == "appeal" else kind
    if asked not in wording.KINDS:
        raise Declined(f"“{kind}” is no kind of text. There are: appeal, {', '.join(wording.KINDS)}.")
    if field not in wording.FIELDS:
        raise Declined(f"“{field}” is no place for a text. There are: {', '.join(wording.FIELDS)}.")
    lists = wording.current()
    lacking = lists.missing(text, asked, do_not_approach=False) if field == "caption" else []
    return _rows(lists.check({field: text}, asked), lacking)


@words.command("template")
def template(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[KIND]", help="suspect, witness, property, wanted, withdrawal or correction.")
    ] = "",
    item: Annotated[str, typer.Option("--for", metavar="REF", help="Fill it from this Item's record.")] = "",
    as_json: AsJson = False,
) -> None:
    """A text to start from, filled from the record. It changes nothing: what you make of it is yours to write."""
    session = enter(context)
    from pressqueue import drafting

    if not name and not item:
        raise Declined("Say which template, or for which Item: --for REF.")
    if item:
        subject = find(item)
        made = drafting.start(subject, name or drafting.usual(subject), force=session.office.identity.name)
    else:
        made = drafting.template(name)
    payload = {"name": made.name, "title": made.title, "caption": made.caption, "alt_text": made.alt_text}
    if as_json:
        tell(payload, as_json, str)
        return
    parts = (("Title", made.title), ("Caption", made.caption), ("Alternative text", made.alt_text))
    show("\n\n".join(f"{heading}\n{text}" for heading, text in parts if text))

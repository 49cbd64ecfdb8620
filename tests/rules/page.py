"""docs/safeguards.md, written from the list of rules and from what was disabled to see a test fail for it."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pressqueue import powers, rules

HEAD = """\
# Safeguards

Every rule the product holds, where it is held, and how it is known that it is. Rules are proposed defaults with their
source, not "the law"; what a force may set is in `config/policy.toml`, and `publisher gates` shows what it has set.

- A **gate** refuses at its steps, each refusal by its number. A **duty** is what somebody must do by a time after
  something happened; overdue, it is told. A **property** is so whatever anybody does.
- Each was disabled, by itself, and its test was seen to fail for it: `make rules` does it again.
- What is **left** to later work is enforced by nothing yet.

Written by `make rules ARGS=--write`; a test holds this page to the code.

"""


def page(cuts: Iterable[Any]) -> str:
    """The whole page; deadlines and settings as shipped."""
    seen = defaultdict(list)
    for cut in cuts:
        seen[cut.rule].append(cut)
    rows = list(rules.by_number())
    return HEAD + _counted(rows) + "".join(_of(number, listed, seen[number]) for number, listed in rows) + _powers()


POWERS = """
## Who may do what

Every move asks this table (`pressqueue/powers.py`) before it reads anything; `tests/pressqueue/test_powers.py` tries
each move with each role, and with somebody who falls under its limits. A move without a row fails there.

| move | to | who | door | limits | second person |
| --- | --- | --- | --- | --- | --- |
"""


def _powers() -> str:
    cells = (
        (f"`{row.move}`", row.what, row.who, "desk" if row.desk else "any", row.limits, row.second)
        for row in powers.rows()
    )
    return POWERS + "".join(f"| {' | '.join(each)} |\n" for each in cells)


def _counted(rows: list[tuple[str, list[rules.Listed]]]) -> str:
    every = [row for _, listed in rows for row in listed]
    kinds = {
        kind: sum(row.kind == kind and not row.waits_for for row in every) for kind in ("gate", "duty", "property")
    }
    left = sum(bool(row.waits_for) for row in every)
    return (
        f"{len(rows)} rules: {kinds['gate']} gates, {kinds['duty']} duties, {kinds['property']} properties; "
        f"{left} parts are left.\n"
    )


def _of(number: str, listed: list[rules.Listed], cuts: list[Any]) -> str:
    return f"\n## {number}\n" + "".join(_row(row, [each for each in cuts if belongs(each, row)]) for row in listed)


def belongs(cut: Any, row: rules.Listed) -> bool:
    """Whether this part of its rule is what the cut disabled."""
    if row.kind == "gate" or cut.gate:
        return row.kind == "gate" and bool(cut.gate) and row.where[0].endswith(f".{cut.gate}")
    return cut.rule == row.number and not row.waits_for and row.meaning.startswith(cut.part)


def _row(row: rules.Listed, cuts: list[Any]) -> str:
    kind = "left" if row.waits_for else row.kind
    return f"\n**{kind}** {row.meaning}\n\n" + "".join(_bullet(line) for line in _lines(row, cuts))


def _lines(row: rules.Listed, cuts: list[Any]) -> Iterator[str]:
    if row.steps:
        yield f"asked at: {', '.join(row.steps)}" + (
            f"; failing while live: {row.fails_live}" if row.fails_live else ""
        )
    if may := [words for words, holds in _may(row).items() if holds]:
        yield "; ".join(may)
    if row.trigger:
        yield f"when: {row.trigger}; {row.deadline}; {row.who}"
    if row.waits_for:
        yield f"waits for {row.waits_for}"
    if row.where:
        yield f"held in {', '.join(f'`{each}`' for each in row.where)}"
    yield from _tests_of_gate(cuts) if row.kind == "gate" else _tests(cuts)
    yield f"source: {row.source}"


def _tests_of_gate(cuts: list[Any]) -> Iterator[str]:
    """All of them stand in one table: what is told is the case."""
    for cut in cuts:
        where = _short(cut.test).partition(": ")[0]
        case = cut.test.partition("[")[2].removesuffix("]")
        yield f"tested alone at each of its steps in `{where}`; silenced, it fails “{case}”"


def _tests(cuts: list[Any]) -> Iterator[str]:
    """Several cases of one test are told as that test."""
    by_test = defaultdict(list)
    for cut in cuts:
        by_test[cut.test.partition("[")[0]].append(cut)
    for test, mine in by_test.items():
        named = mine[0].test if len(mine) == 1 else test
        yield f"tested by `{_short(named)}`, which fails when {' or when '.join(each.says for each in mine)}"


def _may(row: rules.Listed) -> dict[str, bool]:
    return {
        "a force may turn it off": row.may_be_off,
        "an approver may let it pass, with a reason": row.may_override,
        "a threat to life may defer it": row.deferrable,
    }


def _short(test: str) -> str:
    path, _, name = test.removeprefix("tests/").partition("::")
    return f"{path}: {name.removeprefix('test_')}"


def _bullet(line: str) -> str:
    return textwrap.fill(line, 118, initial_indent="- ", subsequent_indent="  ", break_long_words=False,
                         break_on_hyphens=False) + "\n"  # fmt: skip

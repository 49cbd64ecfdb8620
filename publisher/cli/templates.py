"""A file of answers to fill in: every answer the record has, each with what it asks. Written from the models."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from publisher.cli.answers import CHECKLIST, KINDS, MEANS, PERSON
from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS, Question

WIDTH = 100
HEAD = """\
# The record of {a_kind}: why it may be published.
#
# Take the # away before each line you answer; what is left out stays unanswered, or as it was.
# Times are wall-clock time in the force's zone, or carry an offset: 2026-11-20T21:40:00+00:00.
# Longer text may stand between three quotation marks, on several lines.
#
# Use it with:  publisher add {kind} FILE... --record THIS-FILE ...   or   publisher record REF --from THIS-FILE
"""
MEANS_EXAMPLE = f'#[[{MEANS}]]\n#on = 2026-11-20\n#means = ""\n'


def text(kind: str) -> str:
    """The whole file for one kind of Item, nothing in it answered yet."""
    from pressqueue import records
    from pressqueue.models import Subject

    model = records.model_of(kind)
    groups = FEATURE_GROUPS if kind == "feature" else APPEAL_GROUPS
    parts = [HEAD.format(kind=kind, a_kind=KINDS[kind]), *_groups(model, groups)]
    if kind != "feature":  # an array of tables ends the keys above it
        parts += [_heading("What else was tried"), _asked(APPEAL_GROUPS["Why it is needed"][MEANS]) + MEANS_EXAMPLE]
        parts += [_heading("The person shown (nobody, in an appeal about property)"), f"[{PERSON}]\n"]
        parts += [_one(Subject, name, asked) for group in PERSON_GROUPS.values() for name, asked in group.items()]
    return "\n".join(parts)


def _groups(model: Any, groups: dict[str, dict[str, Question]]) -> Iterator[str]:
    for heading, group in groups.items():
        yield _heading(heading)
        for name, asked in group.items():
            if name != MEANS:
                yield _one(model, name, asked)


def _heading(words: str) -> str:
    return f"# ---- {words}\n"


def _one(model: Any, name: str, asked: Question) -> str:
    from pressqueue.field_kinds import column_of, kind_of

    choices = "".join(f"#   {_choice(value)}: {words}\n" for value, words in _choices(name, asked).items())
    return f"{_asked(asked)}{choices}#{name} = {kind_of(column_of(model, name)).example}\n"


def _asked(asked: Question) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(f"{asked.label}. {asked.help}", WIDTH))


def _choices(name: str, asked: Question) -> dict[str, str]:
    """The values of a choice; of the checklist, this force's own questions."""
    from pressqueue import policy

    return dict(policy.current().safety_checklist) if name == CHECKLIST else dict(asked.choices)


def _choice(value: str) -> str:
    return value if value in ("true", "false") else f'"{value}"'

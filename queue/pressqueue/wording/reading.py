"""The lists as tables, read and held to their own examples; or a sentence about what is wrong with one.

Knows no file: whoever reads them hands in a name for the sentence, and the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pressqueue.wording.dates import Dates
from pressqueue.wording.phrases import FIELDS, KINDS, UNCHARGED, Line, Phrase, Wording
from pressqueue.wording.templates import PLACEHOLDERS, Template
from pressqueue.wording.tokens import forms

RULES = ("R13", "R14", "R15", "R16")
SECTIONS = ("phrase", "allowed", "line", "template", "dates")


class WordingWrong(ValueError):
    """A list cannot be used; the text is a sentence naming the file and the entry."""


@dataclass
class _Gathered:
    phrases: list[Phrase] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    dates: list[Dates] = field(default_factory=list)
    # (file, phrase, passes, fails) and (file, line, passes, fails): held to once everything is read, because what is
    # allowed in one file makes an example of another pass.
    examples: list[tuple[str, Phrase | Line, list[str], list[str]]] = field(default_factory=list)
    allowed_passes: list[tuple[str, str]] = field(default_factory=list)


def read(tables: Iterable[tuple[str, Mapping[str, Any]]]) -> Wording:
    """Returns all tables together as one Wording.

    Raises WordingWrong for the first entry that is not valid, or whose example does not do as it says.
    """
    gathered = _Gathered()
    for file, table in tables:
        entry = _Entry(file, "the file", table)
        entry.only(*SECTIONS)
        for name, take in _TAKEN.items():
            for row in entry.rows(name):
                take(gathered, row)
    wording = Wording(
        tuple(gathered.phrases), tuple(gathered.allowed), tuple(gathered.lines.values()), gathered.templates,
        tuple(gathered.dates),
    )  # fmt: skip
    _hold(wording, gathered)
    return wording


class _Entry:
    """One table, its values taken out checked."""

    def __init__(self, file: str, name: str, table: Mapping[str, Any]) -> None:
        self.file, self.name, self._table = file, name, table

    def wrong(self, sentence: str) -> WordingWrong:
        return WordingWrong(f"{self.file}: {self.name} {sentence}")

    def only(self, *known: str) -> None:
        if strange := sorted(set(self._table) - set(known)):
            raise self.wrong(f"has no “{strange[0]}”. It may have: {', '.join(known)}.")

    def rows(self, name: str) -> list[_Entry]:
        rows = self._table.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.wrong(f"must write [[{name}]] with two brackets.")
        return [_Entry(self.file, f"[[{name}]] number {number}", row) for number, row in enumerate(rows, 1)]

    def text(self, name: str, default: str | None = None) -> str:
        value = self._table.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(f"needs “{name}”, a text.")
        return value.strip()

    def rule(self) -> str:
        value = self.text("rule")
        if value not in RULES:
            raise self.wrong(f"cannot belong to “{value}”: wording is {', '.join(RULES)}.")
        return value

    def flag(self, name: str) -> bool:
        value = self._table.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(f"needs true or false as “{name}”.")
        return value

    def texts(self, name: str, default: tuple[str, ...] | None = None, among: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._table.get(name, list(default) if default is not None else None)
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.wrong(f"needs “{name}”, a list of texts.")
        if default is None and not value:
            raise self.wrong(f"needs at least one text in “{name}”.")
        if strange := [each for each in value if among and each not in among]:
            raise self.wrong(f"cannot have “{strange[0]}” in “{name}”: it is one of {', '.join(among)}.")
        return tuple(value)

    def phrases(self, name: str = "words") -> tuple[str, ...]:
        found = self.texts(name)
        if empty := [each for each in found if not forms(each)]:
            raise self.wrong(f"lists “{empty[0]}”, which holds no word.")
        return found

    def named(self, name: str) -> _Entry:
        return _Entry(self.file, f"“{name}” ({self.name})", self._table)


def _phrase(gathered: _Gathered, row: _Entry) -> None:
    row.only("rule", "words", "why", "better", "source", "kinds", "fields", "override", "passes", "fails")
    words = row.phrases()
    row = row.named(words[0])
    phrase = Phrase(
        rule=row.rule(), words=words, why=row.text("why"), better=row.text("better", ""),
        source=row.text("source"), kinds=row.texts("kinds", UNCHARGED, KINDS),
        fields=row.texts("fields", FIELDS, FIELDS), override=row.flag("override"),
    )  # fmt: skip
    gathered.phrases.append(phrase)
    gathered.examples.append((row.file, phrase, list(row.texts("passes")), list(row.texts("fails"))))


def _allowed(gathered: _Gathered, row: _Entry) -> None:
    row.only("words", "why", "passes")
    words = row.phrases()
    row = row.named(words[0])
    row.text("why")
    gathered.allowed.extend(words)
    gathered.allowed_passes.extend((row.file, text) for text in row.texts("passes"))


def _line(gathered: _Gathered, row: _Entry) -> None:
    row.only("rule", "key", "words", "why", "better", "source", "kinds", "only_if", "passes", "fails")
    key = row.text("key")
    row = row.named(key)
    line = Line(
        rule=row.rule(), key=key, words=row.phrases(), why=row.text("why"), better=row.text("better"),
        source=row.text("source"), kinds=row.texts("kinds", UNCHARGED, KINDS), only_if=row.text("only_if", ""),
    )  # fmt: skip
    if line.only_if not in ("", "do_not_approach"):
        raise row.wrong("cannot have that “only_if”: it is “do_not_approach”, or left out.")
    gathered.examples.append((row.file, line, [line.better, *row.texts("passes")], list(row.texts("fails"))))
    before = gathered.lines.get(key)
    if before is not None:  # said in another language: either will do
        line = Line(
            before.rule, key, (*before.words, *line.words), before.why, before.better, before.source, before.kinds,
            before.only_if,
        )  # fmt: skip
    gathered.lines[key] = line


def _template(gathered: _Gathered, row: _Entry) -> None:
    row.only("name", "kind", "title", "caption", "alt_text")
    row = row.named(row.text("name"))
    kind = row.text("kind")
    if kind not in KINDS:
        raise row.wrong(f"cannot have the kind “{kind}”: it is one of {', '.join(KINDS)}.")
    made = Template(row.text("name"), kind, row.text("title"), row.text("caption"), row.text("alt_text", ""))
    if strange := made.unknown():
        names = ", ".join("{" + each + "}" for each in PLACEHOLDERS)
        raise row.wrong(f"holds {strange[0]}, which nothing fills. There are: {names}.")
    gathered.templates.setdefault(made.name, made)  # the first language's


def _dates(gathered: _Gathered, row: _Entry) -> None:
    row.only("months", "weekdays", "ordinals", "between")
    parts = {"months": 12, "weekdays": 7}
    names = {}
    for name, count in parts.items():
        listed = row.texts(name)
        if len(listed) != count:
            raise row.wrong(f"needs {count} {name}; there are {len(listed)}.")
        names[name] = tuple(tuple(form.lower() for form in each.split()) for each in listed)
    gathered.dates.append(
        Dates(names["months"], names["weekdays"], row.texts("ordinals", ()), row.texts("between", ()))
    )


_TAKEN = {"phrase": _phrase, "allowed": _allowed, "line": _line, "template": _template, "dates": _dates}


def _hold(wording: Wording, gathered: _Gathered) -> None:
    for file, entry, passes, fails in gathered.examples:
        name = entry.key if isinstance(entry, Line) else entry.words[0]
        for example in passes:
            if not _passes(wording, entry, example):
                raise WordingWrong(f"{file}: “{name}” says that this passes, and it does not: “{example}”")
        for example in fails:
            if _passes(wording, entry, example):
                raise WordingWrong(f"{file}: “{name}” says that this fails, and it does not: “{example}”")
    for file, example in gathered.allowed_passes:
        for kind in UNCHARGED:
            if found := wording.check({"caption": example}, kind):
                raise WordingWrong(
                    f"{file}: this is said to be allowed, and “{found[0].written}” is found in it: “{example}”"
                )


def _passes(wording: Wording, entry: Phrase | Line, example: str) -> bool:
    if isinstance(entry, Line):
        return wording.says(example, entry.key)
    found = wording.check({entry.fields[0]: example}, entry.kinds[0])
    return not any(each.phrase is entry for each in found)

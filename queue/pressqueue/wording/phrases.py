"""Phrases that must not stand in a text, lines that must, and what was found of either.

A phrase is found as a whole: word by word, whatever its case, punctuation, hyphens, apostrophes or disguised letters.
Finding is one pass over the words; no pattern is ever tried twice at a place, so a long text costs its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pressqueue.wording.dates import Dates
from pressqueue.wording.templates import Template
from pressqueue.wording.tokens import Token, forms, hashtags_apart, tokens

# What a text belongs to. "convicted" is a wanted person who was convicted and is at large.
KINDS = ("suspect", "witness", "property", "wanted", "convicted", "feature")
UNCHARGED = ("suspect", "witness", "property", "wanted")
FIELDS = (
    "title", "caption", "tags", "alternative text", "file name",
    "campaign title", "album title", "album description", "standing text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """What must not be said, in all its forms, with the reason and the wording that is accepted instead."""

    rule: str
    words: tuple[str, ...]
    why: str
    better: str
    source: str
    kinds: tuple[str, ...] = UNCHARGED
    fields: tuple[str, ...] = FIELDS
    override: bool = False  # whether an approver may let it stand, with a reason


@dataclass(frozen=True, slots=True)
class Line:
    """What must be said: at least one of `words`. `better` is a sentence that says it and may be published."""

    rule: str
    key: str
    words: tuple[str, ...]
    why: str
    better: str
    source: str
    kinds: tuple[str, ...] = UNCHARGED
    only_if: str = ""  # "do_not_approach": only where the record says so


@dataclass(frozen=True, slots=True)
class Finding:
    """One phrase in one field, as it is written there."""

    phrase: Phrase
    field: str
    written: str

    @property
    def sentence(self) -> str:
        """The sentence that the officer reads: the phrase, the reason, and what would be accepted."""
        return f"“{self.written}” in the {self.field}: {self.phrase.why} {advised(self.phrase.better)}"


def advised(better: str) -> str:
    """Returns the advice after a refused phrase: what to write instead."""
    return f"Write instead: “{better}”" if better else "Leave it out."


Owner = TypeVar("Owner")


class Index(Generic[Owner]):
    """Phrases by their first word: one look-up for each word of a text."""

    def __init__(self, entries: Iterable[tuple[str, Owner]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Owner]]] = {}
        for words, owner in entries:
            wanted = forms(words)
            self._by_first.setdefault(wanted[0], []).append((wanted, owner))

    def hits(self, text: list[Token]) -> Iterator[tuple[int, int, Owner]]:
        """Yields [from, to) in words of every place where a phrase occurs, and its owner."""
        for place, token in enumerate(text):
            for wanted, owner in self._by_first.get(token.form, ()):
                end = place + len(wanted)
                if end <= len(text) and all(text[place + n].form == word for n, word in enumerate(wanted)):
                    yield place, end, owner


@dataclass(frozen=True)
class Wording:
    """All that one force's lists say."""

    phrases: tuple[Phrase, ...]
    allowed: tuple[str, ...]  # offence titles and names, within which nothing is found
    lines: tuple[Line, ...]
    templates: Mapping[str, Template] = field(default_factory=dict)
    dates: tuple[Dates, ...] = ()  # one for each language

    def __post_init__(self) -> None:
        banned = Index((words, phrase) for phrase in self.phrases for words in phrase.words)
        allowed = Index((words, words) for words in self.allowed)
        lines = {line.key: Index((words, line) for words in line.words) for line in self.lines}
        for name, index in (("_banned", banned), ("_allowed", allowed), ("_line_index", lines)):
            object.__setattr__(self, name, index)

    def check(self, texts: Mapping[str, str], kind: str) -> list[Finding]:
        """Returns every listed phrase in these texts (by field), in the order they occur, each phrase once a field."""
        found: dict[tuple[str, tuple[str, ...], str], Finding] = {}
        for name, text in texts.items():
            for reading in {text: None, hashtags_apart(text): None}:
                for finding in self._in(reading, name, kind):
                    key = (finding.phrase.rule, forms(finding.written), name)
                    found.setdefault(key, finding)
        return list(found.values())

    def _in(self, text: str, name: str, kind: str) -> Iterator[Finding]:
        words = tokens(text)
        shielded = _Spans((start, end) for start, end, _ in self._allowed.hits(words))  # type: ignore[attr-defined]
        for start, end, phrase in self._banned.hits(words):  # type: ignore[attr-defined]
            if kind in phrase.kinds and name in phrase.fields and not shielded.hold(start, end):
                yield Finding(phrase, name, text[words[start].start : words[end - 1].end])

    def says(self, text: str, key: str) -> bool:
        """Whether the text holds one of this line's wordings."""
        index = self._line_index.get(key)  # type: ignore[attr-defined]
        return index is not None and next(iter(index.hits(tokens(text))), None) is not None

    def missing(self, text: str, kind: str, *, do_not_approach: bool) -> list[Line]:
        """Returns the lines that a text of this kind must hold and does not."""
        asked = [
            line
            for line in self.lines
            if kind in line.kinds and (not line.only_if or (line.only_if == "do_not_approach" and do_not_approach))
        ]
        words = tokens(text)
        return [
            line
            for line in asked
            if next(iter(self._line_index[line.key].hits(words)), None) is None  # type: ignore[attr-defined]
        ]

    def line(self, key: str) -> Line | None:
        """Returns the line with this key, or None."""
        return next((line for line in self.lines if line.key == key), None)


class _Spans:
    """Stretches of words, asked whether one of them holds another whole."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._furthest: dict[int, int] = {}
        self._longest = 0
        for start, end in spans:
            self._furthest[start] = max(end, self._furthest.get(start, 0))
            self._longest = max(self._longest, end - start)

    def hold(self, start: int, end: int) -> bool:
        first = max(0, end - self._longest)
        return any(self._furthest.get(place, 0) >= end for place in range(first, start + 1))

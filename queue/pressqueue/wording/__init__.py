"""Wording: what may not be said of somebody nobody has convicted, what must be, and where a text may start from.

Pure: phrases are data a force may change; they are read by whoever knows files and handed in with `use`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pressqueue.wording.dates import Dates, Named
from pressqueue.wording.phrases import FIELDS, KINDS, UNCHARGED, Finding, Line, Phrase, Wording, advised
from pressqueue.wording.reading import WordingWrong, read
from pressqueue.wording.templates import NotFilled, Template
from pressqueue.wording.tokens import Token, tokens

__all__ = [
    "FIELDS", "KINDS", "UNCHARGED", "Dates", "Finding", "Line", "Named", "NotFilled", "Phrase", "Template", "Token",
    "Wording", "WordingMissing", "WordingWrong", "advised", "current", "read", "tokens", "use", "using",
]  # fmt: skip


class WordingMissing(RuntimeError):
    """Words were to be checked before a list was read: then nothing may go out."""


_in_force: list[Wording] = []


def current() -> Wording:
    """Returns the lists of this process. Raises WordingMissing."""
    if not _in_force:
        raise WordingMissing("No wording was read: no text can be checked.")
    return _in_force[-1]


def use(wording: Wording) -> None:
    """Make these the lists of the process from now on."""
    _in_force[:] = [wording]


@contextmanager
def using(wording: Wording) -> Iterator[None]:
    """Make these the lists within the block."""
    _in_force.append(wording)
    try:
        yield
    finally:
        _in_force.pop()

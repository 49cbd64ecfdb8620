"""What a command says: its answer on stdout, everything else on stderr, refusals as one sentence and exit code 1."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pressqueue.errors import QueueError
from publisher import PublisherError
from publisher.workers import trouble

aside = Console(stderr=True, highlight=False)
answer = Console(highlight=False, soft_wrap=True)

SHORT = 20  # cells up to this length are never folded
UNFOLDED = 1000
MOST_ROWS = 500  # of a table; nobody reads more of it


class Declined(PublisherError):
    """A command refuses; the text is a sentence for the person who typed it."""


def say(message: str) -> None:
    """One line for the person, beside the answer."""
    aside.print(message, markup=False, soft_wrap=True)


def tell(payload: dict[str, Any], as_json: bool, shown: Callable[[], Table | str]) -> None:
    """The answer: with --json the object and nothing else, otherwise a table or a sentence."""
    if as_json:
        sys.stdout.write(json.dumps(payload, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    show(shown())


def show(what: Table | str) -> None:
    """Print part of an answer. Where no terminal reads it, nothing is folded to fit one."""
    if answer.is_terminal:
        answer.print(what, markup=not isinstance(what, str))
        return
    answer.width = UNFOLDED
    with answer.capture() as printed:
        answer.print(what, markup=not isinstance(what, str))
    # A table fills every line up to its widest one: of no use to a file, and hundreds of columns of nothing.
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def table(*headings: str, rows: Sequence[Sequence[object]]) -> Table:
    """A plain table; it stays legible where the terminal knows no lines or colours. Of very many rows the first."""
    made = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left")
    cells = [[_cell(value) for value in row] for row in rows[:MOST_ROWS]]
    if left := len(rows) - len(cells):
        made.caption = f"And {left:,} more: `--json` gives all of them."
    for place, heading in enumerate(headings):
        short = all(len(row[place]) <= SHORT for row in cells)
        made.add_column(heading, overflow="fold", no_wrap=short)
    for row in cells:
        made.add_row(*row)
    return made


def _cell(value: object) -> str:
    return escape("" if value is None else str(value))


@contextmanager
def refusing() -> Iterator[None]:
    """Turn every refusal into its sentence on stderr and exit code 1; a traceback never reaches an officer."""
    try:
        yield
    except Declined as error:
        _refuse(str(error))
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except Exception as error:  # the last door: whatever it is, it leaves as a sentence
        if type(error).__module__.startswith(("click", "typer")) or os.environ.get("PUBLISHER_DEBUG"):
            raise
        _refuse(sentence(error))


def sentence(error: Exception) -> str:
    """What an error means for the person who reads it."""
    if isinstance(error, PublisherError | QueueError):
        return str(error)
    if (verifier := sys.modules.get("publisher.verifier")) and isinstance(error, verifier.Failed):
        return str(error)  # it stands alone, so it cannot share our base
    if (database := sys.modules.get("django.db")) and isinstance(error, database.Error):
        return trouble.of_database(str(error))
    if isinstance(error, OSError):
        return trouble.of_system(error)
    return f"Publisher met a fault of its own ({type(error).__name__}: {error}). Set PUBLISHER_DEBUG=1 to see where."


def _refuse(message: str) -> None:
    aside.print(message, style="red" if aside.is_terminal else None, markup=False, soft_wrap=True)
    raise typer.Exit(1)

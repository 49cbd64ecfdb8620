"""How the demo says where it is: bars on a terminal, one line for each phase elsewhere; always on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from publisher.output import aside, say

# How far something is: (done, of how many, what is being done now).
Advance = Callable[[float, float, str], None]


_NOW = TextColumn("{task.fields[now]}")


class Telling:
    """Tells a person what happens now."""

    def __init__(self) -> None:
        self._lively = aside.is_terminal and not aside.is_dumb_terminal

    @contextmanager
    def phase(self, message: str) -> Iterator[Advance]:
        """One phase, from its beginning to its end."""
        if not self._lively:
            say(f"{message} ...")
            yield lambda done, of, now: None
            return
        with Progress(
            SpinnerColumn(), TextColumn(message), BarColumn(), _NOW, TimeElapsedColumn(), console=aside
        ) as bars:
            task = bars.add_task(message, total=None, now="")

            def advance(done: float, of: float, now: str) -> None:
                bars.update(task, completed=done, total=of, now=now)

            yield advance
            bars.update(task, completed=1, total=1, now="")

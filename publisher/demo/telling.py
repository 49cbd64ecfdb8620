"""How the demo says where it is: bars on a terminal, one line for each phase elsewhere; always on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from publisher.cli.speech import aside, say

# How far something is: (done, of how many, what is being done now).
Advance = Callable[[float, float, str], None]


_NOW = TextColumn("{task.fields[now]}")


class Telling:
    """Tells a person what happens now."""

    def __init__(self) -> None:
        self._lively = aside.is_terminal and not aside.is_dumb_terminal

    @contextmanager
    def phase(self, words: str) -> Iterator[Advance]:
        """One phase, from its beginning to its end."""
        if not self._lively:
            began = time.monotonic()
            yield lambda done, of, now: None
            say(f"{words}: {time.monotonic() - began:.0f} s")
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=aside) as progress:
            task = progress.add_task(words, total=None)

            def advance(done: float, of: float, now: str) -> None:
                progress.update(task, completed=done, total=of, description=f"{words}: {now}" if now else words)

            yield advance
            progress.update(task, description=words, total=1 if progress.tasks[0].total is None else None)
            if progress.tasks[0].total == 1:
                progress.update(task, completed=1)

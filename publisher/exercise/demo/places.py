"""Where the demo makes its office."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from publisher.configuration.office_file import Misconfigured

USUAL = "demo-office"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the demo's own: the office and the sandbox lie in it. `passing`: cleared away after success."""

    folder: Path
    passing: bool

    @property
    def office(self) -> Path:
        return self.folder / "office"

    @property
    def sandbox(self) -> Path:
        return self.folder / "sandbox"

    def clear_away(self, good: bool) -> None:
        """Nobody asked for the folder and nothing in it needs to be looked at."""
        if self.passing and good:
            shutil.rmtree(self.folder, ignore_errors=True)


def choose(named: Path | None, *, once: bool) -> Place:
    """The folder named; else a temporary one with --once, else the first free ./demo-office.

    Raises Misconfigured where the folder named holds something already.
    """
    if named is not None:
        if named.exists() and (not named.is_dir() or any(named.iterdir())):
            raise Misconfigured(f"{named} is not an empty folder. Name another with --dir, or remove it.")
        named.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Place(named.resolve(), passing=False)
    if once or not os.access(Path.cwd(), os.W_OK):
        return Place(Path(tempfile.mkdtemp(prefix="publisher-demo-")), passing=once)
    return Place(_free(Path.cwd()), passing=False)


def _free(here: Path) -> Path:
    """An earlier demo's folder is left as it is: it may still be running."""
    number = 1
    while True:
        folder = here / (USUAL if number == 1 else f"{USUAL}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder

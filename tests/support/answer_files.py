"""Files of answers that are handed in, and somebody who types, at one office."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.commands import Said, Typist, appeal, feature

AS = ("--as", "amara")
NOW = datetime.now(UTC).replace(microsecond=0)
SOON = f"{NOW + timedelta(days=25):%Y-%m-%dT12:00}"
shades = itertools.count(10)


@dataclass
class Desk:
    """Files to hand in, and somebody who types."""

    office: Typist
    picture: Callable[..., Path]
    folder: Path

    def __call__(self, *arguments: str) -> Said:
        return self.office(*arguments)

    def file(self, text: str | bytes) -> str:
        path = self.folder / "answers.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def add(self, text: str | None, *more: str, kind: str = "appeal") -> Said:
        """An appeal with this file of answers, as a person adds it."""
        shown = self.picture(colour=(next(shades), 90, 60))
        command = feature(shown) if kind == "feature" else appeal(shown)
        if kind == "wanted":
            purpose = command.index("--purpose")
            command = ["add", "wanted", *command[2:purpose], *command[purpose + 2 :]]
        given = [] if text is None else ["--record", self.file(text)]
        return self(*command, "--expires", SOON, *given, *more)

    def made(self, text: str | None, *more: str) -> dict[str, Any]:
        said = self.add(text, "--json", *more)
        assert said.code == 0, said.err
        return dict(said.object["items"][0])

    def shown(self, reference: str) -> dict[str, Any]:
        return self("record", reference, "--json").object

    def count(self, table: str) -> int:
        return int(self.office.sql(f"SELECT count(*) FROM pressqueue_{table}")[0][0])

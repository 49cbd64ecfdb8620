"""An office on disk that anchors its log: with a key, days that pass, and what somebody outside is handed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pressqueue.actors import Actor
from pressqueue.moves import evidence
from publisher import verifier
from publisher.configuration import office_file
from publisher.configuration.office_file import Office
from publisher.evidence import anchors, exporting, keys

from support import factories, office_folder

NOW = factories.NOW


@dataclass
class Notary:
    """Makes exports and anchors as the commands and the clock do. Needs the database."""

    office: Office
    now: datetime = NOW
    handed: Path = field(init=False)

    def __post_init__(self) -> None:
        self.handed = self.office.folder.parent / "handed"
        self.handed.mkdir(exist_ok=True)

    @property
    def chief(self) -> Actor:
        return Actor(factories.officer("chief", "administrator").pk, "cli")

    def key(self, why: str = "first") -> Path:
        """Bring a key into use; answers a copy of its public half, as somebody outside keeps it."""

        def announce(name: str) -> None:
            evidence.anchor_key_introduced(self.chief, key=name, why=why, now=self.now)

        name = anchors.introduce(self.office, why, self.now, announce)
        kept = self.handed / f"{name[:8]}.pub.pem"
        kept.write_bytes(keys.public_file(self.office.anchor_key).read_bytes())
        return kept

    def day(self, **on: float) -> None:
        """Something happens, the day's anchor is made, and a day passes."""
        factories.feature(now=self.now)
        anchors.run_round(self.office, self.now)
        self.now += timedelta(**(on or {"days": 1}))

    def export(self, name: str = "audit.jsonl", *, anchored: bool = True, **asked: Any) -> Path:
        """The export, as `publisher audit export` writes and anchors it."""
        file = self.handed / name
        exporting.export(exporting.Order(file, **asked), self.chief, self.now)
        if anchored:
            anchors.make(self.office, self.now)
        return file


def opened(folder: Path) -> Notary:
    """An exercise office in `folder`, without a key yet."""
    return Notary(office_file.load(office_folder.write_office(folder / "office", {})))


def verify(file: Path, trail: Path, *public: Path, options: tuple[str, ...] = ()) -> verifier.Report:
    """What `python verifier.py` finds. Raises verifier.Failed."""
    given = verifier.read_keys(public)
    with trail.open(encoding="utf-8", newline="\n") as lines:
        found = verifier.read_anchors(lines, given)
    with file.open(encoding="utf-8", newline="\n") as lines:
        chain = verifier.read_export(lines)
    return verifier.hold_against(chain, found, part="--part" in options, restored="--restored" in options)


def edited(file: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Path:
    """A file of JSON lines with its lines changed, spelt as the original spells them."""
    lines = [json.loads(each) for each in file.read_text(encoding="utf-8").split("\n")[:-1]]
    changed = file.with_name(f"changed-{file.name}")
    changed.write_text("".join(verifier.canonical(each) + "\n" for each in change(lines)), encoding="utf-8")
    return changed


def chained_anew(lines: list[dict[str, Any]], since: int = 2) -> list[dict[str, Any]]:
    """Every hash from entry `since` on made again, as somebody who owns the database can."""
    header, *entries, end = (dict(each) for each in lines)
    last = header["before"]
    for entry in entries:
        if entry["number"] >= since:
            entry["previous"] = last
            entry["hash"] = verifier.entry_hash(entry)
        last = entry["hash"]
    return [header, *entries, end | {"hash": last}]

"""Commands as a person types them: one in a process of its own, or many in one, on a real office."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from support.patience import PATIENCE

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PUBLISHER_", "DJANGO_"))}
CLEAN |= {"TERM": "dumb"}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The one object on stdout."""
        return dict(json.loads(self.out))


def publisher(*arguments: str, cwd: Path | None = None, **env: str) -> Said:
    """One command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "publisher", *arguments],
        capture_output=True, text=True, cwd=cwd, env=CLEAN | env, check=False, timeout=PATIENCE,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def copied(folder: Path, place: Path) -> Path:
    """An office of its own in `place`, made as the one in `folder` was."""
    return Path(shutil.copytree(folder, place / "office"))


class Typist:
    """Types commands on one office."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "processes" / "type_commands.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLEAN,
        )  # fmt: skip

    def __call__(self, *arguments: str, **env: str) -> Said:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"argv": ["--office", str(self.folder), *arguments], "env": env}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, f"the process that types the commands ended with code {self._process.wait()}"
        return Said(**json.loads(said))

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Straight into the office's database, as only somebody at the machine could."""
        with closing(sqlite3.connect(self.folder / "publisher.sqlite3", timeout=120)) as database, database:
            return database.execute(statement, values).fetchall()

    def token(self, username: str, *, scope: str = "author", days: float = 30, revoked: bool = False) -> str:
        """A personal token as the desk makes them."""
        value, now = f"pub_{username}-{scope}-{days}-{revoked}", datetime.now(UTC)
        ((officer,),) = self.sql("SELECT id FROM pressqueue_officer WHERE username = ?", username)
        self.sql(
            "INSERT INTO pressqueue_personaltoken"
            " (officer_id, digest, label, scope, created_at, expires_at, revoked_at) VALUES (?, ?, 'test', ?, ?, ?, ?)",
            officer, hashlib.sha256(value.encode()).hexdigest(), scope, str(now), str(now + timedelta(days=days)),
            str(now) if revoked else None,
        )  # fmt: skip
        return value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


WORDS = {
    "--title": "Day {day} - Northshire Police - Rufus",
    "--caption": "Rufus waits for his handler.",
    "--alt-text": "A dog beside a car.",
}


RECORD = Path(__file__).with_name("feature.toml")


def feature(file: Path, **changes: str) -> list[str]:
    """The arguments of a feature that is right but for `changes`."""
    options = WORDS | {"--campaign": "photo-of-the-day", "--as": "amara", "--destination": "flickr"}
    return _arguments("feature", file, options | {"--record": str(RECORD)}, changes)


def appeal(file: Path, **changes: str) -> list[str]:
    """The arguments of an appeal that is right but for `changes`, and the record it lacks."""
    caption = (
        "We would like to speak to this person, who may be able to help with our enquiries. If this is you, or to help "
        "without saying who you are: Crimestoppers 0800 555 111. Text relay: 18001 101. Call 101 quoting {reference}."
    )
    words = {"--title": "Do you know this person? {reference}", "--caption": caption, "--purpose": "suspect"}
    options = WORDS | words | {"--campaign": "operation-larch", "--as": "amara", "--destination": "flickr"}
    return _arguments("appeal", file, options, changes)


def _arguments(kind: str, file: Path, options: dict[str, str], changes: dict[str, str]) -> list[str]:
    options = options | {f"--{name.strip('_').replace('_', '-')}": value for name, value in changes.items()}
    return ["add", kind, str(file), *(part for pair in options.items() for part in pair)]


def answered(now: datetime, **changes: Any) -> str:
    """A file of answers with everything an appeal for a person needs at `now`, invented; None takes one out."""
    given: dict[str, Any] = {
        "offence": "a reported burglary",
        "crime_reference": "26/001234",
        "location": "Mill Lane, Northshire",
        "incident_at": now - timedelta(days=9),
        "clock_offset": 0,
        "exhibit": "NSP/1",
        "source": "cctv",
        "source_verified_by": "DC Okafor",
        "link_to_offence": "The person leaves the shop with the goods.",
        "policing_purpose": "To identify the person.",
        "legal_basis": "Prevention and detection of crime; DPA 2018 Part 3.",
        "seriousness": "volume",
        "proportionality": "One face, for four weeks.",
        "reach": "The person may have left the county.",
        "risk": "Low; nobody else is shown.",
        "victim_consulted": "no_identifiable_victim",
        "anonymity": False,
        "restrictions": "none",
        "restrictions_checked_on": (now - timedelta(days=2)).date(),
        "restrictions_checked_by": "Legal services",
        "others_in_frame": "none",
        "do_not_approach": False,
        "contact": "Call 101, or Crimestoppers on 0800 555 111.",
        "conditions_of_use": "For identification only; recalled on removal.",
        "review_at": now + timedelta(days=21),
        **changes,
    }
    lines = [f"{name} = {_toml(value)}" for name, value in given.items() if value is not None]
    tried = f'[[means_tried]]\non = {(now - timedelta(days=5)).date()}\nmeans = "Internal circulation"'
    return "\n".join([*lines, tried, _PERSON])


_PERSON = """
[person]
category = "suspect"
appears_under_18 = "no"
age_basis = "Build and dress"
vulnerable = false
"""


def _toml(value: Any) -> str:
    """A value as TOML writes it; ISO 8601 for times, which str() of them nearly is."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)

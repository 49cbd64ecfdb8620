"""How the furnished office beside this file was made: by the program as it was when the fixture was first kept.

    .venv/bin/python tests/existing_office/make.py

It is an office of *that* day, so it is not made again with a newer program: later ones must keep up with it. The
script stands here to be read, and to make another such office (in other files) when there is a new day to keep.
"""

from __future__ import annotations

import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

sys.path.extend(str(Path(__file__).resolve().parents[2] / each) for each in ("", "queue", "tests"))

from publisher.configuration import secret_store

from support.databases import POSTGRES, environment, fresh_database

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BACKUP_KEY = "5a" * 32  # of this fixture alone: nothing real was ever sealed with it
CONFIGURATION = """\
[office]
name = "Northshire Police"
exercise = true

[brand]
contact = "Call 101, or Crimestoppers on 0800 555 111"
handle = "@northshirepolice"

[mail]
recall = "press@northshire.example"

[destinations.gallery]
kind = "folder"
path = "{place}/gallery"
base_url = "http://127.0.0.1:8099/gallery"
"""


def make(kind: str) -> Path:
    """One office on this kind of database, as an archive beside this file."""
    with tempfile.TemporaryDirectory(prefix="existing-office-") as room:
        folder = Path(room) / "office"
        folder.mkdir(mode=0o700)
        (folder / "publisher.toml").write_text(CONFIGURATION.format(place=folder), encoding="utf-8")
        secret_store.create(folder)
        if kind == "sqlite":
            told = furnish(folder, None)
            _settle(folder / "publisher.sqlite3")
        else:
            with fresh_database("postgres", Path(room), empty=True) as url:
                told = furnish(folder, url)
                (folder / "publisher.sql").write_text(dump(url), encoding="utf-8")
        for left_over in (folder / "media" / "making", folder / "mail"):
            shutil.rmtree(left_over, ignore_errors=True)
        (Path(room) / "told.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        archive = HERE / f"{kind}.tar.xz"
        archive.write_bytes(lzma.compress(_tar(Path(room)), preset=9))
    return archive


def furnish(folder: Path, url: str | None) -> dict[str, Any]:
    more = {} if url else {"PUBLISHER_BACKUP_KEY": BACKUP_KEY}  # one backup is enough, of either database
    env = environment(url, PUBLISHER_OFFICE=str(folder), **more)
    done = subprocess.run(
        [sys.executable, str(HERE / "furnish.py"), str(folder.parent)],
        env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _settle(file: Path) -> None:
    """All of it in the one file, with nothing beside it."""
    import sqlite3

    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()


def dump(url: str) -> str:
    """Plain SQL that any client can load: no commands of psql in it."""
    order = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", url]
    lines = subprocess.run(order, check=True, capture_output=True, text=True).stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith("\\")) + "\n"


def _tar(room: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(room.iterdir()):
            archive.add(path, arcname=path.name, filter=_of_nobody)
    return packed.getvalue()


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    assert POSTGRES
    for each in sys.argv[1:] or ("sqlite", "postgresql"):
        sys.stdout.write(f"{make(each)}\n")

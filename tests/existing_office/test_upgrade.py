"""A furnished office of an earlier program keeps up with this one: it sends nothing again and forgets nothing.

Everything is asked of the commands and of the rows that have stood since then, never of how the program does it.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher import verifier

from support import databases
from support.commands import Said, publisher
from support.factories import NOW

HERE = Path(__file__).resolve().parent
BACKUP_KEY = "5a" * 32  # of the fixture alone
HOUR = NOW + timedelta(days=4, hours=12, minutes=1)  # the window of what is approved has opened
KEPT = {
    "posts": "SELECT id, item_id, package_id, destination, mark, state, fence, due_at, not_before, remote_id, url,"
    " live_at, removed_at, take_down_asked_at, title, caption FROM pressqueue_post ORDER BY id",
    "attempts": "SELECT id, post_id, fence, owner, outcome FROM pressqueue_attempt ORDER BY id",
    "packages": "SELECT id, item_id, digest, content FROM pressqueue_package ORDER BY id",
    "items": "SELECT id, reference, state, held, package_id, approved_at FROM pressqueue_item ORDER BY id",
    "approvals": "SELECT id, package_id, digest, approver_id, rank, void_at FROM pressqueue_approval ORDER BY id",
    "verifications": "SELECT id, item_id, digest, name, rank FROM pressqueue_verification ORDER BY id",
    "albums": "SELECT id, account, key, mark, remote_id, written FROM pressqueue_album ORDER BY id",
    "campaigns": "SELECT id, slug, held, next_number, next_day FROM pressqueue_campaign ORDER BY id",
    "disclosures": "SELECT id, package_id, archive FROM pressqueue_disclosure ORDER BY id",
}
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Existing:
    """The fixture, unpacked, with what it says of itself."""

    room: Path
    url: str | None
    told: dict[str, Any]

    @property
    def folder(self) -> Path:
        return self.room / "office"

    @property
    def env(self) -> dict[str, str]:
        return {"PUBLISHER_BACKUP_KEY": BACKUP_KEY} | ({"DATABASE_URL": self.url} if self.url else {})

    def __call__(self, *arguments: str) -> Said:
        return publisher("--office", str(self.folder), *arguments, **self.env)

    def rows(self) -> Rows:
        if self.url is None:
            with closing(sqlite3.connect(self.folder / "publisher.sqlite3")) as database:
                return {name: database.execute(asked).fetchall() for name, asked in KEPT.items()}
        import psycopg

        with psycopg.connect(self.url) as connection:
            return {name: connection.execute(asked).fetchall() for name, asked in KEPT.items()}  # type: ignore[call-overload]  # SQL of ours


def unpacked(kind: str, room: Path, url: str | None = None) -> Existing:
    """The office as it was, in a folder of its own."""
    with tarfile.open(HERE / f"{kind}.tar.xz") as archive:
        archive.extractall(room, filter="data")
    named_here(room / "office")
    return Existing(room, url, json.loads((room / "told.json").read_text(encoding="utf-8")))


def named_here(folder: Path) -> None:
    """Its configuration names the folder it lies in now."""
    file = folder / "publisher.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("@PLACE@", str(folder)), encoding="utf-8")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Existing]:
    room = tmp_path_factory.mktemp("existing")
    if request.param == "sqlite":
        yield unpacked("sqlite", room)
        return
    import psycopg

    with databases.fresh_database("postgres", room, empty=True) as url:
        there = unpacked("postgresql", room, url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((there.folder / "publisher.sql").read_bytes())
        yield there


@pytest.fixture(scope="module")
def before(office: Existing) -> Rows:
    return office.rows()


@pytest.fixture(scope="module")
def migrated(office: Existing, before: Rows) -> Existing:
    assert before["posts"]
    said = office("migrate")
    assert said.code == 0, said.err
    return office


@pytest.mark.first_row
def test_migrating_changes_no_post_no_package_and_no_approval(migrated: Existing, before: Rows) -> None:
    now = migrated.rows()
    for name, rows in before.items():
        assert now[name] == rows, f"{name} changed"
    states = {row[5] for row in now["posts"]}
    assert len(states) == 12, f"the office has Posts in {sorted(states)} only"


def test_marks_and_digests_are_those_it_was_kept_with(migrated: Existing) -> None:
    rows = migrated.rows()
    digests = {row[0]: row[2] for row in rows["packages"]}
    marks = {str(row[0]): [row[5], row[4], digests[row[2]]] for row in rows["posts"]}
    assert marks == migrated.told["marks"]
    assert {row[2]: row[3] for row in rows["packages"]} == migrated.told["packages"]


@pytest.mark.first_row
def test_migrating_twice_does_nothing_more(migrated: Existing) -> None:
    said = migrated("migrate", "--json")
    assert (said.code, said.object["applied"]) == (0, [])


def test_its_log_verifies(migrated: Existing) -> None:
    said = migrated("audit", "verify")
    assert said.code == 0, said.err


@pytest.mark.first_row
def test_what_was_approved_goes_out_at_its_hour_and_nothing_is_sent_again(migrated: Existing) -> None:
    named = migrated.told["items"]
    told = gone_on(migrated)
    sent = [named["approved appeal"], named["approved feature"]]
    assert [told["states"][each] for each in sent] == [["live"], ["live"]]
    for name, states in (("live", ["live"]), ("removed", ["removed"]), ("removing", ["removed"])):
        assert told["states"][named[name]] == states, name
    for name in ("held", "of a held campaign", "in review", "verified", "draft", "withdrawn"):
        assert told["states"][named[name]] == [], name
    once = set(told["sent"]) - set(told["tried before"])
    assert once == {*sent, named["for the next hour"]} & once
    assert {each for each in told["sent"] if told["sent"].count(each) > 1} == set()
    assert told["digests hold"]
    assert told["still described"]
    said = migrated("audit", "verify")
    assert said.code == 0, said.err


def gone_on(office: Existing) -> dict[str, Any]:
    """What `goes_on.py` tells of its rounds."""
    env = databases.environment(office.url, PUBLISHER_OFFICE=str(office.folder))
    order = [sys.executable, str(HERE / "goes_on.py"), json.dumps(office.told["items"]), HOUR.isoformat()]
    done = subprocess.run(order, env=env, cwd=databases.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_the_old_backup_restores_and_its_register_is_followed(tmp_path: Path) -> None:
    """What was withdrawn after the backup was made is withdrawn again."""
    there = unpacked("sqlite", tmp_path)
    again = tmp_path / "again"
    said = publisher(
        "restore", str(there.room / "office.backup"), str(again), "--secrets", str(there.folder / "secrets.toml"),
        "--media", str(there.folder / "media"), "--register", str(there.room / "office-register" / "withdrawals.jsonl"),
        **there.env,
    )  # fmt: skip
    assert said.code == 0, said.err
    named_here(again)
    shown = publisher("--office", str(again), "show", there.told["items"]["in review"], "--json", **there.env)
    assert shown.code == 0, shown.err
    assert shown.object["state"] == "withdrawn"
    said = publisher("--office", str(again), "migrate", **there.env)  # it gets its integrity key
    assert said.code == 0, said.err
    said = publisher("--office", str(again), "audit", "verify", **there.env)
    assert said.code == 0, said.err


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_old_evidence_pack_verifies_with_the_verifier_it_brings_and_with_ours(kind: str, tmp_path: Path) -> None:
    there = unpacked(kind, tmp_path)
    pack, key = there.room / "pack.zip", there.room / "office-keys" / "anchor.pub.pem"
    brought = tmp_path / "verifier.py"
    with zipfile.ZipFile(pack) as archive:
        brought.write_bytes(archive.read("verifier.py"))

    def verify() -> list[int]:
        orders = [
            [sys.executable, "-I", str(file), str(pack), "--key", str(key)] for file in (brought, verifier.__file__)
        ]
        return [subprocess.run(order, capture_output=True, check=False, env={}).returncode for order in orders]

    assert verify() == [0, 0]
    held = publisher("pack", "--verify", str(pack), "--key", str(key))
    assert held.code == 0, held.err
    pack.write_bytes(pack.read_bytes()[:-1] + b"?")  # the control: a pack that was touched holds with neither
    assert verify() == [1, 1]

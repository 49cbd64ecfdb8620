"""An office is lost and restored: nothing is posted again, and what came down since stays down.

Real offices on both databases, real files, the platforms' own record of what they hold. Each scenario has its control:
the older database put back without the register, which shows what would happen.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox

from support import databases, office_folder
from support.commands import Said, publisher

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
KEY = {"PUBLISHER_BACKUP_KEY": "5a" * 32}
LATER = 2 * 3600.0  # when the second half of the Items is due, and all of it was


@dataclass
class Place:
    """An office, seen from outside, and its platforms."""

    folder: Path
    url: str  # of its PostgreSQL database; empty: SQLite in the folder
    control: Control
    fresh: Callable[[], str]
    refs: dict[str, str] = field(default_factory=dict)

    def run(self, order: str, *given: object) -> Any:
        env = databases.environment(self.url or None, PUBLISHER_OFFICE=str(self.folder))
        return databases.run("restored_office.py", order, *(json.dumps(each) for each in given), env=env)

    def type(self, *arguments: str, **env: str) -> Said:
        given = KEY | ({"DATABASE_URL": self.url} if self.url else {}) | env
        return publisher("--office", str(self.folder), *arguments, **given)

    def backup(self, *options: str) -> Path:
        file = self.folder.parent / "yesterday.backup"
        said = self.type("backup", str(file), *options)
        assert said.code == 0, said.err
        return file

    def restore(self, file: Path, *options: str, register: Path | None = None) -> tuple[Place, Said]:
        """Into a new folder (and a new database), with this office's register and keys."""
        url = self.fresh()
        folder = self.folder.parent / "restored"
        kept = register or self.register
        said = publisher(
            "restore", str(file), str(folder), "--secrets", str(self.folder / "secrets.toml"),
            "--register", str(kept), *options, "--json", **KEY, **({"DATABASE_URL": url} if url else {}),
        )  # fmt: skip
        return Place(folder, url, self.control, self.fresh, self.refs), said

    @property
    def register(self) -> Path:
        return self.folder.parent / f"{self.folder.name}-register" / "withdrawals.jsonl"

    def things(self) -> list[dict[str, Any]]:
        return [*self.control.things("flickr"), *self.control.things("youtube")]

    def public(self) -> int:
        return sum(thing["visibility"] == "public" and not thing["deleted"] for thing in self.things())


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    kind = getattr(request, "param", "sqlite")
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(tmp_path / "sandbox"))
        control = Control(sandbox.base, sandbox.secret)
        control.settings(listing_delay=0.0, search_delay=0.0, processing_seconds=0.0)

        def fresh() -> str:
            return "" if kind == "sqlite" else stack.enter_context(databases.fresh_database(kind, tmp_path, empty=True))

        destinations = office_folder.sandbox_destinations(sandbox.base)
        folder = office_folder.write_office(
            tmp_path / "office", destinations, pace={**office_folder.QUICK, "lease": 60.0}
        )
        made = Place(folder, fresh(), control, fresh)
        tokens = {"flickr": control.mint_flickr_token(), "youtube": control.mint_google_token()}
        made.refs = made.run("seed", tokens)
        yield made


both = pytest.mark.parametrize("place", KINDS, indirect=True)


@pytest.mark.slow
@both
def test_restored_with_three_posts_made_since_none_is_posted_again(place: Place) -> None:
    first = place.run("rounds", 0)
    assert first[place.refs["early"]] == ["approved", False, ["live"]]
    file = place.backup()
    since = place.run("rounds", LATER)
    assert sum(states == ["live"] for _, _, states in since.values()) == 7
    before = place.things()

    restored, said = place.restore(file)
    assert said.code == 0, said.err
    assert sorted(said.object["held"]) == sorted(place.refs[name] for name in ("eliminated", "withdrawn", "left"))
    made_since = [place.refs[name] for name in ("held", "feature", "film")]
    reconciled = restored.type("reconcile", "--json")
    adopted = {reference for account in reconciled.object["accounts"] for reference in account["adopted"]}
    assert set(made_since) <= adopted, reconciled
    after = restored.run("rounds", LATER)
    assert place.things() == before, "a restored office touched what is at the platforms"
    assert [after[reference] for reference in made_since] == [["approved", False, ["live"]]] * 3
    assert after[place.refs["early"]] == ["approved", False, ["live"]]
    check = restored.type("check", "--offline", "--json")
    wrong = {each["what"]: each["words"] for each in check.object["findings"] if not each["right"]}
    assert "nothing is sent or revealed until `publisher reconcile`" in wrong["high water"]


@pytest.mark.first_row
@both
def test_restored_after_an_elimination_a_hold_and_a_leaver_nothing_of_them_goes_out(place: Place) -> None:
    place.run("rounds", 0)
    file = place.backup()
    place.run("act", "eliminate", place.refs["early"])
    place.run("act", "court_order", place.refs["withdrawn"])
    place.run("act", "hold", place.refs["held"])
    assert place.run("act", "disable", "carol")["again"] == [place.refs["left"]]
    assert place.run("rounds", 0)[place.refs["early"]] == ["withdrawn", False, ["removed"]]
    kinds = [json.loads(json.loads(line)["body"])["kind"] for line in place.register.read_text().splitlines()]
    told = ["approvals_void", "blocked", "blocked", "hold", "officer_disabled", "outcome", *["withdrawn"] * 3]
    assert sorted(kinds) == told

    restored, said = place.restore(file)
    assert said.code == 0, said.err
    assert set(said.object["withdrawn_again"]) >= {"withdrawn", "hold", "officer_disabled", "outcome"}
    restored.run("resume")  # as if somebody had reconciled it
    after = restored.run("rounds", LATER)
    states = {name: after[reference][0] for name, reference in place.refs.items()}
    assert {name: states[name] for name in ("early", "eliminated", "withdrawn")} == dict.fromkeys(
        ("early", "eliminated", "withdrawn"), "withdrawn"
    )
    assert states["left"] in ("submitted", "in_review", "draft")
    assert after[place.refs["held"]][1] is True
    # Only the two features nobody had anything against were sent.
    assert [after[place.refs[name]][2] for name in ("feature", "film")] == [["live"], ["live"]]
    assert place.public() == 2
    assert restored.type("audit", "verify").code == 0


@pytest.mark.slow
def test_an_older_database_without_its_register_is_an_alarm_and_without_the_alarm_it_sends_what_was_withdrawn(
    place: Place, tmp_path: Path
) -> None:
    place.run("rounds", 0)
    with closing(sqlite3.connect(place.folder / "publisher.sqlite3")) as database:
        database.execute("VACUUM INTO ?", [str(tmp_path / "old.sqlite3")])
    place.run("act", "eliminate", place.refs["early"])
    place.run("act", "court_order", place.refs["withdrawn"])
    place.run("rounds", LATER)
    sent = len(place.things())
    forget(place)
    (place.folder / "publisher.sqlite3").write_bytes((tmp_path / "old.sqlite3").read_bytes())
    after = place.run("rounds", LATER)
    assert after[place.refs["withdrawn"]] == ["approved", False, ["waiting"]], "nobody was stopped by the alarm"
    assert len(place.things()) == sent
    forget(place)
    (place.folder / "publisher.sqlite3").write_bytes((tmp_path / "old.sqlite3").read_bytes())
    after = place.run("rounds_without_alarms", LATER)
    assert after[place.refs["withdrawn"]] == ["approved", False, ["live"]], "it was not shown to be dangerous"
    assert after[place.refs["eliminated"]] == ["approved", False, ["live"]]
    assert len(place.things()) > sent


def forget(place: Place) -> None:
    for name in ("publisher.sqlite3", "publisher.sqlite3-wal", "publisher.sqlite3-shm"):
        (place.folder / name).unlink(missing_ok=True)
    shutil.rmtree(place.register.parent)


@pytest.mark.slow
def test_a_database_copied_back_by_hand_is_frozen_and_what_was_withdrawn_stays_down(
    place: Place, tmp_path: Path
) -> None:
    place.run("rounds", 0)
    with closing(sqlite3.connect(place.folder / "publisher.sqlite3")) as database:
        database.execute("VACUUM INTO ?", [str(tmp_path / "old.sqlite3")])
    place.run("act", "court_order", place.refs["withdrawn"])
    place.run("rounds", LATER)
    before = place.things()
    for name in ("publisher.sqlite3-wal", "publisher.sqlite3-shm"):
        (place.folder / name).unlink(missing_ok=True)
    (place.folder / "publisher.sqlite3").write_bytes((tmp_path / "old.sqlite3").read_bytes())

    check = place.type("check", "--offline", "--json")
    wrong = {each["what"]: each["words"] for each in check.object["findings"] if not each["right"]}
    assert wrong["high water"].startswith("This database is not the one this office worked with: ")
    after = place.run("rounds", LATER)
    assert after[place.refs["withdrawn"]][0] == "withdrawn"
    assert place.things() == before
    attention = place.type("list", "--attention").out
    assert "This database is not the one this office worked with" in attention
    assert "recovering" in {row[0] for row in entries(place)}


def entries(place: Place) -> list[tuple[str]]:
    with closing(sqlite3.connect(place.folder / "publisher.sqlite3")) as database:
        return database.execute("SELECT act FROM pressqueue_entry").fetchall()

"""What goes wrong around a command is said in a sentence that names it and the way out."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from publisher.cli import patience, run
from publisher.output import Declined

from support.commands import Said, Typist, publisher


def test_a_port_in_use_is_said_and_nothing_is_started(exercise: Typist) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("up", "web"):
            said = publisher("--office", str(exercise.folder), command, "--host", "127.0.0.1", "--port", str(port))
            assert said.code == 1
            assert said.err.startswith(f"Port {port} on 127.0.0.1 is in use:")
            assert (f"--port {port + 1}" in said.err, "The desk is at" in said.err, said.out) == (True, False, "")
            assert len(said.err.splitlines()) == 1


def test_a_free_port_is_no_fault() -> None:
    run.demand_free("127.0.0.1", 0)
    with pytest.raises(Declined, match=r"Nothing can listen on 192\.0\.2\.1"):
        run.demand_free("192.0.2.1", 8000)


@pytest.mark.parametrize("url", ["nonsense", "mysql://user:secret@host/name"])
def test_a_database_that_is_none_is_named_by_its_setting(exercise: Typist, url: str) -> None:
    said = publisher("--office", str(exercise.folder), "list", DATABASE_URL=url)
    assert said.code == 1
    assert said.err.startswith("DATABASE_URL ")
    assert "fault of its own" not in said.err and "secret" not in said.err


def test_a_folder_that_cannot_be_made_is_named_as_it_was_typed(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    folder = tmp_path / "full" / ("x" * 250)  # no name beside it fits: ENAMETOOLONG, as EACCES for who is not root
    said = publisher(
        "init", str(folder), "--exercise", "--name", "N", "--admin", "chief", "--sandbox", "http://127.0.0.1:9"
    )
    assert said.code == 1
    assert said.err.startswith(f"{folder} cannot be made (")


def test_a_name_or_a_prefix_in_use_is_told_apart(exercise: Typist) -> None:
    def add(slug: str, prefix: str) -> Said:
        return exercise(
            "campaign", "add", slug, "--title", "T", "--kind", "series", "--prefix", prefix, "--as", "amara"
        )

    assert "There is a campaign with the name “photo-of-the-day” already" in add("photo-of-the-day", "NEW").err
    assert "The campaign photo-of-the-day has the prefix POD already" in add("another", "pod").err


def test_a_campaign_s_own_lines_answer_where_callers_turn_to(exercise: Typist) -> None:
    lines = ["--contact", "Call 101, or Crimestoppers on 0800 555 111."]
    made = ["campaign", "add", "with-lines", "--title", "T", "--kind", "operation", "--prefix", "LIN", "--as", "amara"]
    assert exercise(*made, *lines).code == 0
    assert exercise.sql("SELECT contact FROM pressqueue_campaign WHERE slug = 'with-lines'") == [(lines[1],)]


@pytest.mark.parametrize(
    ("typed", "meant"), [("admin", "administrator"), ("aprover", "approver"), ("Author", "author")]
)
def test_a_role_that_is_none_is_guessed(exercise: Typist, typed: str, meant: str) -> None:
    said = exercise("user", "add", "newcomer", "--role", typed, "--as", "chief")
    assert (said.code, f"Did you mean {meant}?" in said.err) == (1, True)


def test_a_statement_that_waits_says_so_and_one_that_does_not_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(patience, "PATIENCE", 0.01)
    monkeypatch.setattr(patience, "say", lambda words: told.set())
    assert patience.told_while_waiting(lambda *_: told.wait(5), "BEGIN IMMEDIATE", (), False, {}) is True
    told.clear()
    assert patience.told_while_waiting(lambda *_: told.wait(0.05), "SELECT 1", (), False, {}) is False

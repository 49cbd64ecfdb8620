"""What is public is amended and reviewed from the shell; it is decided at the desk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.commands import CLEAN, Said, Typist
from support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
AS = ("--as", "amara")


@pytest.fixture
def live(exercise: Typist) -> str:
    """The reference of an appeal that is public."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "queue"), str(ROOT / "tests")])
    env = {"PUBLISHER_OFFICE": str(exercise.folder), "DJANGO_SETTINGS_MODULE": "publisher.settings"}
    script = ROOT / "tests" / "support" / "processes" / "go_live.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=PATIENCE,
        env=CLEAN | env | {"PYTHONPATH": paths},
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def amend(exercise: Typist, live: str) -> Callable[..., Said]:
    return lambda *more: exercise("amend", live, *more, *AS)


def test_new_words_wait_for_a_second_officer(exercise: Typist, live: str, amend: Callable[..., Said]) -> None:
    said = amend("--title", "Can you help us find this person? {reference}", "--reason", "Clearer.")
    assert (said.code, said.out) == (0, f"The amendment of {live} waits for a second officer.\n"), said.err
    found = exercise("show", live, "--json").object
    assert found["title"].startswith("Do you know"), "what is public stays"
    (drafted,) = found["amendments"]
    assert (drafted["what"], drafted["state"], drafted["changes"]) == ("amendment", "drafted", ["title"])
    assert drafted["amends"] == found["package"] != drafted["package"]
    assert "Clearer." in exercise("show", live).out


def test_it_is_dropped_with_a_reason(exercise: Typist, live: str, amend: Callable[..., Said]) -> None:
    amend("--title", "Can you help us find this person? {reference}", "--reason", "Clearer.")
    dropped = amend("--drop", "It was clear enough.")
    assert (dropped.code, "is dropped" in dropped.out) == (0, True), dropped.err
    assert exercise("show", live, "--json").object["amendments"][0]["state"] == "dropped"
    again = amend("--drop", "Once more.")
    assert (again.code, "No amendment of" in again.err) == (1, True)


def test_an_answer_of_the_record_changes_with_them(exercise: Typist, live: str, amend: Callable[..., Said]) -> None:
    said = amend("--set", "risk=Raised since: threats were made.", "--reason", "A call came in.", "--json")
    assert said.code == 0, said.err
    assert said.object["changes"] == ["risk"]


@pytest.mark.first_row
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what is to change"),
        (["--title", "Another {reference}"], "Say why it is amended"),
        (["--drop", "No.", "--title", "Another"], "give no new words with it"),
        (["--caption", "This person was there.", "--reason", "Shorter."], "R13"),
        (["--set", "review_at=2030-01-01T08:00", "--reason", "Later."], "publisher review"),
        (["--title", "x" * 101 + " {reference}", "--reason", "Longer."], "YouTube"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_nothing_is_drafted(
    exercise: Typist, live: str, amend: Callable[..., Said], arguments: list[str], words: str
) -> None:
    if words == "YouTube":
        exercise.sql('UPDATE pressqueue_item SET destinations = \'["flickr", "youtube"]\' WHERE reference = ?', live)
    said = amend(*arguments)
    assert (said.code, words in said.err) == (1, True), said.err
    assert exercise("show", live, "--json").object["amendments"] == []


def test_what_is_not_public_is_changed_another_way(exercise: Typist, live: str) -> None:
    exercise.sql("UPDATE pressqueue_post SET state = 'removing' WHERE item_id IN (SELECT id FROM pressqueue_item "
                 "WHERE reference = ?)", live)  # fmt: skip
    said = exercise("amend", live, "--title", "Another {reference}", "--reason", "Clearer.", *AS)
    assert (said.code, "Nothing of" in said.err) == (1, True)


def test_a_review_waits_for_a_second_officer_too(exercise: Typist, live: str) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%dT12:00}"
    bare = exercise("review", live, "--review-at", soon, *AS)
    assert (bare.code, "still necessary" in bare.err) == (1, True)
    said = exercise("review", live, "--review-at", soon, "--necessity", "Nobody is found yet.", *AS)
    assert (said.code, said.out) == (0, f"The review of {live} waits for a second officer.\n"), said.err
    (drafted,) = exercise("show", live, "--json").object["amendments"]
    assert (drafted["what"], drafted["changes"]) == ("review", ["review_at"])


def test_whoever_may_not_write_may_not_amend(exercise: Typist, live: str) -> None:
    said = exercise("amend", live, "--title", "Another {reference}", "--reason", "Clearer.", "--as", "bran")
    assert (said.code, "Only an active author" in said.err) == (1, True)

"""Press packs, duties and recalls, from the shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.commands import Typist, appeal

GIVEN = ["--to", "Northshire Echo", "--name", "Ines Marlow", "--email", "desk@echo.example"]


@pytest.fixture(scope="module")
def eliminated(exercise: Typist, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An appeal whose person was eliminated, and a recall as a pack given out earlier would have left."""
    from PIL import Image

    file = tmp_path_factory.mktemp("pictures") / "face.jpg"
    Image.new("RGB", (64, 48), (9, 9, 9)).save(file)
    said = exercise(*appeal(file), "--new-subject", "--json")
    assert said.code == 0, said.err
    item = dict(said.object["items"][0])
    assert exercise("outcome", item["subjects"][0], "eliminated", "--as", "bran").code == 0
    exercise.sql(
        "INSERT INTO pressqueue_recallnotice (item_id, organisation, name, email, recall_address, reason, state,"
        " queued_at, next_at, tries, words, note) SELECT id, 'Northshire Echo', 'Ines Marlow', 'desk@echo.example',"
        " 'press@x.example', 'eliminated', 'queued', '2026-03-02 09:00:00', '2026-03-02 09:00:00', 0, '', ''"
        " FROM pressqueue_item WHERE reference = ?",
        item["reference"],
    )
    return item


def test_what_is_not_approved_is_given_to_nobody(
    exercise: Typist, picture: Callable[..., Path], tmp_path: Path
) -> None:
    said = exercise(*appeal(picture()), "--json")
    assert said.code == 0, said.err
    reference, out = said.object["items"][0]["reference"], tmp_path / "pack.zip"
    refused = exercise("press-pack", reference, *GIVEN, "--out", str(out), "--as", "amara")
    assert (refused.code, "It is not approved" in refused.err) == (1, True)
    assert not out.exists()
    out.write_bytes(b"mine")
    kept = exercise("press-pack", reference, *GIVEN, "--out", str(out), "--as", "amara")
    assert (kept.code, "already" in kept.err, out.read_bytes()) == (1, True, b"mine")


def test_duties_are_listed_and_done_and_the_recall_waits_for_its_recipients(
    exercise: Typist, eliminated: dict[str, Any]
) -> None:
    owed = exercise("duties", "--json").object
    by_kind = {each["kind"]: each for each in owed["duties"]}
    assert set(by_kind) == {"correction", "letter", "recall"}
    assert {each["overdue"] for each in owed["duties"]} == {False}
    assert eliminated["reference"] in exercise("duties").out
    number = str(by_kind["recall"]["id"])
    early = exercise("duty", number, "--done", "All told.", "--as", "amara")
    assert (early.code, "Northshire Echo" in early.err) == (1, True)
    (recall,) = owed["recalls"]
    told = exercise("recall", str(recall["id"]), "--acknowledged", "Ines, by telephone", "--as", "amara", "--json")
    assert told.object["state"] == "acknowledged"
    done = exercise("duty", number, "--done", "All told.", "--as", "amara", "--json")
    assert (done.object["note"], bool(done.object["done"])) == ("All told.", True)
    again = exercise("duty", number, "--done", "All told.", "--as", "amara")
    assert (again.code, "done already" in again.err) == (1, True)
    left = exercise("duties", "--json").object
    assert ({each["kind"] for each in left["duties"]}, left["recalls"]) == ({"correction", "letter"}, [])


def test_what_there_is_not_is_a_sentence(exercise: Typist) -> None:
    for command in (["duty", "999", "--done", "x"], ["recall", "999", "--acknowledged", "x"]):
        said = exercise(*command, "--as", "amara")
        assert (said.code, f"There is no {command[0]} 999." in said.err) == (1, True)

"""Legal holds, retention reviews and purges, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Typist, appeal


@pytest.fixture(scope="module")
def reference(exercise: Typist, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A withdrawn appeal whose retention review has passed."""
    from PIL import Image

    file = tmp_path_factory.mktemp("pictures") / "face.jpg"
    Image.new("RGB", (64, 48), (7, 7, 7)).save(file)
    said = exercise(*appeal(file), "--json")
    assert said.code == 0, said.err
    name = str(said.object["items"][0]["reference"])
    assert exercise("withdraw", name, "--as", "bran").code == 0
    ((item, officer),) = exercise.sql("SELECT id, author_id FROM pressqueue_item WHERE reference = ?", name)
    exercise.sql(
        "INSERT INTO pressqueue_retentionreview (item_id, until, why, by_id, at)"
        " VALUES (?, '2026-01-01', 'x', ?, '2025-01-01 00:00:00')",
        item, officer,
    )  # fmt: skip
    return name


def original(exercise: Typist, reference: str) -> Path:
    ((sha256,),) = exercise.sql("SELECT original_id FROM pressqueue_item WHERE reference = ?", reference)
    return Path(exercise.folder / "media" / "originals" / sha256[:2] / sha256)


def test_a_hold_keeps_it_and_a_purge_wants_two_people(exercise: Typist, reference: str) -> None:
    held = exercise("legal-hold", reference, "--why", "A case", "--authority", "Legal", "--as", "amara", "--json")
    assert held.object["on"] == reference
    kept = exercise("purge", reference, "--authority", "Retention board", "--as", "amara")
    assert (kept.code, "There is a legal hold" in kept.err) == (1, True)
    lifted = exercise("legal-hold", reference, "--lift", "--authority", "Legal", "--as", "bran", "--json")
    assert lifted.object["lifted"] == [held.object["hold"]]
    none = exercise("legal-hold", reference, "--lift", "--authority", "Legal", "--as", "bran")
    assert (none.code, "There is no legal hold" in none.err) == (1, True)

    assert exercise("purge", "--json").object == {"due": [reference], "asked": []}
    assert exercise("purge", reference, "--authority", "Retention board", "--as", "amara").code == 0
    assert [each["reference"] for each in exercise("purge", "--json").object["asked"]] == [reference]
    for who, confirm, words in (
        ("amara", reference, "Only an active approver"),
        ("bran", "WTN-9999", "If you mean it"),
    ):
        refused = exercise("purge", reference, "--confirm", confirm, "--as", who)
        assert (refused.code, words in refused.err) == (1, True)
    assert original(exercise, reference).exists()
    done = exercise("purge", reference, "--confirm", reference, "--as", "bran", "--json")
    assert done.object == {"reference": reference, "state": "purged", "files_gone": True}
    assert not original(exercise, reference).exists()
    shown = exercise("show", reference, "--json")
    assert (shown.code, shown.object["state"]) == (0, "withdrawn")
    assert exercise.sql("SELECT title, caption FROM pressqueue_item WHERE reference = ?", reference) == [("", "")]
    assert exercise("audit", "verify").code == 0


def test_a_review_keeps_it_until_a_day_that_is_one(exercise: Typist, reference: str) -> None:
    wrong = exercise("retention", reference, "--until", "soon", "--why", "x", "--as", "amara")
    assert (wrong.code, "is no date" in wrong.err) == (1, True)
    kept = exercise("retention", reference, "--until", "2099-03-01", "--why", "An inquest", "--as", "amara", "--json")
    assert kept.object == {"reference": reference, "until": "2099-03-01"}


def test_a_purge_wants_one_thing(exercise: Typist, reference: str) -> None:
    said = exercise("purge", reference, "--as", "amara")
    assert (said.code, said.err.startswith("Say one of --authority")) == (1, True)

"""`gates`: every rule, and what this force has set."""

from __future__ import annotations

from pathlib import Path

from pressqueue import rules

from support.commands import Typist, copied


def test_every_rule_is_listed_with_its_kind_and_this_force_s_setting(exercise: Typist) -> None:
    said = exercise("gates")
    for number in rules.NUMBERS:
        assert any(line.split()[0] == number for line in said.out.splitlines()), number
    assert "[approval] appeal_hours = 72 hours" in said.out
    assert "property (left)" in said.out


def test_as_json_each_says_everything(exercise: Typist) -> None:
    rows = exercise("gates", "--json").object["rules"]
    assert {row["number"] for row in rows} == set(rules.NUMBERS)
    (gate,) = (row for row in rows if row["where"] == ["pressqueue.gates.wording.NoGuiltSaid"])
    assert (gate["kind"], gate["may_override"], gate["deferrable"]) == ("gate", True, False)
    assert gate["steps"] == ["approve", "take", "begin_reveal"]
    (letter,) = (row for row in rows if "written to" in row["meaning"])
    assert (letter["kind"], letter["deadline"], letter["who"]) == ("duty", "within 5 days", "officer in the case")
    assert {"where": "[duties] letter", "words": "letter within", "says": "5 days"} in letter["settings"]


def test_one_rule_is_shown_in_full(exercise: Typist) -> None:
    said = exercise("gates", "r22")
    assert "pressqueue.gates.proceedings.NotAfterArrest" in said.out
    assert "while live (withdrawal)" in said.out
    assert "Contempt of Court Act 1981" in said.out
    assert "R23" not in said.out


def test_a_rule_there_is_not_is_a_sentence(exercise: Typist) -> None:
    said = exercise("gates", "R57")
    assert (said.code, said.out) == (1, "")
    assert said.err == "There is no rule R57. They are numbered from R1 to R56.\n"


def test_what_the_force_has_set_is_shown(exercise: Typist, tmp_path: Path) -> None:
    folder = copied(exercise.folder, tmp_path)
    (folder / "policy.toml").write_text("[approval]\nappeal_hours = 24\n")
    with Typist(folder) as typed:
        rows = typed("gates", "R4", "--json").object["rules"]
    assert rows[0]["settings"][0] == {
        "where": "[approval] appeal_hours", "words": "an appeal's approval holds for", "says": "24 hours",
    }  # fmt: skip

"""`words`: the linter and the templates on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commands import Typist, appeal, feature

GOOD = (
    "We would like to speak to this person, who may be able to help. Is this you? Call 101, text relay 18001 101, or "
    "Crimestoppers on 0800 555 111."
)


@pytest.fixture
def reference(exercise: Typist, picture: Callable[..., Path]) -> str:
    """An appeal, still a draft."""
    said = exercise(*appeal(picture(colour=(9, 9, 9))), "--json")
    return str(said.object["items"][0]["reference"]) if said.code == 0 else pytest.fail(said.err)


def test_a_text_that_passes_says_so_with_exit_code_0(exercise: Typist) -> None:
    said = exercise("words", "check", GOOD)
    assert (said.code, said.out) == (0, "These words pass.\n")


def test_what_is_found_is_told_with_rule_reason_and_better(exercise: Typist) -> None:
    said = exercise("words", "check", f"A thief. {GOOD}", "--json")
    assert said.code == 1
    (only,) = said.object["findings"]
    assert (only["rule"], only["phrase"], only["where"], only["override"]) == ("R13", "thief", "caption", True)
    assert only["better"] == "a person we would like to identify after a reported theft"
    table = exercise("words", "check", f"A thief. {GOOD}").out
    assert table.splitlines()[0].split() == ["rule", "phrase", "where", "reason", "better"]
    assert "thief" in table


def test_what_is_missing_is_told_with_a_sentence_to_use(exercise: Typist) -> None:
    said = exercise("words", "check", GOOD.replace("18001 101", ""), "--json")
    assert [each["better"] for each in said.object["findings"]] == [
        "If you are deaf or cannot speak, use text relay on 18001 101."
    ]


def test_another_kind_and_another_place_have_their_own_rules(exercise: Typist) -> None:
    assert exercise("words", "check", "Rufus caught a ball", "--kind", "feature").code == 0
    assert exercise("words", "check", "A man fleeing", "--field", "alternative text").code == 1
    assert exercise("words", "check", "A man in a coat", "--field", "alternative text").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Give either a text in quotes or --item REF."),
        (["x", "--item", "WTN-0001"], "Give either a text in quotes or --item REF."),
        (["x", "--kind", "poem"], "“poem” is no kind of text. There are: appeal, suspect"),
        (["x", "--field", "footer"], "“footer” is no place for a text."),
        (["--item", "WTN-9999"], "There is no Item WTN-9999."),
    ],
)
def test_what_cannot_be_checked_is_a_sentence(exercise: Typist, arguments: list[str], says: str) -> None:
    said = exercise("words", "check", *arguments)
    assert (said.code, said.out) == (1, "")
    assert says in said.err


def test_all_published_words_of_an_item_are_checked(exercise: Typist, reference: str) -> None:
    assert exercise("words", "check", "--item", reference).code == 0
    exercise.sql("UPDATE pressqueue_item SET tags = ? WHERE reference = ?", json.dumps(["MillLaneThief"]), reference)
    said = exercise("words", "check", "--item", reference, "--json")
    assert (said.code, [(each["phrase"], each["where"]) for each in said.object["findings"]]) == (
        1,
        [("Thief", "tags")],
    )


def test_an_items_words_are_held_against_its_record(exercise: Typist, reference: str) -> None:
    exercise.sql(
        "UPDATE pressqueue_appealrecord SET incident_at = ?, do_not_approach = 1 WHERE item_id = "
        "(SELECT id FROM pressqueue_item WHERE reference = ?)", "2026-02-21 12:00:00", reference,
    )  # fmt: skip
    exercise.sql("UPDATE pressqueue_item SET title = 'On 20 February. ' || title WHERE reference = ?", reference)
    found = exercise("words", "check", "--item", reference, "--json").object["findings"]
    assert [each["rule"] for each in found] == ["R14", "R14", "R16"]


def test_a_feature_needs_no_line(exercise: Typist, picture: Callable[..., Path]) -> None:
    said = exercise(*feature(picture(colour=(8, 8, 8))), "--json")
    assert exercise("words", "check", "--item", said.object["items"][0]["reference"]).code == 0


def test_a_template_as_it_is_and_filled_from_the_record(exercise: Typist, reference: str) -> None:
    bare = exercise("words", "template", "suspect", "--json").object
    assert "{location}" in bare["caption"]
    unanswered = exercise("words", "template", "--for", reference)
    assert (unanswered.code, "asks for the offence and the location" in unanswered.err) == (1, True)
    exercise.sql(
        "UPDATE pressqueue_appealrecord SET incident_at = ?, location = 'Mill Lane', offence = 'a reported burglary' "
        "WHERE item_id = (SELECT id FROM pressqueue_item WHERE reference = ?)", "2026-02-21 12:00:00", reference,
    )  # fmt: skip
    said = exercise("words", "template", "--for", reference)
    assert said.code == 0, said.err
    assert said.out.startswith("Title\nDo you know this person? {reference}\n")
    assert "a reported burglary at Mill Lane on Saturday 21 February 2026" in said.out
    assert exercise("words", "template").err == "Say which template, or for which Item: --for REF.\n"
    assert "There are: suspect, witness" in exercise("words", "template", "poem").err

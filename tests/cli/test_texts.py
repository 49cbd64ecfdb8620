"""Texts the machine publishes, from the shell: drafted, listed, dropped; never approved there."""

from __future__ import annotations

from support.commands import Typist

WORDS = "The appeal {reference} is closed. Please do not share copies of its picture."


def test_words_are_drafted_listed_and_dropped(exercise: Typist) -> None:
    made = exercise("texts", "draft", "tombstone", WORDS, "--as", "amara", "--json")
    assert made.code == 0, made.err
    assert (made.object["state"], made.object["campaign"], made.object["body"]) == (
        "waits for a second person", None, WORDS,
    )  # fmt: skip
    assert [each["text"] for each in exercise("texts", "list", "--json").object["texts"]] == [made.object["text"]]
    assert "waits for a" in exercise("texts", "list").out
    number = str(made.object["text"])
    assert exercise("texts", "drop", number, "--as", "bran").code == 0
    assert exercise("texts", "list", "--json").object == {"texts": [], "totals": []}
    (ended,) = exercise("texts", "list", "--all", "--json").object["texts"]
    assert (ended["state"], ended["ended_reason"]) == ("ended", "dropped")
    again = exercise("texts", "drop", number, "--as", "bran")
    assert (again.code, "already" in again.err) == (1, True)


def test_what_may_not_be_said_is_refused_by_its_rule(exercise: Typist) -> None:
    said = exercise(
        "texts", "draft", "album", "{removed} were arrested", "--campaign", "operation-larch", "--title", "Larch",
        "--as", "amara",
    )  # fmt: skip
    assert (said.code, "[R33]" in said.err) == (1, True)
    assert exercise("texts", "draft", "album", "Help us", "--campaign", "elm", "--as", "amara").code == 1
    assert exercise("texts", "drop", "4711", "--as", "amara").code == 1


def test_a_campaign_with_an_album_leaves_words_to_approve(exercise: Typist) -> None:
    made = exercise(
        "campaign", "add", "elm", "--title", "Operation Elm", "--kind", "operation", "--prefix", "ELM",
        "--album", "Operation Elm", "--album-text", "Can you help?", "--as", "amara",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert "A second person approves" in made.out
    (text,) = exercise("texts", "list", "--json").object["texts"]
    assert (text["kind"], text["campaign"], text["state"]) == ("album", "elm", "waits for a second person")

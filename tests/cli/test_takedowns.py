"""Outcomes, whole operations, blocked pictures and tombstones, from the shell."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.commands import Typist, appeal

shades = itertools.count(8, 8)  # neighbouring shades give the same JPEG
SECRETS = ("Do you know this person", "Call 101 quoting")


@pytest.fixture
def queue(exercise: Typist, picture: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Queue one appeal, with these options; answers the Item."""

    def make(*options: str, file: Path | None = None) -> dict[str, Any]:
        said = exercise(*appeal(file or picture(colour=(0, next(shades), 0))), *options, "--json")
        assert said.code == 0, said.err
        return dict(said.object["items"][0])

    return make


def test_a_new_person_is_given_a_number_and_shown_again_by_it(exercise: Typist, queue: Callable[..., Any]) -> None:
    first = queue("--new-subject")
    (number,) = first["subjects"]
    assert number.startswith("WTN-")
    assert number != first["reference"]
    second = queue("--subject", number, "--new-subject")
    assert number in second["subjects"]
    assert len(second["subjects"]) == 2
    told = exercise("show", number, "--json").object
    assert [each["reference"] for each in told["items"]] == [first["reference"], second["reference"]]
    assert told["outcome"] == ""
    assert "goes on" in exercise("show", number).out


def test_an_unknown_person_is_a_sentence_and_nothing_is_queued(exercise: Typist, picture: Callable[..., Path]) -> None:
    said = exercise(*appeal(picture()), "--subject", "WTN-9999")
    assert (said.code, said.err) == (1, "There is no person WTN-9999, and no Item of that reference that shows one.\n")


def test_an_outcome_takes_down_everything_and_leaves_the_number(
    exercise: Typist, queue: Callable[..., Any], picture: Callable[..., Path]
) -> None:
    file = picture("face.jpg", (1, 2, 3))
    first = queue("--new-subject", file=file)
    (number,) = first["subjects"]
    second = queue("--subject", number)
    said = exercise("outcome", number, "eliminated", "--as", "bran")
    assert (said.code, said.out) == (0, "2 Items are withdrawn. Nothing of them is up.\n")
    told = exercise("show", number, "--json").object
    assert (told["outcome"], bool(told["outcome_at"])) == ("eliminated", True)
    for item in (first, second):
        page, found = exercise("show", item["reference"]).out, exercise("show", item["reference"], "--json").object
        assert (found["state"], found["ended_reason"]) == ("withdrawn", "eliminated")
        assert found["made"]
        assert "item_withdraw" in [each["act"] for each in found["log"]]
        for secret in SECRETS:
            assert secret not in page
            assert secret not in json.dumps(found)

    again = exercise(*appeal(file))
    assert again.code == 1
    assert f"[R29] This picture came down with {first['reference']}" in again.err
    refused = exercise("unblock", first["reference"], "--authority", "me", "--as", "amara")
    assert (refused.code, "Only an active approver" in refused.err) == (1, True)
    lifted = exercise("unblock", first["reference"], "--authority", "Supt Okafor, 3 March", "--as", "bran", "--json")
    assert first["original"] in lifted.object["unblocked"]
    assert exercise(*appeal(file)).code == 0


def test_an_outcome_may_be_told_by_the_reference_the_public_quotes(exercise: Typist, queue: Callable[..., Any]) -> None:
    one, two = queue("--new-subject"), queue("--new-subject")
    both = queue("--subject", one["subjects"][0], "--subject", two["subjects"][0])
    assert (
        f"{both['reference']} shows 2 people"
        in exercise("outcome", both["reference"], "identified", "--as", "bran").err
    )
    said = exercise("outcome", one["reference"], "named_unconfirmed", "--as", "bran", "--json")
    assert said.object == {"number": one["subjects"][0], "outcome": "named_unconfirmed", "items": []}
    assert exercise("show", one["reference"], "--json").object["state"] == "draft"
    said = exercise("outcome", one["reference"], "identified", "--as", "bran", "--json")
    assert [each["reference"] for each in said.object["items"]] == [one["reference"], both["reference"]]


def test_an_unknown_outcome_names_those_there_are(exercise: Typist, queue: Callable[..., Any]) -> None:
    said = exercise("outcome", queue("--new-subject")["subjects"][0], "guilty", "--as", "bran")
    assert (said.code, said.err.startswith("“guilty” is no outcome. Known are: identified")) == (1, True)


def test_what_was_removed_by_hand_is_told_of_what_comes_down_only(exercise: Typist, queue: Callable[..., Any]) -> None:
    said = exercise("withdraw", queue()["reference"], "--by-hand", "flickr", "--as", "bran")
    assert "has no Post at flickr" in said.err


def test_withdraw_wants_one_thing(exercise: Typist) -> None:
    for arguments in ([], ["WTN-0001", "--operation", "operation-larch"]):
        said = exercise("withdraw", *arguments, "--as", "bran")
        assert (said.code, said.err) == (1, "Name one Item, or one operation with --operation.\n")


def test_a_whole_operation_is_taken_down_once_its_name_was_typed_twice(
    exercise: Typist, queue: Callable[..., Any]
) -> None:
    item = queue()
    command = ["withdraw", "--operation", "operation-larch", "--as", "bran"]
    for confirm in ([], ["--confirm", "operation-fir"]):
        said = exercise(*command, *confirm)
        assert said.code == 1
        assert "If you mean it, add --confirm operation-larch." in said.err
    assert exercise("show", item["reference"], "--json").object["state"] == "draft"
    done = exercise(*command, "--confirm", "operation-larch", "--json")
    assert item["reference"] in [each["reference"] for each in done.object["items"]]
    assert exercise("show", item["reference"], "--json").object["ended_reason"] == "kill_switch"

"""Accounts from the shell: what takes a second administrator, and what a code shows to whom."""

from __future__ import annotations

import pytest

from support.commands import Typist


@pytest.fixture(scope="module")
def tokens(real: Typist) -> dict[str, str]:
    return {name: real.token(name) for name in ("chief", "deputy")}


def number_of(real: Typist) -> str:
    (change,) = real("user", "changes", "--json").object["changes"]
    return str(change["change"])


def test_an_approver_of_a_real_office_takes_two_administrators(real: Typist, tokens: dict[str, str]) -> None:
    made = real("user", "add", "bran", "--role", "approver", "--rank", "inspector", PUBLISHER_TOKEN=tokens["chief"])
    assert made.code == 0
    assert "another administrator has to confirm it, by `publisher user confirm" in made.err
    listed = {each["user"]: each["roles"] for each in real("user", "list", "--json").object["users"]}
    assert listed["bran"] == []
    number = number_of(real)
    alone = real("user", "confirm", number, "--seen", PUBLISHER_TOKEN=tokens["chief"])
    assert alone.code == 1
    assert "Somebody else must confirm this" in alone.err
    done = real("user", "confirm", number, "--seen", "--json", PUBLISHER_TOKEN=tokens["deputy"])
    assert done.object["user"] == "bran" and done.object["code"]
    assert real("user", "changes", "--json").object == {"changes": []}


def test_a_rank_and_a_code_of_an_approver_wait_as_well_and_may_be_dropped(real: Typist, tokens: dict[str, str]) -> None:
    asked = real("user", "rank", "bran", "superintendent", "--json", PUBLISHER_TOKEN=tokens["chief"])
    assert (asked.code, asked.object["kind"]) == (0, "rank")
    dropped = real("user", "drop", number_of(real), "--json", PUBLISHER_TOKEN=tokens["deputy"])
    assert dropped.object["confirmed"] is False
    code = real("user", "code", "bran", "--json", PUBLISHER_TOKEN=tokens["deputy"])
    assert code.object["kind"] == "code" and "code" not in code.object
    assert real("user", "confirm", number_of(real), "--seen", "--json", PUBLISHER_TOKEN=tokens["chief"]).object["code"]


def test_an_author_is_made_by_one_and_their_code_shown_at_once(real: Typist, tokens: dict[str, str]) -> None:
    made = real("user", "add", "amara", "--role", "author", "--json", PUBLISHER_TOKEN=tokens["chief"])
    assert made.object["code"]
    unknown = real("user", "rank", "amara", "wizard", PUBLISHER_TOKEN=tokens["chief"])
    assert unknown.code == 1 and "is no rank this office knows" in unknown.err
    assert (
        real("user", "rank", "amara", "sergeant", "--json", PUBLISHER_TOKEN=tokens["chief"]).object["changed"] is True
    )
    assert real("user", "confirm", "999", PUBLISHER_TOKEN=tokens["chief"]).err.startswith("There is no change 999.")


def test_roles_are_given_whole(exercise: Typist) -> None:
    assert exercise("user", "roles", "amara", "--role", "author", "--role", "investigator", "--as", "chief").code == 0
    listed = {each["user"]: each["roles"] for each in exercise("user", "list", "--json").object["users"]}
    assert listed["amara"] == ["author", "investigator"]

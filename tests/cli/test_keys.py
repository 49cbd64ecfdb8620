"""`publisher key rotate`: two people change the integrity key at the command line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from support.commands import Typist, copied, publisher

TWO = ("--as-first", "chief", "--as-second", "deputy")


def key_of(folder: Path) -> str:
    return str(tomllib.loads((folder / "secrets.toml").read_text())["integrity_key"])


@pytest.fixture
def office(real_folder: Path, tmp_path: Path) -> Path:
    return copied(real_folder, tmp_path)


def test_two_people_show_their_tokens_and_everything_agrees_under_the_new_key(office: Path) -> None:
    with Typist(office) as typist:
        tokens = {"PUBLISHER_TOKEN_FIRST": typist.token("chief"), "PUBLISHER_TOKEN_SECOND": typist.token("deputy")}
        before = key_of(office)
        for first, second, given, words in (
            ("chief", "chief", tokens, "Two different people must say so"),
            ("deputy", "chief", tokens, "is not deputy's"),
            ("chief", "deputy", {}, "PUBLISHER_TOKEN_FIRST"),
        ):
            said = typist("key", "rotate", "--as-first", first, "--as-second", second, **given)
            assert (said.code, words in said.err) == (1, True), said.err
        assert key_of(office) == before
        said = typist("key", "rotate", *TWO, "--json", **tokens)
        assert said.code == 0, said.err
        assert said.object["rows"] == 3  # the office and its two people
        assert said.object["kept"] is True
        after = key_of(office)
        assert after != before
        assert before not in said.out and after not in said.out
    verified = publisher("--office", str(office), "audit", "verify")
    assert verified.code == 0, verified.err
    assert "integrity_key_next" not in (office / "secrets.toml").read_text()


def test_a_row_that_was_written_past_the_program_keeps_the_key(office: Path) -> None:
    with Typist(office) as typist:
        tokens = {"PUBLISHER_TOKEN_FIRST": typist.token("chief"), "PUBLISHER_TOKEN_SECOND": typist.token("deputy")}
        before = key_of(office)
        typist.sql("UPDATE pressqueue_officer SET may_approve = 1 WHERE username = 'deputy'")
        said = typist("key", "rotate", *TWO, **tokens)
    assert said.code == 1
    assert "account 2 was given the role approver" in said.err
    assert key_of(office) == before


@pytest.mark.slow
def test_where_the_key_comes_from_the_environment_it_says_what_to_set(office: Path) -> None:
    before = key_of(office)
    with Typist(office) as typist:
        env = {"PUBLISHER_TOKEN_FIRST": typist.token("chief"), "PUBLISHER_TOKEN_SECOND": typist.token("deputy")}
    env["PUBLISHER_INTEGRITY_KEY"] = before
    command = ("--office", str(office), "key", "rotate", *TWO)
    said = publisher(*command, **env)
    assert said.code == 1
    assert "PUBLISHER_INTEGRITY_KEY_NEXT" in said.err
    env["PUBLISHER_INTEGRITY_KEY_NEXT"] = "d" * 64
    said = publisher(*command, **env)
    assert said.code == 0, said.err
    assert "PUBLISHER_INTEGRITY_KEY_NEXT away" in said.out + said.err
    for key in ({"PUBLISHER_INTEGRITY_KEY": "d" * 64}, env):  # afterwards, and before a person has changed it
        verified = publisher("--office", str(office), "audit", "verify", **key)
        assert verified.code == 0, verified.err
    assert publisher("--office", str(office), "audit", "verify", PUBLISHER_INTEGRITY_KEY=before).code == 1

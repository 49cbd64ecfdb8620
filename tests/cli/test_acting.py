"""Who acts: a personal token, or, in an exercise office only, --as."""

from __future__ import annotations

import getpass
import json
import socket

import pytest

from support.commands import Typist

ADD = ["user", "add"]


def test_nobody_acts_without_saying_who(exercise: Typist) -> None:
    said = exercise("freeze", "all")
    assert said.code == 1
    assert said.err.startswith("Who is acting? Put your command-line token in PUBLISHER_TOKEN")


def test_as_is_refused_in_a_real_office(real: Typist) -> None:
    said = real("user", "add", "eve", "--role", "author", "--as", "chief")
    assert said.code == 1
    assert said.err.startswith("--as exists in exercise offices only.")
    assert [row[0] for row in real.sql("SELECT username FROM pressqueue_officer")] == ["chief", "deputy"]


def test_as_names_those_there_are(exercise: Typist) -> None:
    said = exercise("freeze", "all", "--as", "nobody")
    assert (said.code, said.err) == (1, "There is no account nobody. There are: amara, bran, chief.\n")


def test_a_token_acts_for_its_holder_in_a_real_office(real: Typist) -> None:
    token = real.token("chief")
    said = real(*ADD, "amara", "--role", "author", "--json", PUBLISHER_TOKEN=token)
    assert said.object["user"] == "amara"
    assert len(said.object["code"]) == 35


TOKENS = [
    ({"revoked": True}, "was revoked"),
    ({"days": -1}, "ran out on"),
    ({"scope": "read"}, "may only read"),
]


@pytest.mark.parametrize(("kind", "words"), TOKENS)
def test_a_token_that_is_no_longer_good_is_refused(real: Typist, kind: dict[str, object], words: str) -> None:
    said = real("freeze", "all", PUBLISHER_TOKEN=real.token("deputy", **kind))  # type: ignore[arg-type]
    assert said.code == 1
    assert words in said.err
    assert real.sql("SELECT frozen FROM pressqueue_office") == [("none",)]


def test_a_stranger_s_token_is_refused_and_not_repeated(real: Typist) -> None:
    said = real("freeze", "all", PUBLISHER_TOKEN="pub_of-somewhere-else")
    assert said.code == 1
    assert "is not one of this office" in said.err
    assert "somewhere-else" not in said.err


def test_the_log_keeps_the_shell_s_user_and_host(exercise: Typist) -> None:
    assert exercise("freeze", "features", "--as", "amara").code == 0
    assert exercise("freeze", "all", "--as", "amara").code == 0
    rows = exercise.sql(
        "SELECT e.act, e.door, t.text FROM pressqueue_entry e JOIN pressqueue_entrytext t USING (number)"
        " WHERE e.act = 'freeze' ORDER BY number"
    )
    assert [(act, door) for act, door, _ in rows] == [("freeze", "cli"), ("freeze", "cli")]
    assert json.loads(rows[0][2])["shell"] == f"{getpass.getuser()}@{socket.gethostname()}"


def test_a_disabled_account_acts_no_more_and_its_tokens_end(real: Typist) -> None:
    chief = real.token("chief", days=20)
    assert real(*ADD, "leaver", "--role", "author", PUBLISHER_TOKEN=chief).code == 0
    leaver = real.token("leaver")
    assert real("user", "disable", "leaver", PUBLISHER_TOKEN=chief).code == 0
    assert "was revoked" in real("freeze", "all", PUBLISHER_TOKEN=leaver).err
    assert real("user", "enable", "leaver", PUBLISHER_TOKEN=chief).code == 0
    assert "was revoked" in real("freeze", "all", PUBLISHER_TOKEN=leaver).err


REFUSED = [
    (["both", "--role", "administrator", "--role", "author"], "neither writes nor approves"),
    (["odd", "--role", "king"], "“king” is no role: author, approver, investigator, administrator."),
    (["Name With Blanks", "--role", "author"], "is no user name"),
    (["chief", "--role", "author"], "There is an account chief already."),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_an_account_that_cannot_be_is_refused(real: Typist, arguments: list[str], words: str) -> None:
    said = real(*ADD, *arguments, PUBLISHER_TOKEN=real.token("chief", days=len(words) / 10))
    assert said.code == 1
    assert words in said.err


def test_only_an_administrator_makes_accounts(exercise: Typist) -> None:
    said = exercise(*ADD, "friend", "--role", "approver", "--as", "amara")
    assert (said.code, said.err) == (1, "amara is no administrator: only an administrator may change accounts.\n")


def test_the_last_administrator_cannot_be_disabled(exercise: Typist) -> None:
    said = exercise("user", "disable", "chief", "--as", "chief")
    assert (said.code, said.err) == (1, "chief is the last administrator: make another one first.\n")


def test_in_an_exercise_one_person_may_be_everything(exercise: Typist) -> None:
    roles = ["--role", "administrator", "--role", "author", "--role", "approver"]
    assert exercise(*ADD, "trainer", *roles, "--as", "chief").code == 0


def test_a_fresh_code_ends_the_older_ones(exercise: Typist) -> None:
    assert exercise("user", "code", "bran", "--as", "chief").code == 0
    assert exercise("user", "code", "bran", "--as", "chief").code == 0
    unused = exercise.sql(
        "SELECT count(*) FROM pressqueue_signincode c JOIN pressqueue_officer o ON o.id = c.officer_id"
        " WHERE o.username = 'bran' AND c.used_at IS NULL"
    )
    assert unused == [(1,)]

"""`audit export` and `anchors`, as people type them, and the verifier on what comes out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from publisher import verifier

from support.commands import Typist, copied, feature, publisher

CHIEF = ("--as", "chief")


@pytest.fixture
def office(exercise_folder: Path, tmp_path: Path) -> Iterator[Typist]:
    with Typist(copied(exercise_folder, tmp_path)) as typist:
        yield typist


def verified(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    alone = shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    return subprocess.run(
        [sys.executable, "-I", str(alone), *arguments], capture_output=True, text=True, check=False, env={}
    )  # fmt: skip


def test_an_export_is_a_line_of_the_log_and_verifies(office: Typist, tmp_path: Path) -> None:
    key = office("anchors", "key", *CHIEF, "--json").object
    assert Path(key["private"]).stat().st_mode & 0o777 == 0o600
    file = tmp_path / "audit.jsonl"
    said = office("audit", "export", "--to", str(file), "--why", "Asked for by counsel", "--for", "Counsel", *CHIEF)
    assert (said.code, said.out.startswith(f"{file}: entries 1 to ")) == (0, True), said.err
    trail = str(tmp_path / "office-register" / "anchors.jsonl")
    done = verified(tmp_path, str(file), "--anchors", trail, "--key", key["public"])
    assert (done.returncode, done.stderr) == (0, "")

    lines = [json.loads(each) for each in file.read_text().splitlines()]
    assert lines[-2]["act"] == "audit_exported"
    assert "text" not in lines[-2], "no text unless it was asked for"
    ((text,),) = office.sql("SELECT text FROM pressqueue_entrytext WHERE number = ?", lines[-2]["number"])
    assert json.loads(text)["text"] == "For Counsel: Asked for by counsel"
    again = office("audit", "export", "--to", str(file), *CHIEF)
    assert (again.code, "exists already" in again.err) == (1, True)


def test_without_a_key_the_log_is_exported_all_the_same(office: Typist, tmp_path: Path) -> None:
    said = office("audit", "export", "--to", str(tmp_path / "a.jsonl"), "--texts", *CHIEF, "--json")
    assert (said.code, said.object["anchored"]) == (0, False)
    refused = office("anchors", "make")
    assert (refused.code, "`publisher anchors key`" in refused.err) == (1, True)


def test_days_that_cannot_be_are_refused_and_leave_no_line(office: Typist, tmp_path: Path) -> None:
    ((before,),) = office.sql("SELECT number FROM pressqueue_chainhead")
    for options, words in (
        (["--from", "tomorrow"], "is no date"),
        (["--until", "2001-01-01"], "no entry between these dates"),
        (["--from", "2999-01-01"], "no entry between these dates"),
    ):
        said = office("audit", "export", "--to", str(tmp_path / "a.jsonl"), *options, *CHIEF)
        assert (said.code, words in said.err) == (1, True)
    nowhere = office("audit", "export", "--to", str(tmp_path / "no" / "a.jsonl"), *CHIEF)
    assert (nowhere.code, "There is no folder" in nowhere.err) == (1, True)
    assert office.sql("SELECT number FROM pressqueue_chainhead") == [(before,)]
    assert not (tmp_path / "a.jsonl").exists()


def test_only_those_who_may_export_or_bring_in_a_key(office: Typist, tmp_path: Path) -> None:
    said = office("audit", "export", "--to", str(tmp_path / "a.jsonl"), "--as", "amara")
    assert (said.code, "Only an administrator or an approver" in said.err) == (1, True)
    said = office("anchors", "key", "--as", "bran")
    assert (said.code, "Only an administrator" in said.err) == (1, True)
    assert office("audit", "export", "--to", str(tmp_path / "a.jsonl")).code == 1


def test_keys_follow_one_another(office: Typist, tmp_path: Path) -> None:
    first = office("anchors", "key", *CHIEF, "--json").object
    assert office("anchors", "key", *CHIEF).err.startswith("There is a signing key already")
    assert office("anchors", "key", "--rotate", "--lost", *CHIEF).code == 1
    second = office("anchors", "key", "--rotate", *CHIEF, "--json").object
    assert second["key"] != first["key"]
    assert office("anchors", "make", "--json").object["key"] == second["key"]
    Path(second["private"]).unlink()
    third = office("anchors", "key", "--lost", "--why", "The disk broke", *CHIEF, "--json").object
    assert (third["why"], office("anchors", "make", "--json").object["key"]) == ("lost", third["key"])
    acts = office.sql("SELECT about FROM pressqueue_entry WHERE act = 'anchor_key' ORDER BY number")
    assert [json.loads(about)["why"] for (about,) in acts] == ["first", "rotation", "lost"]


def test_a_pack_is_made_and_verified(office: Typist, tmp_path: Path, picture: Callable[..., Path]) -> None:
    reference = office(*feature(picture()), "--json").object["items"][0]["reference"]
    file = str(tmp_path / "evidence.zip")
    refused = office("pack", reference, "--to", file, "--as", "amara")
    assert (refused.code, "`publisher anchors key`" in refused.err) == (1, True)
    key = office("anchors", "key", *CHIEF, "--json").object["public"]
    made = office("pack", reference, "--to", file, "--why", "Asked for", "--as", "amara", "--json").object
    assert made["reference"] == reference
    assert "summary.pdf" in made["members"]
    held = publisher("pack", "--verify", file, "--key", key)  # by somebody who has no office
    assert (held.code, held.out.startswith("It holds: entries 1 to ")) == (0, True), held.err
    assert verified(tmp_path, file, "--key", key).returncode == 0
    Path(file).write_bytes(Path(file).read_bytes()[:-1] + b"?")
    broken = publisher("pack", "--verify", file, "--key", key)
    assert (broken.code, broken.out) == (1, "")
    assert "Traceback" not in broken.err


@pytest.mark.first_row
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pack"], "Name the Item and a new file"),
        (["pack", "POD-0001"], "Name the Item and a new file"),
        (["pack", "--verify", "none.zip"], "Which key do you trust?"),
        (["pack", "POD-9999", "--to", "p.zip", "--as", "amara"], "There is no Item POD-9999"),
        (["pack", "POD-0001", "--to", "no/p.zip", "--as", "amara"], "There is no folder"),
    ],
)
def test_what_pack_refuses(arguments: list[str], words: str, office: Typist) -> None:
    said = office(*arguments)
    assert (said.code, words in said.err) == (1, True), said.err

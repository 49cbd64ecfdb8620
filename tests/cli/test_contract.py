"""The command line as a contract: help, documentation, exit codes, and what goes where."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from publisher.cli import manual

from support.commands import CLEAN, Typist, publisher

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = dict(manual.commands())


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_every_option_has_help(path: str) -> None:
    command = COMMANDS[path]
    assert command.help and command.help.strip().endswith((".", "?"))
    assert [each.name for each in command.params if not each.help] == []


def test_the_page_of_commands_says_what_the_commands_say() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == manual.text(), "run: python -m publisher.cli.manual > docs/commands.md"


def test_every_command_of_the_contract_is_there() -> None:
    words = ["demo", "init", "migrate", "up", "web", "worker", "tick", "submit", "list", "show", "hold", "release"]
    words += ["freeze", "thaw", "withdraw", "outcome", "unblock", "retry", "settle", "reconcile", "adopt", "connect"]
    words += ["check", "gates", "sandbox"]
    words += ["user add", "user disable", "user enable", "user list", "campaign add", "campaign list", "slot add"]
    words += ["add feature", "add appeal", "add wanted", "audit verify", "backup", "restore"]
    words += ["words check", "words template"]
    assert {f"publisher {each}" for each in words} <= set(COMMANDS)


def test_approval_is_never_given_on_the_command_line() -> None:
    assert not [path for path in COMMANDS if "approve" in path.split()[1:]]
    assert publisher("approve", "POD-0001").code == 2


def test_help_does_not_wait_for_django() -> None:
    look = "import sys; from publisher.__main__ import main\ntry: main()\nfinally: print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", look, "--help"], capture_output=True, text=True, env=CLEAN, check=False
    )  # fmt: skip
    assert "Usage: publisher" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"


def test_it_says_which_version_it_is_without_an_office() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    said = publisher("--version")
    assert (said.code, said.out.strip(), said.err) == (0, f"publisher {project['version']}", "")


def test_wrong_usage_is_exit_code_2() -> None:
    said = publisher("show")
    assert said.code == 2
    assert "Missing argument" in said.err
    assert said.out == ""


def test_no_office_is_a_sentence_and_exit_code_1(tmp_path: Path) -> None:
    said = publisher("list", cwd=tmp_path)
    assert said.code == 1
    assert said.err.startswith("Which office? ")
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_office_is_found_in_the_folder_one_stands_in(exercise: Typist) -> None:
    assert publisher("user", "list", cwd=exercise.folder).code == 0
    assert publisher("user", "list", PUBLISHER_OFFICE=str(exercise.folder)).code == 0


def test_with_json_stdout_carries_the_object_alone(exercise: Typist) -> None:
    for arguments in (
        ("list",),
        ("list", "--attention"),
        ("user", "list"),
        ("campaign", "list"),
        ("audit", "verify"),
        ("tick",),
        ("check", "--offline"),
        ("gates",),
        ("migrate",),
    ):
        said = exercise(*arguments, "--json")
        assert said.object, said.err
        assert said.out.startswith("{") and said.out.endswith("}\n")


def test_a_refusal_with_json_leaves_stdout_empty(exercise: Typist) -> None:
    said = exercise("show", "POD-9999", "--json")
    assert (said.code, said.out) == (1, "")
    assert said.err == "There is no Item POD-9999. `publisher list` shows those there are.\n"


def test_a_fault_of_ours_is_a_sentence_too(exercise: Typist) -> None:
    exercise.sql("ALTER TABLE pressqueue_campaign RENAME TO elsewhere")
    try:
        said = exercise("campaign", "list")
    finally:
        exercise.sql("ALTER TABLE elsewhere RENAME TO pressqueue_campaign")
    assert said.code == 1
    assert said.err.startswith("The database refused: no such table")
    assert "Traceback" not in said.err


def test_a_database_that_is_no_database_is_a_sentence(exercise: Typist, tmp_path: Path) -> None:
    broken = tmp_path / "office"
    broken.mkdir()
    for name in ("publisher.toml", "secrets.toml"):
        (broken / name).write_bytes((exercise.folder / name).read_bytes())
        (broken / name).chmod(0o600)
    (broken / "publisher.sqlite3").write_bytes(b"not a database at all" * 100)
    said = publisher("--office", str(broken), "list")
    assert said.code == 1
    assert "The database refused: file is not a database" in said.err
    assert "Traceback" not in said.err

"""CONTRIBUTING's steps for a destination, walked by a stranger's distribution in an environment of its own.

Nothing of the product or of its tests is changed for it: it is installed, held to the contract, connected, posted to
and withdrawn from. What is typed, and what is written into the office's files, is read from CONTRIBUTING.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.patience import PATIENCE
from support.wheels import ROOT, Installed, build, environment

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
DISTRIBUTION = HERE / "noticeboard"
TESTS = ROOT / "tests"
SECTION = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Adding a destination\n")[2].partition("\n## ")[0]
BLOCKS = [textwrap.dedent(each) for each in re.findall(r" +```\w+\n(.*?) +```", SECTION, re.DOTALL)]
ENTRY_POINTS, CONFIGURATION, SECRETS, COMMANDS = BLOCKS
INSTALL, CONTRACT, CONNECT, CHECK = map(shlex.split, COMMANDS.splitlines())
# The worker is run once and again here: what it waits for has passed by the next time.
PACE = ("retry_first", "withdraw_first", "confirm", "poll", "media_most")
MOST_ROUNDS = 12

Said = subprocess.CompletedProcess[str]


@dataclass
class Board:
    """The platform, in a process of its own."""

    base: str

    def read(self, address: str) -> bytes:
        """What anybody is shown there; nothing where it says that there is no such page."""
        assert address.startswith(f"{self.base}/"), address
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                assert error.code == 404, address
            return b""

    def record(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All the notices it ever held, and its albums."""
        told = json.loads(self.read(f"{self.base}/record"))
        return told["notices"], told["albums"]


@dataclass
class Office:
    """An exercise office in the environment."""

    installed: Installed
    folder: Path

    def __call__(self, *arguments: str) -> Said:
        return self.installed.python("-m", "publisher", "--office", str(self.folder), *arguments)

    def connect(self, typing: Callable[[str], str]) -> Said:
        """`publisher connect`; `typing` answers what is typed, given the address that is to be opened."""
        program, *arguments = CONNECT
        arguments = ["--office", str(self.folder), *arguments, "--as", "chief"]
        with self.installed.popen(program, *arguments, BROWSER="true %s") as process:
            assert process.stderr is not None
            shown = next((line for line in process.stderr if "http" in line), "")
            typed = typing(shown.split()[-1]) if shown else ""
            out, err = process.communicate(f"{typed}\n", timeout=PATIENCE)
        return Said(arguments, process.returncode, out, err)

    def post(self, reference: str) -> dict[str, Any]:
        """The one Post of an Item, as its page shows it."""
        said = self("show", reference, "--json")
        assert said.returncode == 0, said.stderr
        (post,) = json.loads(said.stdout)["posts"]
        return dict(post)

    def work_until(self, done: Callable[[], object]) -> None:
        """The worker's rounds, until it is so."""
        for _ in range(MOST_ROUNDS):
            if done():
                return
            ticked = self("tick")
            assert ticked.returncode == 0, ticked.stderr
        raise AssertionError(f"It was not so after {MOST_ROUNDS} rounds.")


@pytest.fixture(scope="module")
def board() -> Iterator[Board]:
    command = [sys.executable, "-m", "noticeboard", "Northshire Police"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=DISTRIBUTION, text=True, **pipes) as process:
        assert process.stdout is not None
        yield Board(process.stdout.readline().strip())
        process.communicate()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, board: Board) -> Iterator[Office]:
    """Publisher alone is installed, and the office's files name a destination that is not there yet."""
    with environment(build(ROOT, tmp_path_factory.mktemp("publisher"))) as installed:
        folder = installed.home / "office"
        named = ("--exercise", "--name", "Northshire Police", "--admin", "chief")
        said = installed.python("-m", "publisher", "init", str(folder), *named)
        assert said.returncode == 0, said.stderr
        pace = "\n".join(["[pace]", *(f"{name} = 0.001" for name in PACE)])
        (address,) = re.findall(r'url = "(.*)"', CONFIGURATION)
        with (folder / "publisher.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{CONFIGURATION.replace(address, board.base)}\n{pace}\n")
        with (folder / "secrets.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{SECRETS}")
        yield Office(installed, folder)


@pytest.fixture(scope="module")
def too_early(office: Office) -> dict[str, Said]:
    """What is said while the distribution is not installed."""
    return {
        "connect": office(*CONNECT[1:], "--as", "chief"),
        "check": office(*CHECK[1:]),
        "work": office("tick"),
    }


@pytest.fixture(scope="module")
def plugged(office: Office, too_early: object) -> Office:
    """The distribution is installed beside Publisher."""
    assert INSTALL[:4] == ["python", "-m", "pip", "install"]
    office.installed.install(*INSTALL[4:], cwd=HERE)
    return office


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of this checkout, without the product that is tested here."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def token_at(address: str, board: Board) -> str:
    """What the board's owner copies from its page."""
    (token,) = re.findall("<code>([0-9a-f]+)</code>", board.read(address).decode())
    return str(token)


def test_the_entry_points_are_as_contributing_writes_them() -> None:
    ours = tomllib.loads((DISTRIBUTION / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert tomllib.loads(ENTRY_POINTS)["project"]["entry-points"] == ours


def test_what_is_not_installed_is_named_with_what_is(too_early: dict[str, Said]) -> None:
    words = "kind “noticeboard” is not known. Installed are: flickr, folder, youtube."
    assert {name: words in said.stdout + said.stderr for name, said in too_early.items()} == {
        "connect": True,
        "check": True,
        "work": True,
    }, too_early
    # A worker leaves that account out, says so, and serves the others.
    assert {name: said.returncode for name, said in too_early.items()} == {"connect": 1, "check": 1, "work": 0}
    assert "Traceback" not in "".join(said.stderr for said in too_early.values())


def test_the_contract_suite_runs_on_it_and_passes(plugged: Office, suite: Path) -> None:
    said = plugged.installed.python(*CONTRACT[1:], "-p", "no:cacheprovider", cwd=suite)
    assert said.returncode == 0, said.stdout + said.stderr
    (passed,) = re.findall(r"(\d+) passed, \d+ deselected in", said.stdout)
    assert int(passed) >= 20


@pytest.mark.parametrize(
    ("promise", "broken", "test"),
    [
        ('self._told("DELETE", _notice(receipt)', 'self._told("GET", _notice(receipt)', "removing_what_is_gone"),
        ("self._spend(purpose)\n", "pass\n", "every_request_is_paid_for"),
    ],
    ids=["what is removed stays", "a request is not paid for"],
)
def test_control_a_broken_promise_fails_it(
    plugged: Office, suite: Path, tmp_path: Path, promise: str, broken: str, test: str
) -> None:
    module = Path(shutil.copytree(DISTRIBUTION / "noticeboard", tmp_path / "noticeboard")) / "destination.py"
    text = module.read_text("utf-8")
    assert text.count(promise) == 1
    module.write_text(text.replace(promise, broken), encoding="utf-8")
    named = [*CONTRACT[1:-1], f"{CONTRACT[-1]} and {test}"]
    said = plugged.installed.python(*named, "-p", "no:cacheprovider", cwd=suite, PYTHONPATH=str(tmp_path))
    assert said.returncode == 1, said.stdout + said.stderr
    assert "1 failed" in said.stdout


def test_a_token_the_board_does_not_know_is_refused(plugged: Office, board: Board) -> None:
    said = plugged.connect(lambda address: token_at(address, board)[:-1])
    assert (said.returncode, said.stdout) == (1, "")
    assert "The board does not know this token." in said.stderr
    assert "Traceback" not in said.stderr


def test_it_is_connected_posted_to_and_withdrawn_from(plugged: Office, board: Board) -> None:
    said = plugged.connect(lambda address: token_at(address, board))
    assert (said.returncode, said.stdout) == (0, "Noticeboard is connected to Northshire Police.\n"), said.stderr
    found = {each["what"]: each for each in json.loads(plugged(*CHECK[1:], "--json").stdout)["findings"]}
    assert found["noticeboard: answers"]["right"], found
    assert found["noticeboard: answers"]["words"].startswith("the token is valid")

    approved = approved_still(plugged)
    reference = approved["reference"]
    assert approved["name"] == "Noticeboard"
    assert board.record() == ([], [])
    plugged.work_until(lambda: [each for each in board.record()[1] if each["members"]])
    assert plugged.post(reference)["state"] == "live"
    (notice,), (album,) = board.record()
    assert notice["sha256"] == approved["sha256"]
    assert notice["acts"] == ["posted", "changed", "revealed"], "it was private until it was revealed"
    assert (notice["public"], album["members"]) == (True, [notice["id"]])
    assert (notice["alt_text"], notice["description"]) == (approved["alt_text"], approved["caption"])
    assert hashlib.sha256(board.read(f"{board.base}/media/{notice['id']}")).hexdigest() == approved["sha256"]

    said = plugged("withdraw", reference, "--reason", "identified", "--as", "amara")
    assert said.returncode == 0, said.stderr
    plugged.work_until(lambda: not board.record()[0][0]["there"])
    plugged.work_until(lambda: plugged.post(reference)["state"] == "removed")
    (notice,), (album,) = board.record()
    assert notice["acts"] == ["posted", "changed", "revealed", "concealed", "deleted"]
    assert (notice["there"], notice["public"], album["members"]) == (False, False, [])
    assert board.read(f"{board.base}/media/{notice['id']}") == b""


def approved_still(office: Office) -> dict[str, Any]:
    """One is queued and approved there, by the moves that the desk makes."""
    env = {"PUBLISHER_OFFICE": str(office.folder), "DJANGO_SETTINGS_MODULE": "publisher.settings"}
    script = str(TESTS / "support" / "processes" / "send_still.py")
    said = office.installed.python(script, "noticeboard", PYTHONPATH=str(TESTS), **env)
    assert said.returncode == 0, said.stderr
    return dict(json.loads(said.stdout))

"""A child that a hostile file has taken over finds nothing but its own file and folder."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.media import confined, landlock, supervised, syscalls
from publisher.media.confined import Confinement
from publisher.media.errors import BadMedia

from support import escape_attempts
from support.patience import PATIENCE

pytestmark = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def office() -> Iterator[Path]:
    """An office's folder with what must not be reached, and beside it a child's own file and folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place in ("office", "own"):
            (folder / place).mkdir()
        for file in ("secrets.toml", "cut", "moved", "removed", "../input"):
            (folder / "office" / file).write_bytes(b"secret")
        sqlite3.connect(folder / "office" / "office.sqlite3").close()
        yield folder


def tried(folder: Path, *, confine: bool) -> dict[str, str]:
    """What each attempt got, in a process of its own."""
    bounds = {
        "memory": 2 << 30, "cpu_seconds": 20, "file_size": escape_attempts.LARGEST,
        "reads": [str(folder / "input")], "writes": [str(folder / "own")],
    }  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as line, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(folder / ("confined" if confine else "free")))
        unix.listen()
        asked = {
            "bounds": bounds if confine else None, "office": str(folder / "office"), "own": str(folder / "own"),
            "input": str(folder / "input"), "port": line.getsockname()[1], "unix": unix.getsockname(),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, escape_attempts.__file__], input=json.dumps(asked) + "\n", env=supervised._environment(),
            stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def held(office: Path) -> dict[str, str]:
    return tried(office, confine=True)


@pytest.fixture(scope="module")
def free(office: Path, held: dict[str, str]) -> dict[str, str]:
    return tried(office, confine=False)  # after the other, since these change the office


@pytest.mark.parametrize("attempt", escape_attempts.ATTEMPTS)
def test_a_child_is_refused_everything_but_its_work(attempt: str, held: dict[str, str]) -> None:
    assert held[attempt] != "done"


@pytest.mark.parametrize("attempt", escape_attempts.ATTEMPTS)
def test_without_confinement_each_of_these_succeeds(attempt: str, free: dict[str, str]) -> None:
    """The control: an attempt that fails by itself proves nothing."""
    assert free[attempt] == "done"


@pytest.mark.parametrize("need", escape_attempts.NEEDED)
def test_the_work_itself_goes_on(need: str, held: dict[str, str]) -> None:
    assert held[need] == "done"


def test_a_real_child_is_held_by_every_means_this_kernel_has() -> None:
    assert supervised.confinement() == Confinement(landlock=landlock.version(), filtered=True)


def test_a_real_child_reads_no_file_but_the_one_it_was_given(odd: object, tmp_path: Path) -> None:
    (tmp_path / "other.jpg").write_bytes(b"\xff\xd8\xff")
    asked = {"path": str(tmp_path / "other.jpg"), "declared_name": "other.jpg"}
    with pytest.raises(BadMedia, match="cannot be read \\(Permission denied\\)"):
        supervised.run("probe", asked, supervised.PROBE, reads=[tmp_path / "mine.jpg"])


def test_no_thread_is_running_yet_when_the_child_gives_up_its_rights() -> None:
    """Landlock binds the thread that asks and those it starts: one that was there before would stay free."""
    script = (
        "import json, os\nfrom publisher.media import worker\n"
        "print(len(os.listdir('/proc/self/task')))"
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script], env=supervised._environment(), stdout=subprocess.PIPE, check=True, text=True
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize(
    ("landlock_version", "filtered", "says"),
    [
        (7, True, "opens no connection and starts no other program (Landlock 7, seccomp, limits)"),
        (0, True, "It can read and change every file of Publisher's account"),
        (7, False, "It can open connections and start programs"),
        (0, False, "WARNING"),
    ],
)
def test_what_holds_is_said_in_plain_words(landlock_version: int, filtered: bool, says: str) -> None:
    held = Confinement(landlock_version, filtered)
    assert says in held.in_words()
    assert held.whole is not held.in_words().startswith("WARNING")


@pytest.mark.parametrize("column", range(2))
def test_the_filter_names_each_call_once_and_knows_every_jump(column: int) -> None:
    numbers = [pair[column] for pair in syscalls._REFUSED if pair[column] != syscalls._NONE]
    assert len(numbers) == len(set(numbers)) > 90
    body = syscalls._instructions(column, 4242)
    assert len(body) % 8 == 0 and len(body) // 8 < 4096  # the kernel's limit


def test_the_means_that_are_missing_leave_the_others_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_call", _no_such_call)
    assert landlock.version() == 0 and landlock.restrict([], []) == 0
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "riscv64")
    assert syscalls.refuse() is False
    assert confined._libraries()


def _no_such_call(*_: object) -> int:
    raise OSError(38, "Function not implemented")

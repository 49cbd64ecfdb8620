"""Real offices in temporary folders, and a real sandbox on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox

from support.answer_files import Desk
from support.commands import Typist, copied, publisher


@dataclass(frozen=True)
class StandIn:
    """The sandbox these offices speak to."""

    base: str
    control: Control
    secret_file: Path


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(folder) as sandbox:
        secret_file = folder / "secret"
        secret_file.write_text(sandbox.secret)
        yield StandIn(sandbox.base, Control(sandbox.base, sandbox.secret), secret_file)


@pytest.fixture(scope="session")
def exercise_folder(stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A connected exercise office with three people, a series and an operation; copied, never used itself."""
    folder = tmp_path_factory.mktemp("exercise") / "office"
    made = publisher(
        "init", str(folder), "--exercise", "--name", "Northshire Police", "--admin", "chief",
        "--sandbox", stand_in.base, "--sandbox-secret", str(stand_in.secret_file),
    )  # fmt: skip
    assert made.code == 0, made.err
    with Typist(folder) as typist:
        for arguments in SET_UP:
            done = typist(*arguments)
            assert done.code == 0, done.err
    return folder


SET_UP = [
    ["user", "add", "amara", "--role", "author", "--as", "chief"],
    ["user", "add", "bran", "--role", "approver", "--as", "chief"],
    ["campaign", "add", "photo-of-the-day", "--title", "Photo of the day", "--kind", "series", "--prefix", "POD"],
    ["campaign", "add", "operation-larch", "--title", "Operation Larch", "--kind", "operation", "--prefix", "WTN"],
]
# Hours that are far off, so that something may wait for them and nothing goes out.
SET_UP += [
    ["slot", "add", slug, "--at", "08:00", "--days", "sun", "--starts", "2099-01-01"]
    for slug in ("photo-of-the-day", "operation-larch")
]
for arguments in SET_UP[2:]:
    arguments += ["--as", "amara"]


@pytest.fixture(scope="session")
def real_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real office with its two administrators, connected to nothing; copied, never used itself."""
    folder = tmp_path_factory.mktemp("real") / "office"
    made = publisher("init", str(folder), "--name", "Northshire Police", "--admin", "chief", "--admin", "deputy")
    assert made.code == 0, made.err
    return folder


@pytest.fixture(scope="module")
def exercise(exercise_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """An exercise office for the tests of one file, and somebody who types there."""
    with Typist(copied(exercise_folder, tmp_path_factory.mktemp("office"))) as typist:
        yield typist


@pytest.fixture(scope="module")
def real(real_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """A real office for the tests of one file, and somebody who types there."""
    with Typist(copied(real_folder, tmp_path_factory.mktemp("office"))) as typist:
        yield typist


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """A small JPEG of one colour; another colour makes other bytes."""
    from PIL import Image

    def make(name: str = "IMG_0001.jpg", colour: tuple[int, int, int] = (30, 90, 60)) -> Path:
        path = tmp_path / name
        Image.new("RGB", (640, 480), colour).save(path, "JPEG")
        return path

    return make


@pytest.fixture
def desk(exercise: Typist, picture: Callable[..., Path], tmp_path: Path) -> Iterator[Desk]:
    yield Desk(exercise, picture, tmp_path)

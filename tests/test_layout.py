"""The layout of the packages: how many there are, how long a module may be, and that imports run one way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
STANDS_ALONE = ROOT / "publisher" / "verifier.py"  # given to outsiders as one file
MODULES = [
    each
    for part in ("publisher", "queue/pressqueue")
    for each in sorted((ROOT / part).rglob("*.py"))
    if "migrations" not in each.parts
]


def length(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())


def test_the_service_has_few_packages() -> None:
    inside = [each for each in (ROOT / "publisher").iterdir() if each.name != "__pycache__"]
    assert len([each for each in inside if each.is_dir()]) <= 16
    assert len([each for each in inside if each.is_file()]) <= 8


def test_no_module_is_long() -> None:
    assert len(MODULES) > 400
    assert not [str(each) for each in MODULES if length(each) > 400 and each != STANDS_ALONE]
    assert median(length(each) for each in MODULES if length(each)) <= 110


def test_every_package_says_what_it_holds() -> None:
    packages = [each for each in MODULES if each.name == "__init__.py"]
    assert len(packages) > 30
    silent = [str(each) for each in packages if not each.read_text(encoding="utf-8").startswith('"""')]
    assert not silent


def test_the_imports_of_the_tree_run_one_way(tmp_path: Path) -> None:
    found = linted(copied(tmp_path))
    assert found.returncode == 0, found.stdout


UNLISTED = {
    "a package of the service": ("publisher/unlisted/__init__.py", '"""Unlisted."""\n'),
    "a module of the service": ("publisher/unlisted.py", '"""Unlisted."""\n'),
    "a module of the domain": ("queue/pressqueue/unlisted.py", '"""Unlisted."""\n'),
}
AGAINST = {
    "the domain reaches for the service": ("queue/pressqueue/hours.py", "from publisher.output import say\n"),
    "a destination knows the queue": ("publisher/destinations/net.py", "from pressqueue.errors import NotFound\n"),
    "a lower package reaches for a higher one": ("publisher/workers/trouble.py", "from publisher.cli import items\n"),
    "one platform knows another": (
        "publisher/destinations/flickr/texts.py", "from publisher.destinations.youtube import quota\n",
    ),
    "the sandbox knows our client": (
        "publisher/exercise/sandbox/naming.py", "from publisher.destinations.flickr import texts\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text"), UNLISTED.values(), ids=UNLISTED)
def test_control_what_is_not_listed_fails(tmp_path: Path, file: str, text: str) -> None:
    tree = copied(tmp_path)
    (tree / file).parent.mkdir(exist_ok=True)
    (tree / file).write_text(text, encoding="utf-8")
    found = linted(tree)
    assert found.returncode != 0
    assert "unlisted" in found.stdout


@pytest.mark.parametrize(("file", "line"), AGAINST.values(), ids=AGAINST)
def test_control_an_import_the_wrong_way_fails(tmp_path: Path, file: str, line: str) -> None:
    tree = copied(tmp_path)
    text = (tree / file).read_text(encoding="utf-8")
    (tree / file).write_text(f"{text}\n\n{line}", encoding="utf-8")
    found = linted(tree)
    assert found.returncode != 0
    assert "BROKEN" in found.stdout


def copied(place: Path) -> Path:
    for part in ("publisher", "queue"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__", "*.mp4", "*.jpg"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def linted(tree: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'queue'}"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False)

"""The wheel as it is given away, and a clean environment it is installed in, which nobody can write to."""

from __future__ import annotations

import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wheels import ROOT, Installed, run, set_writable


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without isolation: the build backend is one of the locked dependencies."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (made,) = folder.glob("publisher-*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Iterator[Installed]:
    base = Path(tempfile.mkdtemp(prefix="publisher-wheel-"))
    venv, home = base / "venv", base / "home"
    home.mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(venv / "bin/python")]
    run(*pip, "install", "--no-index", "--no-deps", str(wheel))
    made = Installed(venv, home)
    # Dependencies are borrowed. A plain path in a .pth runs no .pth files found there, so that the checkout, which
    # lies in that environment as one, is not importable here.
    (made.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    set_writable(venv, False)
    yield made
    set_writable(venv, True)
    shutil.rmtree(base)

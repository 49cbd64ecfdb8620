"""A wheel, and an environment it is installed in: run there without the checkout, without rights, from `/`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel in it, read-only, and a home of its own."""

    venv: Path
    home: Path

    @property
    def packages(self) -> Path:
        (place,) = self.venv.glob("lib/python3.*/site-packages")
        return place

    def command(self, *arguments: str) -> list[str]:
        """A command line that runs inside, with no more rights than the files' modes give."""
        # Root may write anywhere; without this capability the modes count for it as for everybody.
        humbled = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
        return [*humbled, *arguments]

    def python(self, *arguments: str, cwd: str | Path = "/", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(str(self.venv / "bin" / "python"), *arguments), capture_output=True, text=True, check=False,
            cwd=cwd, env=self.env | env, timeout=PATIENCE,
        )  # fmt: skip

    def popen(self, program: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """One of its programs, with pipes to talk to it."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = self.command(str(self.venv / "bin" / program), *arguments)
        return subprocess.Popen(command, cwd="/", env=self.env | env, text=True, **pipes)

    def install(self, *named: str, cwd: Path = ROOT) -> None:
        """As pip is told, without what it depends on: that is borrowed. Read-only again afterwards."""
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        pip += ["--python", str(self.venv / "bin/python"), "install", "--no-index", "--no-deps", "--no-build-isolation"]
        set_writable(self.venv, True)
        run(*pip, *named, cwd=cwd)
        set_writable(self.venv, False)

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the test's own surroundings: no PYTHONPATH, no office, another HOME."""
        return {"PATH": f"{self.venv / 'bin'}:/usr/bin:/bin", "HOME": str(self.home), "TMPDIR": str(self.home)}


@contextmanager
def environment(*wheels: Path) -> Iterator[Installed]:
    """A new one with these in it, taken away at the end."""
    base = Path(tempfile.mkdtemp(prefix="publisher-wheel-"))
    made = Installed(base / "venv", base / "home")
    made.home.mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", str(made.venv))
    # Dependencies are borrowed. A plain path in a .pth runs no .pth files found there, so that the checkout, which
    # lies in that environment as one, is not importable here.
    (made.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    try:
        for wheel in wheels:
            made.install(str(wheel))
        yield made
    finally:
        set_writable(made.venv, True)
        shutil.rmtree(base)


def build(source: Path, folder: Path) -> Path:
    """The wheel of a distribution, made in `folder` without isolation: the build backend is a locked dependency."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=source)
    (made,) = folder.glob("*.whl")
    return made


def set_writable(folder: Path, writable: bool) -> None:
    for place, _, names in os.walk(folder):
        for each in (Path(place), *(Path(place, name) for name in names)):
            if not each.is_symlink():
                mode = each.stat().st_mode
                each.chmod(mode | 0o200 if writable else mode & ~0o222)


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

"""An environment that a wheel is installed in: run there without the checkout, without rights, from `/`."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

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

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(str(self.venv / "bin" / "python"), *arguments), capture_output=True, text=True, check=False,
            cwd="/", env=self.env, timeout=240,
        )  # fmt: skip

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the test's own surroundings: no PYTHONPATH, no office, another HOME."""
        return {"PATH": f"{self.venv / 'bin'}:/usr/bin:/bin", "HOME": str(self.home), "TMPDIR": str(self.home)}


def set_writable(folder: Path, writable: bool) -> None:
    for place, _, names in os.walk(folder):
        for each in (Path(place), *(Path(place, name) for name in names)):
            if not each.is_symlink():
                mode = each.stat().st_mode
                each.chmod(mode | 0o200 if writable else mode & ~0o222)


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

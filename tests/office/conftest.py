"""Offices' folders with nothing but their two files, and an environment that names no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SMALLEST = """\
[office]
name = "Northshire Police"
exercise = true

[brand]
contact = "Call 101"
"""


@pytest.fixture(autouse=True)
def _no_office_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("PUBLISHER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office's folder, still empty."""
    made = tmp_path / "office"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def configured(folder: Path) -> Callable[[str], Path]:
    """Writes the smallest configuration there is, and more below it; answers the folder."""

    def write(more: str = "", smallest: str = SMALLEST) -> Path:
        (folder / "publisher.toml").write_text(f"{smallest}\n{more}\n", encoding="utf-8")
        return folder

    return write

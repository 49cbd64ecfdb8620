"""The wheel as it is given away, and a clean environment it is installed in, which nobody can write to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.wheels import ROOT, Installed, build, environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Iterator[Installed]:
    with environment(wheel) as made:
        yield made

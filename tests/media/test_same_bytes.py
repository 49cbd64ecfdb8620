"""The same Original and Recipe give the same bytes, whatever lies in the memory they are made in.

Two people approve the bytes of one render. If a later render of the same Recipe differs, it has to be approved again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from publisher.media import footage, poster, stills
from publisher.media.brand import Brand
from publisher.media.recipe import Recipe

M_PERTURB = -6  # of glibc's malloc.h: new memory is filled with the complement of a byte
BYTES = (1, 128, 255)
Recipes = Callable[..., Recipe]
Filling = Callable[[int], object]


@pytest.fixture
def fill_memory() -> Iterator[Filling]:
    """Fills all memory that is allocated from now on."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        pytest.skip("only glibc can fill the memory it gives")
    yield lambda byte: library.mallopt(M_PERTURB, byte)
    library.mallopt(M_PERTURB, 0)


def noise(width: int, height: int) -> list[np.ndarray]:
    dice = np.random.default_rng(3)
    return [dice.integers(0, 255, (height, width, 3), np.uint8) for _ in range(20)]


def plain(width: int, height: int) -> list[np.ndarray]:
    return [np.full((height, width, 3), number * 5, np.uint8) for number in range(30)]


def digests(fill_memory: Filling, render: Callable[[], str]) -> set[str]:
    """The SHA-256 of what is rendered with each of `BYTES` in memory."""
    found = set()
    for byte in BYTES:
        fill_memory(byte)
        found.add(render())
    return found


# Neither is a multiple of 16, the side of x264's blocks; what lies beside the picture is memory.
FILMS = [plain(160, 120), noise(170, 130), noise(322, 246)]


@pytest.mark.parametrize("frames", FILMS, ids=["plain", "noise", "larger"])
def test_footage(
    fill_memory: Filling, frames: list[np.ndarray], brand: Brand, recipe: Recipes, film: Callable[..., Path],
    tmp_path: Path,
) -> None:  # fmt: skip
    original, out = film(frames), tmp_path / "out.mp4"
    assert len(digests(fill_memory, lambda: footage.render_footage(original, recipe(), brand, out).sha256)) == 1


def test_control_with_x264_s_macroblock_tree_memory_decides(
    fill_memory: Filling, brand: Brand, recipe: Recipes, film: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delitem(footage.ENCODER, "mbtree")
    original, out = film(noise(170, 130)), tmp_path / "out.mp4"
    assert len(digests(fill_memory, lambda: footage.render_footage(original, recipe(), brand, out).sha256)) > 1


def test_a_still_and_a_poster(
    fill_memory: Filling, brand: Brand, recipe: Recipes, film: Callable[..., Path], write: Callable[..., Path],
    photograph: Image.Image, tmp_path: Path,
) -> None:  # fmt: skip
    still, clip, out = write(photograph, "a.png"), film(noise(170, 130)), tmp_path / "out.jpg"
    assert len(digests(fill_memory, lambda: stills.render_still(still, recipe(), brand, out).sha256)) == 1
    assert len(digests(fill_memory, lambda: poster.render_poster(clip, 0.4, out).sha256)) == 1

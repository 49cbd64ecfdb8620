"""The same Original and Recipe give the same bytes, whatever lies in the memory they are made in.

Two people approve the bytes of one render. If a later render of the same Recipe differs, it has to be approved again.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from publisher.media import footage
from publisher.media.brand import Brand
from publisher.media.recipe import Recipe

SCRIPT = Path(__file__).parents[1] / "support" / "processes" / "render_in_filled_memory.py"
BYTES = (1, 128, 255)  # glibc fills all memory that it gives with the complement of such a byte
Recipes = Callable[..., Recipe]
Rendering = Callable[..., list[set[str]]]


@pytest.fixture
def in_filled_memory(brand: Brand, recipe: Recipes) -> Rendering:
    """Renders in a fresh process for each of `BYTES`. Answers for each file how many ways it came out.

    Fresh, because what a process did before decides which memory it gets. Without the cache of each thread, because
    what comes from there is not filled.
    """
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("only glibc can fill the memory it gives")

    def render(**files: Any) -> list[set[str]]:
        given = {"films": [], "stills": [], "posters": [], "unwritten": [], **files}
        asked = pickle.dumps({**given, "brand": brand, "recipe": recipe()})
        made = [json.loads(_run(asked, byte)) for byte in BYTES]
        return [{digests[path] for digests in made} for path in made[0]]

    return render


def _run(asked: bytes, byte: int) -> bytes:
    tunables = f"glibc.malloc.perturb={byte}:glibc.malloc.tcache_count=0"
    environment = {**os.environ, "GLIBC_TUNABLES": tunables}
    done = subprocess.run([sys.executable, SCRIPT], input=asked, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def noise(width: int, height: int) -> list[np.ndarray]:
    dice = np.random.default_rng(3)
    return [dice.integers(0, 255, (height, width, 3), np.uint8) for _ in range(20)]


def plain(width: int, height: int) -> list[np.ndarray]:
    return [np.full((height, width, 3), number * 5, np.uint8) for number in range(30)]


# Neither is a multiple of 16, the side of x264's blocks; what lies beside the picture is memory.
FILMS = [plain(160, 120), noise(170, 130), noise(322, 246)]


def test_footage(in_filled_memory: Rendering, film: Callable[..., Path]) -> None:
    films = [film(frames, f"{number}.mp4") for number, frames in enumerate(FILMS)]
    assert [len(ways) for ways in in_filled_memory(films=films)] == [1, 1, 1]


def test_control_what_reads_memory_that_nothing_was_written_to_comes_out_otherwise(
    in_filled_memory: Rendering,
) -> None:
    assert [len(ways) for ways in in_filled_memory(unwritten=[4_000, 1_000_000])] == [3, 3]


def test_x264_s_macroblock_tree_stays_off() -> None:
    """With it the bytes changed with the memory on one machine; on another, which has no AVX-512, they do not.

    x264 (core 165) chooses its code by the processor, so no test on one machine can hold this.
    """
    assert footage.ENCODER["mbtree"] == "0"


def test_a_still_and_a_poster(
    in_filled_memory: Rendering, film: Callable[..., Path], write: Callable[..., Path], photograph: Image.Image
) -> None:
    still, clip = write(photograph, "a.png"), film(noise(170, 130))
    assert [len(ways) for ways in in_filled_memory(stills=[still], posters=[clip])] == [1, 1]

"""A hostile file hurts the child that reads it and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from publisher.media import footage, probe, stills, supervised
from publisher.media.brand import Brand
from publisher.media.errors import BadMedia
from publisher.media.recipe import Recipe
from publisher.media.supervised import Allowance

from support.patience import PATIENCE

Recipes = Callable[..., Recipe]
FRAMES = [np.full((120, 160, 3), number * 5, np.uint8) for number in range(30)]


def test_a_child_finds_what_we_would_have_found(odd: Callable[[str], Path]) -> None:
    for name in ("synth_phone_12mp_exif_gps_thumb_p3_o6.jpg", "derived_vfr.mp4"):
        assert supervised.probe(odd(name), declared_name=name) == probe.probe(odd(name), declared_name=name)


def test_a_child_renders_the_same_still(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    original = write(photograph, "a.png")
    there = supervised.render_still(original, recipe(), brand, tmp_path / "there.jpg")
    here = stills.render_still(original, recipe(), brand, tmp_path / "here.jpg")
    assert there == dataclasses.replace(here, path=tmp_path / "there.jpg")
    assert there.path.read_bytes() == here.path.read_bytes()


def test_a_child_renders_the_same_footage_and_tells_how_far_it_is(
    brand: Brand, recipe: Recipes, film: Callable[..., Path], tmp_path: Path
) -> None:
    original, said = film(FRAMES), list[float]()
    there = supervised.render_footage(original, recipe(), brand, tmp_path / "there.mp4", said.append)
    here = footage.render_footage(original, recipe(), brand, tmp_path / "here.mp4")
    assert there == dataclasses.replace(here, path=tmp_path / "there.mp4")
    assert said == sorted(said) and said[-1] == 1.0 and len(said) > 5
    assert supervised.render_poster(there.path, 1.0, tmp_path / "p.jpg").size > 0


def test_a_refusal_comes_back_in_its_own_words(tmp_path: Path) -> None:
    place = tmp_path / "page.jpg"
    place.write_bytes(b"<html>")
    with pytest.raises(BadMedia) as here:
        probe.probe(place, declared_name="page.jpg")
    with pytest.raises(BadMedia) as there:
        supervised.probe(place, declared_name="page.jpg")
    assert there.value.message == here.value.message


def test_too_much_memory_ends_the_child_not_us(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], tmp_path: Path
) -> None:
    original = write(Image.new("RGB", (7000, 7000), "navy"), "large.png")
    with pytest.raises(BadMedia):
        supervised.render_still(
            original, recipe(), brand, tmp_path / "out.jpg", Allowance(memory=400 << 20, cpu_seconds=30, seconds=60)
        )
    assert [place.name for place in tmp_path.iterdir()] == ["large.png"]


def test_too_much_time_ends_the_child(odd: Callable[[str], Path]) -> None:
    with pytest.raises(BadMedia, match="longer to work on"):
        supervised.probe(odd("derived_vfr.mp4"), declared_name="a.mp4", allowance=Allowance(1 << 30, 30, 0.01))


def test_an_error_in_progress_ends_the_child(
    brand: Brand, recipe: Recipes, film: Callable[..., Path], tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(_: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        supervised.render_footage(film(FRAMES), recipe(), brand, tmp_path / "out.mp4", stop)
    assert not (tmp_path / "out.mp4").exists()


def test_a_crash_is_said_without_its_trace(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="made the program that reads it fail") as caught:
        supervised.run("no such function", {}, supervised.PROBE)
    assert "Traceback" not in caught.value.message


def test_the_child_is_given_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUBLISHER_KEY", "hush")
    assert "hush" not in json.dumps(supervised._environment())


def test_the_child_ends_when_its_parent_is_killed(odd: Callable[[str], Path], tmp_path: Path) -> None:
    """The end of its stdin is all the child gets to know of that."""
    child = subprocess.Popen(
        [sys.executable, "-m", "publisher.media.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**supervised._environment()},
    )
    assert child.stdin is not None and child.stdout is not None
    waiting = tmp_path / "never-ends.mp4"
    os.mkfifo(waiting)  # opening it blocks for as long as nobody writes
    request = {
        "function": "probe",
        "arguments": {"path": str(waiting), "declared_name": "never-ends.mp4"},
        "bounds": {"memory": 3 << 30, "cpu_seconds": 30, "file_size": 0, "reads": [str(waiting)]},
    }
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()
    assert child.poll() is None
    child.stdin.close()
    assert child.wait(timeout=PATIENCE) != 0  # and not by its 30 s of CPU: it uses none while it waits
    child.stdout.close()

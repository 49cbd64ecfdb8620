"""Media code run in a process of its own, so that a hostile file can hurt nothing but that process.

The child gets no secrets (its environment is made from nothing), as much memory and time as the work needs and
no more, reads its own file and writes into its own folder only (`confined`), and ends by itself when its parent dies.
Whatever goes wrong in it comes back as BadMedia.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.media import formats
from publisher.media.brand import Brand
from publisher.media.confined import Confinement
from publisher.media.errors import BadMedia, Damaged, NoRoom
from publisher.media.made import RenderedFile
from publisher.media.probe import Probe
from publisher.media.recipe import Recipe

GIBIBYTE = 1024**3
_ROOT = Path(__file__).resolve().parents[2]
_ERRORS: dict[str, type[BadMedia]] = {"BadMedia": BadMedia, "Damaged": Damaged, "NoRoom": NoRoom}
Progress = Callable[[float], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Allowance:
    """How much a child may use: address space in bytes, processor seconds, seconds by the clock, bytes in a file."""

    memory: int
    cpu_seconds: int
    seconds: float
    file_size: int = GIBIBYTE // 2


# Measured peaks of address space: 1.0 GiB for a 48-megapixel progressive JPEG with a profile, 1.3 GiB for 4K H.264
# and 1.5 GiB for 4K H.265 with decoder and encoder at once.
STILL = Allowance(memory=GIBIBYTE * 3 // 2, cpu_seconds=60, seconds=120)
FOOTAGE = Allowance(memory=GIBIBYTE * 5 // 2, cpu_seconds=4 * 3600, seconds=4 * 3600, file_size=16 * GIBIBYTE)
PROBE = Allowance(memory=2 * GIBIBYTE, cpu_seconds=600, seconds=600, file_size=0)
PROBE_STILL = Allowance(memory=GIBIBYTE * 3 // 2, cpu_seconds=15, seconds=60, file_size=0)  # 48 megapixels take two
POSTER = Allowance(memory=2 * GIBIBYTE, cpu_seconds=600, seconds=600)


def probe(path: Path, *, declared_name: str, allowance: Allowance | None = None) -> Probe:
    """Run `probe.probe` in a child process; a still is allowed seconds, a video minutes."""
    allowance = allowance or (PROBE_STILL if formats.looks_still(path) else PROBE)
    answer = run("probe", {"path": str(path), "declared_name": declared_name}, allowance, reads=[path])
    return _probe_from(answer)


def render_still(original: Path, recipe: Recipe, brand: Brand, out: Path, allowance: Allowance = STILL) -> RenderedFile:
    """Run `stills.render_still` in a child process."""
    return _rendered("render_still", original, recipe, brand, out, allowance)


def render_footage(
    original: Path,
    recipe: Recipe,
    brand: Brand,
    out: Path,
    progress: Progress | None = None,
    allowance: Allowance = FOOTAGE,
) -> RenderedFile:
    """Run `footage.render_footage` in a child process. An exception raised by `progress` ends the child."""
    return _rendered("render_footage", original, recipe, brand, out, allowance, progress)


def render_poster(footage_rendition: Path, at: float, out: Path, allowance: Allowance = POSTER) -> RenderedFile:
    """Run `poster.render_poster` in a child process."""
    request = {"footage_rendition": str(footage_rendition), "at": at, "out": str(out)}
    return _made_from(run("render_poster", request, allowance, reads=[footage_rendition], writes=[out.parent]))


def confinement() -> Confinement:
    """Starts a child and returns what it is really kept from on this machine."""
    return Confinement(**run("confinement", {}, PROBE))


def run(
    function_name: str,
    request: dict[str, Any],
    allowance: Allowance,
    progress: Progress | None = None,
    *,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
) -> dict[str, Any]:
    """Run one of the worker's functions with these arguments and return its answer.

    The child may read the files `reads`, and make and change files in the folders `writes`: nothing else. Raises
    BadMedia or Damaged as the function did, and BadMedia where the child used more than its allowance or crashed.
    """
    line = {"function": function_name, "arguments": request, "bounds": _bounds(allowance, reads, writes)}
    child = _start()
    try:
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(line).encode() + b"\n")
            child.stdin.flush()  # and left open: its end is how the child learns that we have died
        return _answer(child, time.monotonic() + allowance.seconds, progress)
    finally:
        _end(child)


def _bounds(allowance: Allowance, reads: Sequence[Path], writes: Sequence[Path]) -> dict[str, Any]:
    return {
        "memory": allowance.memory,
        "cpu_seconds": allowance.cpu_seconds,
        "file_size": allowance.file_size,
        "reads": [str(path.absolute()) for path in reads],
        "writes": [str(path.absolute()) for path in writes],
    }


def _start() -> subprocess.Popen[bytes]:
    # No output to stderr is kept: it is FFmpeg's and the file's own text, which nobody should be shown.
    return subprocess.Popen(
        [sys.executable, "-m", "publisher.media.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "PYTHONSAFEPATH": "1",  # nothing is imported from the folder we happen to stand in
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 -- only what Python itself would fall back to
        "OPENBLAS_NUM_THREADS": "1",  # numpy's arithmetic here is small; each thread would reserve address space
        "MALLOC_ARENA_MAX": "2",
    }


def _answer(child: subprocess.Popen[bytes], until: float, progress: Progress | None) -> dict[str, Any]:
    assert child.stdout is not None
    # poll, not select: a busy web process may have more than the 1024 open files that select can name.
    output = select.poll()
    output.register(child.stdout, select.POLLIN)
    waiting = b""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not output.poll(left * 1000):
            raise BadMedia("The file took longer to work on than is allowed. Cut it or save a smaller copy.")
        got = os.read(child.stdout.fileno(), 65536)
        if not got:
            raise BadMedia(_words_for_death(child.wait()))
        *lines, waiting = (waiting + got).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "progress" in said and progress is not None:
                progress(said["progress"])
            elif "error" in said:
                raise _ERRORS[said["error"]](said["message"])
            elif "answer" in said:
                answer: dict[str, Any] = said["answer"]
                return answer


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _words_for_death(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "The file took more computing time than is allowed. Cut it or save a smaller copy."
    return (
        "The file made the program that reads it fail, so it cannot be used. "
        "Save it again with ordinary software, as JPEG, PNG or MP4, and add that."
    )


def _rendered(
    function: str,
    original: Path,
    recipe: Recipe,
    brand: Brand,
    out: Path,
    allowance: Allowance,
    progress: Progress | None = None,
) -> RenderedFile:
    texts = {name: str(getattr(brand, name)) for name in brand.__slots__}
    request = {"original": str(original), "recipe": recipe.as_json(), "brand": texts, "out": str(out)}
    reads = [original, brand.crest, brand.font, brand.light_font]
    try:
        return _made_from(run(function, request, allowance, progress, reads=reads, writes=[out.parent]))
    except BaseException:
        out.unlink(missing_ok=True)  # the child may have been quicker than its end
        raise


def _made_from(answer: dict[str, Any]) -> RenderedFile:
    answer["path"] = Path(answer["path"])
    answer["mark_box"] = tuple(answer["mark_box"])
    answer["warnings"] = tuple(answer["warnings"])
    return RenderedFile(**answer)


def _probe_from(answer: dict[str, Any]) -> Probe:
    taken_at = answer.pop("taken_at")
    answer["warnings"] = tuple(answer["warnings"])
    return Probe(taken_at=datetime.fromisoformat(taken_at) if taken_at else None, **answer)

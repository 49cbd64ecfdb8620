"""The child process of `supervised`: reads one request from stdin, answers in lines of JSON on stdout."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publisher.media import confined
from publisher.media.brand import Brand
from publisher.media.confined import Bounds, Confinement
from publisher.media.errors import NO_ROOM, BadMedia, NoRoom
from publisher.media.footage import render_footage, render_poster
from publisher.media.made import RenderedFile
from publisher.media.probe import probe
from publisher.media.recipe import Recipe
from publisher.media.stills import render_still

_SMALLEST_STEP = 0.01  # of the whole: more lines than that tell nobody anything
_FULL = "There is no room left to prepare the file in. Free some space; it is tried again."
_TOO_LARGE = "What is made of the file would be larger than is allowed. Cut it or save a smaller copy, and add that."
_TOO_MUCH = "The file needs more memory than is allowed. Save a smaller copy, or cut it, and add that."


def main() -> None:
    """Read one request from stdin, confine this process, run the function and write its answer to stdout."""
    request = json.loads(sys.stdin.readline())
    held = confined.confine(Bounds(**request["bounds"]))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _say(answer=dataclasses.asdict(_answer(request, held)))
    except BadMedia as error:
        _refuse(error, error.__cause__, held)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _refuse(NoRoom(_FULL), error, held)
    except MemoryError:
        _say(error="BadMedia", message=_TOO_MUCH)


def _answer(request: dict[str, Any], held: Confinement) -> Any:
    if request["function"] == "confinement":
        return held
    return _FUNCTIONS[request["function"]](**request["arguments"])


def _refuse(bad: BadMedia, cause: BaseException | None, held: Confinement) -> None:
    """A file that may not grow any further is not a full disk: the same again would end the same way."""
    if held.own_file_size and isinstance(cause, OSError) and cause.errno == errno.EFBIG:
        bad = BadMedia(_TOO_LARGE)
    _say(error=type(bad).__name__, message=bad.message)


def _end_with_parent() -> None:
    """Nothing more is ever sent, so the end of stdin means that the parent is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


def _probe(path: str, declared_name: str) -> Any:
    return probe(Path(path), declared_name=declared_name)


def _render_still(original: str, recipe: str, brand: dict[str, str], out: str) -> RenderedFile:
    return render_still(Path(original), Recipe.from_json(recipe), _brand(brand), Path(out))


def _render_footage(original: str, recipe: str, brand: dict[str, str], out: str) -> RenderedFile:
    return render_footage(Path(original), Recipe.from_json(recipe), _brand(brand), Path(out), _Progress())


def _render_poster(footage_rendition: str, at: float, out: str) -> RenderedFile:
    return render_poster(Path(footage_rendition), at, Path(out))


def _brand(texts: dict[str, str]) -> Brand:
    files = {name: Path(texts.pop(name)) for name in ("crest", "font", "light_font")}
    return Brand(**texts, **files)  # type: ignore[arg-type]


class _Progress:
    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, share: float) -> None:
        if share >= self._said + _SMALLEST_STEP:
            self._said = share
            _say(progress=round(share, 3))


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "probe": _probe,
    "render_still": _render_still,
    "render_footage": _render_footage,
    "render_poster": _render_poster,
}

if __name__ == "__main__":
    main()

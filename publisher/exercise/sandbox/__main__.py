"""`python -m publisher.exercise.sandbox --folder D --port N`: the stand-in alone, until interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from publisher.exercise.sandbox.server import Sandbox
from publisher.exercise.sandbox.settings import Settings


def run(folder: Path, port: int = 0, secret: str | None = None, **knobs: Any) -> None:
    """Serve until SIGINT or SIGTERM. Prints one JSON line, {"base", "secret"}, when ready."""
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with Sandbox(folder, port=port, secret=secret, settings=Settings().changed(knobs)) as sandbox:
            sys.stdout.write(json.dumps({"base": sandbox.base, "secret": sandbox.secret}) + "\n")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        return


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m publisher.exercise.sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where it keeps what it was given")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--secret", help="the control address's secret; one is made up if left out")
    given = parser.parse_args()
    run(given.folder, given.port, given.secret)


if __name__ == "__main__":
    main()

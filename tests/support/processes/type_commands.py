"""Types commands one after another in one process: each line of stdin is {"argv", "env"}, each answer a line of JSON.

Starting Python and Django anew for each of a hundred commands would take minutes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from publisher.cli import app

BEFORE = dict(os.environ)


def typed(argv: list[str]) -> dict[str, object]:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(argv, prog_name="publisher")
        except SystemExit as end:
            code = int(end.code or 0)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


for line in sys.stdin:
    asked = json.loads(line)
    os.environ.clear()
    os.environ.update(BEFORE | asked["env"])
    sys.stdout.write(json.dumps(typed(asked["argv"])) + "\n")
    sys.stdout.flush()

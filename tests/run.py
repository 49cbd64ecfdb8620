"""What `make test` runs: everything this machine has the parts for, and plainly what was left out.

    tests/run.py             all of it
    tests/run.py --quick     without the mutations of traps and rules and the slow walks
    tests/run.py tests/desk  these folders only, on SQLite

Where CI is set, or PUBLISHER_TESTS_REQUIRE names parts (such as "postgres,chromium"), a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import instants

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://127.0.0.1:5432/postgres")
EVERYTHING = "postgres,chromium,nginx,faketime"
CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
# Tests of the domain and of the service run a second time on PostgreSQL, where locks and triggers differ.
ON_BOTH = [
    "tests/pressqueue", "tests/test_timetable.py", "tests/test_tamperings.py",
    "tests/test_register_keys.py",
]  # fmt: skip
# A process of its own for each, two at a time: wall time counts, and one that hangs is seen at once.
PARTS = [
    ["tests/walk"],
    ["tests/torture"],
    ["tests/cli"],
    ["tests/races"],
    ["tests/desk", "tests/browser", "tests/pressqueue", "tests/traps", "tests/office"],
    ["tests/media", "tests/sandbox"],
    ["tests/destinations"],
]


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    chosen = [each for each in arguments if not each.startswith("--")]
    left_out = missing_parts()
    required = os.environ.get(
        "PUBLISHER_TESTS_REQUIRE", "postgres,chromium,nginx,faketime" if os.environ.get("CI") else ""
    )
    fatal = [words for part, words in left_out.items() if part in required.split(",")]
    if fatal:
        sys.stderr.write("".join(f"Required here and missing: {words}\n" for words in fatal))
        return 1
    env = {**os.environ, "PUBLISHER_TESTS_REQUIRE": required, "TEST_POSTGRES_URL": POSTGRES}
    env.pop("PUBLISHER_OFFICE", None)
    env.pop("DATABASE_URL", None)
    runs = plan(chosen, left_out, quick=quick)
    failed = run_two_at_a_time(runs, env)
    for words in left_out.values():
        sys.stdout.write(f"LEFT OUT: {words}\n")
    sys.stdout.write(f"{len(runs) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


def missing_parts() -> dict[str, str]:
    """What this machine lacks, in words."""
    missing = {}
    address = urlsplit(POSTGRES)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", address.port or 5432), timeout=3).close()
    except OSError:
        missing["postgres"] = f"everything on PostgreSQL (none answers at {address.hostname}:{address.port})"
    if not Path(CHROMIUM).exists():
        missing["chromium"] = f"the tests in a real browser (no Chromium at {CHROMIUM})"
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        missing["nginx"] = "the tests of config/nginx.conf (nginx is not installed)"
    if instants.library() is None:
        missing["faketime"] = "the tests at another instant than now (no libfaketime: apt-get install libfaketime)"
    return missing


def plan(chosen: list[str], left_out: dict[str, str], *, quick: bool) -> list[tuple[str, list[str], dict[str, str]]]:
    """(name, command, environment) of each run."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    deselect = " and ".join(
        f"not {marker}" for part, marker in (("postgres", "postgres"), ("chromium", "browser")) if part in left_out
    )
    if quick:
        deselect = f"{deselect} and not slow" if deselect else "not slow"
    only = ["-m", deselect] if deselect else []
    if chosen:
        return [(" ".join(chosen), [*pytest, *only, *chosen], {})]
    listed = {place for part in PARTS for place in part}
    rest = sorted(
        str(place.relative_to(ROOT))
        for place in (ROOT / "tests").iterdir()
        if str(place.relative_to(ROOT)) not in listed
        and place.name != "support"
        and (place.name.startswith("test_") or (place.is_dir() and any(place.rglob("test_*.py"))))
    )
    parts = [[place for place in part if (ROOT / place).exists()] for part in PARTS]
    runs = [(" ".join(part), [*pytest, *only, *part], {}) for part in [*parts, rest] if part]
    if "postgres" not in left_out:
        both = [place for place in ON_BOTH if (ROOT / place).exists()]
        runs.append(("on PostgreSQL: " + " ".join(both), [*pytest, *only, *both], {"DATABASE_URL": POSTGRES}))
    if "faketime" not in left_out:
        runs.append(("at an instant drawn at random", [sys.executable, "tests/instants.py"], {}))
    if not quick:
        runs.append(("traps, each with its cure removed", [sys.executable, "tests/traps/mutate.py"], {}))
        runs.append(("rules, each disabled", [sys.executable, "tests/rules/mutate.py"], {}))
    return runs


def run_two_at_a_time(runs: list[tuple[str, list[str], dict[str, str]]], env: dict[str, str]) -> int:
    """Run them all; print each one's output when it ends. Answers how many failed."""
    waiting, running, failed = list(runs), [], 0
    logs = Path(os.environ.get("TMPDIR", "/tmp")) / f"publisher-tests-{os.getpid()}"
    logs.mkdir(parents=True)
    while waiting or running:
        while waiting and len(running) < 2:
            name, command, more = waiting.pop(0)
            log = (logs / f"{len(waiting)}.log").open("w+")
            process = subprocess.Popen(command, cwd=ROOT, env={**env, **more}, stdout=log, stderr=subprocess.STDOUT)
            running.append((name, process, log, time.monotonic()))
        for entry in list(running):
            name, process, log, began = entry
            if process.poll() is None:
                continue
            running.remove(entry)
            log.seek(0)
            sys.stdout.write(f"== {name}: exit code {process.returncode} after {time.monotonic() - began:.0f} s\n")
            sys.stdout.write(log.read())
            sys.stdout.flush()
            log.close()
            failed += process.returncode != 0
        time.sleep(0.2)
    shutil.rmtree(logs)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What `make test` runs: everything this machine has the parts for, and plainly what was left out.

    tests/run.py             every test once, and on PostgreSQL, where it answers, those that depend on the database
    tests/run.py --full      with the long forms: kill matrices, 500 duels, torture, every mutation, and the whole
                             domain on both databases. What CI runs
    tests/run.py --quick     on SQLite alone, without the folders whose tests start processes
    tests/run.py tests/desk  these folders or files only, on SQLite

Where CI is set, or PUBLISHER_TESTS_REQUIRE names parts (such as "postgres,chromium"), a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import instants

from support import side_by_side

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://127.0.0.1:5432/postgres")
EVERYTHING = "postgres,chromium,nginx,faketime"
CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
# Tests of the domain and of the service run a second time on PostgreSQL: in the long form all of them, else those where
# the database itself decides, by locks, triggers, sequences and SQL of our own.
WHERE_IT_DECIDES = (
    *(f"tests/pressqueue/test_{each}.py" for each in (
        "audit", "breaker", "forged_requests", "forged_rows", "migrating_powers", "posts", "purged_texts",
        "query_counts", "quota", "restoring", "retention", "sealing", "stops", "totals",
    )),
    *("tests/test_timetable.py", "tests/test_tamperings.py", "tests/test_register_keys.py"),
)  # fmt: skip
ON_BOTH = ("tests/pressqueue", "tests/test_timetable.py", "tests/test_tamperings.py", "tests/test_register_keys.py")
# Their tests start processes of their own, a browser or a build, and wait for them.
PROCESSES = (
    *("tests/walk", "tests/races", "tests/torture", "tests/browser", "tests/wheel", "tests/existing_office"),
    "tests/third_party",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One command of a run, with what its environment has besides."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    options = {each for each in arguments if each.startswith("--")}
    chosen = [each for each in arguments if not each.startswith("--")]
    if unknown := options - {"--full", "--quick"}:
        sys.stderr.write(f"There is no option {', '.join(sorted(unknown))}. There are --full and --quick.\n")
        return 2
    if absent := [
        each
        for each in (*chosen, *ON_BOTH, *WHERE_IT_DECIDES, *PROCESSES)
        if not (ROOT / each.partition("::")[0]).exists()
    ]:
        sys.stderr.write("".join(f"There is no {each}.\n" for each in absent))
        return 2
    left_out = missing_parts()
    required = os.environ.get("PUBLISHER_TESTS_REQUIRE", EVERYTHING if os.environ.get("CI") else "")
    if fatal := [words for part, words in left_out.items() if part in required.split(",")]:
        sys.stderr.write("".join(f"Required here and missing: {words}\n" for words in fatal))
        return 1
    environment = {**os.environ, "PUBLISHER_TESTS_REQUIRE": required, "TEST_POSTGRES_URL": POSTGRES}
    environment.pop("PUBLISHER_OFFICE", None)
    environment.pop("DATABASE_URL", None)
    # Hundreds of the tests' processes import the same modules: compiled once, each starts in two thirds of the time.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    parts = plan(chosen, left_out, full="--full" in options, quick="--quick" in options)
    results = [run(part, environment) for part in parts]
    for part, (code, seconds) in zip(parts, results, strict=True):
        sys.stdout.write(f"{'FAILED' if code else 'passed'} in {seconds:4.0f} s: {part.name}\n")
    for words in left_out.values():
        sys.stdout.write(f"LEFT OUT: {words}\n")
    failed = sum(code != 0 for code, _ in results)
    sys.stdout.write(f"{len(parts) - failed} passed, {failed} failed, {sum(s for _, s in results):.0f} s\n")
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


def plan(chosen: list[str], left_out: dict[str, str], *, full: bool, quick: bool) -> list[Part]:
    """The parts of a run, in their order."""
    markers = {"postgres": "postgres", "chromium": "browser"}
    unwanted = [marker for part, marker in markers.items() if part in left_out]
    if not full and not chosen:
        unwanted.append("slow")
    tests = [
        *(sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "support.progress"),
        *side_by_side.OPTIONS,
        *("--durations", "25"),
        *(["-m", " and ".join(f"not {marker}" for marker in unwanted)] if unwanted else []),
    ]
    if chosen:
        return [Part(" ".join(chosen), [*tests, *chosen])]
    if quick:
        ignored = [f"--ignore={folder}" for folder in PROCESSES]
        return [Part("the tests that start no process, on SQLite", [*tests, *ignored, "tests"])]
    parts = [Part("the tests, on SQLite", [*tests, "tests"])]
    if "postgres" not in left_out:
        name = "domain and service, on PostgreSQL" if full else "what the database decides, on PostgreSQL"
        again = [*tests, *(ON_BOTH if full else WHERE_IT_DECIDES)]
        parts.append(Part(name, again, {"DATABASE_URL": POSTGRES}))
    return parts


def run(part: Part, environment: dict[str, str]) -> tuple[int, float]:
    """Its exit code and its seconds. What it prints is seen as it is printed."""
    sys.stdout.write(f"== {part.name}\n")
    sys.stdout.flush()
    began = time.monotonic()
    code = subprocess.run(part.command, cwd=ROOT, env={**environment, **part.environment}, check=False).returncode
    return code, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Tests at other instants than this one: what they assert must not depend on the day, or the night, they are run.

    tests/instants.py                    a few files full of dates, at one instant drawn at random, which is printed
    tests/instants.py --all              the same at each of the twelve below
    tests/instants.py --all tests/desk   these at each of the twelve
    tests/instants.py --at "2028-10-29 01:05:00" tests/desk/test_amending.py

The clock is set by libfaketime, for these processes alone; PostgreSQL keeps its own, so they run on SQLite.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support import side_by_side

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = [
    *Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),
    Path("/usr/lib/faketime/libfaketime.so.1"),
    Path("/usr/local/lib/faketime/libfaketime.so.1"),
]
# Where people type dates, and the rules that count hours from them.
FEW = [
    "tests/desk/test_amending.py", "tests/desk/test_moments.py", "tests/desk/test_people.py",
    "tests/desk/test_records.py",
]  # fmt: skip
INSTANTS = {
    "2027-03-28 00:59:30": "half a minute before an hour that does not exist in London",
    "2027-03-28 01:00:30": "half a minute after it",
    "2028-10-29 00:05:00": "the first 01:05 of a night in London that has two",
    "2028-10-29 01:05:00": "the second",
    "2028-02-29 12:00:00": "29 February",
    "2026-12-31 23:59:30": "New Year's Eve",
    "2027-06-30 23:00:10": "midnight in London in summer",
    "2027-07-01 00:00:05": "midnight in UTC, one o'clock in London",
    "2026-11-29 00:05:00": "700 days before an hour that comes twice, the first time",
    "2026-11-29 01:05:00": "the same, the second time",
    "2036-11-29 02:00:00": "ten years on",
    "2027-10-10 00:30:00": "an appeal's review, 21 days on, falls into an hour that comes twice",
}
FORM = "%Y-%m-%d %H:%M:%S"


def main(arguments: list[str]) -> int:
    clock = library()
    if clock is None:
        sys.stdout.write("LEFT OUT: the tests at other instants (no libfaketime: apt-get install libfaketime)\n")
        return 0
    everywhere = "--all" in arguments
    rest = [each for each in arguments if each != "--all"]
    named = rest[rest.index("--at") + 1] if "--at" in rest else ""
    chosen = [each for each in rest if each not in ("--at", named)] or FEW
    instants = list(INSTANTS) if everywhere else [named or drawn(random.SystemRandom())]
    failed = [at for at in instants if not run(clock, at, chosen)]
    return 1 if failed else 0


def library() -> Path | None:
    """Where libfaketime lies on this machine."""
    return next((each for each in LIBRARIES if each.exists()), None)


def drawn(dice: random.Random) -> str:
    """An instant of the next ten years: any second, or, every other time, one near a change of London's clocks."""
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    if dice.random() < 0.5:
        return (begin + timedelta(seconds=dice.randrange(10 * 365 * 86400))).strftime(FORM)
    change = dice.choice(list(changes(begin.year, begin.year + 10)))
    before = timedelta(days=dice.choice((0, 1, 7, 14, 21, 28, 365)))
    return (change - before + timedelta(seconds=dice.randrange(-7200, 7200))).strftime(FORM)


def changes(first: int, last: int) -> Iterator[datetime]:
    """When London's clocks change: 01:00 UTC on the last Sundays of March and October."""
    for year in range(first, last):
        for month in (3, 10):
            end = datetime(year, month, 31, 1, tzinfo=UTC)
            yield end - timedelta(days=(end.weekday() + 1) % 7)


def run(clock: Path, at: str, chosen: list[str]) -> bool:
    """The tests chosen, at that instant; prints what they printed. Whether they passed."""
    # A distance from the real clock, not an instant: each process would begin at that instant anew, and a command that
    # a test starts would then run minutes before the test that started it.
    ahead = (datetime.strptime(at, FORM).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    env = {**os.environ, "LD_PRELOAD": str(clock), "FAKETIME": f"{ahead:+.3f}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    env |= {"TZ": "UTC", "PYTHONPATH": str(ROOT / "tests" / "support" / "shifted_clock")}
    env.pop("DATABASE_URL", None)
    began = time.monotonic()
    beside = side_by_side.OPTIONS if chosen != FEW else ()  # a few are done sooner than processes have begun
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *beside, *chosen]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1:] or ["nothing"]
    what = INSTANTS.get(at, "drawn")
    sys.stdout.write(f"{at} UTC ({what}), {time.monotonic() - began:.0f} s: {last[0]}\n")
    if done.returncode:
        sys.stdout.write(f"{done.stdout}{done.stderr}\n")
    sys.stdout.flush()
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Take each cure out, and see its test fail: `make traps`, or with ARGS=--write to renew docs/traps.md.

Every *.toml beside this file lists traps of the platforms and their client libraries:

    [[trap]]
    id = "flickr-drip"                        unique
    says = "..."                              one sentence
    source = "measured, flickrapi 2.4.0"      where it is known from
    test = "tests/...::test_..."              the test that holds it
    [trap.cure]
    at = "publisher.package.module:function"  where the cure is: a function, a method or a constant
    find = "..."                              its text, in that function exactly once
    replace = "..."                           the text without it

The tree is copied, so nothing here touches the checkout. A row counts only if its test passes as things
are and fails, in itself rather than in being imported, when the cure is gone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # also where no pytest has set the path

from support import patching  # noqa: E402

ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "traps.md"
COPIED = ("publisher", "queue", "tests", "config", "pyproject.toml")
AT_ONCE = 2
LONGEST = 180  # seconds for one row; a test without its cure may well wait for ever
# A test that dies of these was not given the chance to fail.
BROKEN = ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError")


@dataclass(frozen=True, slots=True)
class Trap:
    """One row. `find` and `replace` are texts of the function or constant `at` ("module:name")."""

    id: str
    says: str
    source: str
    test: str
    at: str
    find: str
    replace: str


def traps(folder: Path = HERE) -> list[Trap]:
    """All rows of all files, in their order. Raises ValueError for an id used twice."""
    rows = [
        Trap(**{name: row[name] for name in ("id", "says", "source", "test")}, **row["cure"])
        for path in sorted(folder.glob("*.toml"))
        for row in tomllib.loads(path.read_text("utf-8"))["trap"]
    ]
    twice = {row.id for row in rows if sum(other.id == row.id for other in rows) > 1}
    if twice:
        raise ValueError(f"used twice: {', '.join(sorted(twice))}")
    return rows


def without(trap: Trap, root: Path) -> str:
    """The text of the trap's file with its cure taken out. Raises ValueError unless it is there once."""
    try:
        return patching.patched(trap.at, trap.find, trap.replace, root)
    except ValueError as error:
        raise ValueError(f"{trap.id}: {error}") from None


@contextmanager
def copies(count: int) -> Iterator[SimpleQueue[Path]]:
    """So many copies of the tree, to be taken and given back."""
    with tempfile.TemporaryDirectory(prefix="traps-") as folder:
        ready: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            copy = Path(folder) / str(number)
            _copy(copy)
            ready.put(copy)
        yield ready


def _copy(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)
    # Bytecode is held by the source's hash: by its time, a file changed twice within a second would keep the
    # older one's. Nothing writes any later.
    _python(copy, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "publisher", "queue")
    where = _python(copy, "-c", "import publisher; print(publisher.__file__)").stdout.strip()
    if not Path(where).is_relative_to(copy):
        raise RuntimeError(f"the tests would import {where}, not the copy")


def _python(copy: Path, *arguments: str, longest: float = LONGEST) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'queue'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=longest,
        check=False,
    )


def _pytest(copy: Path, tests: Sequence[str], longest: float = LONGEST) -> tuple[int, list[str], str]:
    """Run `tests` there: exit code, the message of each failure, and the output."""
    report = copy / "report.xml"
    report.unlink(missing_ok=True)
    options = ("-q", "-p", "no:cacheprovider", "--timeout=60", "--tb=short", f"--junit-xml={report}")
    # The fixtures of the tests' own folder and below; those above it set up a database.
    folder = Path(tests[0]).parts[1] if len(Path(tests[0]).parts) > 1 else ""
    done = _python(copy, "-m", "pytest", *options, f"--confcutdir=tests/{folder}", *tests, longest=longest)
    if not report.exists():
        return done.returncode, [], done.stdout + done.stderr
    failures = ElementTree.parse(report).iter("failure")
    return done.returncode, [failure.get("message", "") for failure in failures], done.stdout + done.stderr


def passing(copy: Path, rows: Sequence[Trap]) -> str:
    """ "" if every row's test passes as things are, else what pytest said."""
    folders = sorted({Path(row.test).parts[1] for row in rows})
    for folder in folders:
        tests = sorted({row.test for row in rows if Path(row.test).parts[1] == folder})
        code, _, said = _pytest(copy, tests, longest=LONGEST * len(tests))
        if code != 0:
            return said
    return ""


def held(trap: Trap, ready: SimpleQueue[Path]) -> str:
    """ "" if the trap's test fails without its cure, else what happened instead."""
    copy = ready.get()
    path = patching.file_of(trap.at, copy)
    whole = path.read_text("utf-8")
    try:
        path.write_text(without(trap, copy), "utf-8")
        code, failures, said = _pytest(copy, [trap.test])
    except ValueError as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return ""  # it waits for ever without its cure
    finally:
        path.write_text(whole, "utf-8")
        ready.put(copy)
    if code == 0:
        return "passes without its cure"
    if code != 1 or not failures:
        return f"did not run (exit code {code}): {said[-600:]}"
    broken = [message for message in failures if message.startswith(BROKEN)]
    return f"broke instead of failing: {broken[0]}" if broken else ""


def page(rows: Sequence[Trap]) -> str:
    """docs/traps.md."""
    head = (
        "# Traps\n\n"
        "What the platforms and their client libraries do that nobody would expect, where it is known from, and the\n"
        "test that holds our cure. Each test was seen to fail with its cure taken out: `make traps` does it again,\n"
        "`make traps ARGS=--write` renews this page from `tests/traps/*.toml`.\n\n"
        f"{len(rows)} traps.\n\n"
        "| id | trap | source | test | fails without its cure |\n| --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(f"| {' | '.join(_cells(row))} | yes |\n" for row in rows)


def _cells(row: Trap) -> tuple[str, ...]:
    plain = (text.replace("|", "\\|").replace("\n", " ") for text in (row.id, row.says, row.source))
    return (*plain, f"`{row.test.removeprefix('tests/')}`")


def main() -> int:
    """Answer 0 if every row's test fails without its cure."""
    parser = argparse.ArgumentParser(description="Take each cure out, and see its test fail.")
    parser.add_argument("only", nargs="*", help="ids, or beginnings of ids; all if none are given")
    parser.add_argument("--write", action="store_true", help="renew docs/traps.md (only when all hold)")
    asked = parser.parse_args()
    rows = [row for row in traps() if not asked.only or row.id.startswith(tuple(asked.only))]
    console = Console()
    with copies(AT_ONCE) as ready:
        copy = ready.get()
        if said := passing(copy, rows):
            console.print(f"The tests do not pass as things are:\n{said}", markup=False)
            return 1
        ready.put(copy)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda row: held(row, ready), rows))
    table = Table("trap", "test", "without its cure")
    for row, outcome in zip(rows, outcomes, strict=True):
        table.add_row(row.id, row.test.rpartition("::")[2], outcome or "fails")
    console.print(table)
    good = outcomes.count("")
    console.print(f"{good} of {len(rows)} tests fail without their cure.")
    if asked.write and not asked.only and good == len(rows):
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(rows), "utf-8")
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())

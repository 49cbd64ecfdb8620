"""Disable each rule, and see its test fail: `make rules`, or with ARGS=--write to renew docs/safeguards.md.

Each gate is silenced by itself: its `fault` answers nothing. What is no gate is cut as *.toml beside this file says:

    [[cut]]
    rule = "R25"
    part = "Any officer alone"                how this part of its rule begins; left out where there is but one
    says = "an outcome takes nothing down"    what no longer happens
    test = "tests/...::test_..."              the test that fails for it
    at = "pressqueue.package.module:function" where it is enforced
    find = "..."                              its text, in that function exactly once
    replace = "..."                           the text without it

All of it runs in one process, each test first as things are and then without its rule. A rule counts as held only if
the test passes as things are and fails, in itself rather than in being set up, without it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "safeguards.md"
EACH_GATE = "tests/pressqueue/gates/test_each.py"
ALONE = f"{EACH_GATE}::test_what_breaks_one_rule_alone_is_refused_by_it_at_each_of_its_steps"
CONTROL = "tests/pressqueue/test_items.py::test_approval_is_given_at_the_desk_only"
NOTHING = "control: the test of another rule"
UNHELD = "passes without it"
LONGEST = 120  # seconds for one test; without its rule it may well wait for ever


def beside(name: str, path: Path) -> ModuleType:
    """A module that lies in no package, loaded once by its place."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


traps = beside("mutate_traps", HERE.parent / "traps" / "mutate.py")
patching = traps.patching
swapping = beside("swapping", HERE / "swapping.py")


@dataclass(frozen=True, slots=True)
class Cut:
    """A rule disabled in one way. `find` and `replace` are texts of the function `at`; a silenced gate has neither."""

    rule: str
    says: str
    test: str
    at: str = ""
    find: str = ""
    replace: str = ""
    gate: str = ""  # the name of its class
    part: str = ""  # how the meaning of the duty or property begins, where its number has several

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.says}"


def cuts() -> list[Cut]:
    """What the lists cut, in their order."""
    files = sorted(HERE.glob("*.toml"))
    return [Cut(**row) for path in files for row in tomllib.loads(path.read_text("utf-8"))["cut"]]


def silenced() -> list[Cut]:
    """Every gate by itself, with the first case that breaks it alone."""
    from pressqueue import gates

    table = beside("test_each", ROOT / "tests" / "pressqueue" / "gates" / "test_each.py")
    case: dict[str, str] = {}
    for name, broken in table.BROKEN.items():
        case.setdefault(broken.gate.__name__, name)
    names = [type(gate).__name__ for gate in gates.ALL]
    return [
        Cut(gate.number, f"{name} refuses nothing", f"{ALONE}[{case[name]}]", gate=name)
        for gate, name in zip(gates.ALL, names, strict=True)
    ]


def disabled(cut: Cut) -> AbstractContextManager[None]:
    """Within it this rule is not enforced. Raises ValueError where its text is not there once, or in no function."""
    if cut.gate:
        return _silent(cut.gate)
    whole = patching.file_of(cut.at, ROOT).read_text("utf-8")
    return swapping.swapped(cut.at.partition(":")[0], whole, traps.without(cut, ROOT))  # type: ignore[no-any-return]  # of a file


@contextmanager
def _silent(name: str) -> Iterator[None]:
    from pressqueue import gates

    kind = next(type(gate) for gate in gates.ALL if type(gate).__name__ == name)
    before = kind.fault
    kind.fault = lambda self, case: ""  # type: ignore[method-assign]  # that is what is cut
    try:
        yield
    finally:
        kind.fault = before  # type: ignore[method-assign]  # and put back


@dataclass(eq=False)  # pytest keeps its plugins by identity
class Undoing:
    """A plugin of pytest: runs each test as things are, and again under each cut it is to fail for."""

    rows: list[Cut] = field(default_factory=list)
    only: tuple[str, ...] = ()
    outcomes: dict[str, str] = field(default_factory=dict)  # id of the cut -> "" if it was seen to fail
    _good: set[str] = field(default_factory=set)  # tests that were seen to pass as things are
    _reports: list[pytest.TestReport] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        config.pluginmanager.unregister(reporter)  # failures are what is wanted here: they are told once, at the end

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.rows = [row for row in [*silenced(), *cuts()] if not self.only or row.rule in self.only]
        # The control: one rule's test cannot fail for want of another rule, and must be found not to.
        last, first = cuts()[-1], next(row for row in cuts() if row.test == CONTROL)
        self.rows.append(replace(last, test=first.test, says=NOTHING))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for row in self.rows:
            tests = [
                item for item in session.items if item.nodeid == row.test or item.nodeid.startswith(f"{row.test}[")
            ]
            self.outcomes[row.id] = self._held(session, row, tests) if tests else f"{row.test} was not found"
        session._setupstate.teardown_exact(None)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(report)

    def _held(self, session: pytest.Session, row: Cut, tests: list[pytest.Item]) -> str:
        said = UNHELD
        for test in tests:
            if test.nodeid not in self._good and (broken := _worst(self._run(session, test))):
                return f"does not pass as things are: {broken.longreprtext[-600:]}"
            self._good.add(test.nodeid)
            try:
                with disabled(row):
                    reports = self._run(session, test)
            except ValueError as error:
                return str(error)
            if _failed_in_itself(reports):
                return ""
            if broken := _worst(reports):
                said = f"broke instead of failing: {broken.longreprtext[-600:]}"
        return said

    def _run(self, session: pytest.Session, test: pytest.Item) -> list[pytest.TestReport]:
        """As often as one likes; what the session set up is kept, the rest is taken down each time."""
        self._reports.clear()
        test._initrequest()  # type: ignore[attr-defined]  # a Function's
        test.ihook.pytest_runtest_protocol(item=test, nextitem=session)
        return list(self._reports)


def _worst(reports: list[pytest.TestReport]) -> pytest.TestReport | None:
    return next((each for each in reports if each.failed), None)


def _failed_in_itself(reports: list[pytest.TestReport]) -> bool:
    return any(each.failed and each.when == "call" and not _message(each).startswith(traps.BROKEN) for each in reports)


def _message(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message) if crash is not None else ""


def run(only: tuple[str, ...] = ()) -> dict[str, str]:
    """The outcome of each cut by its id, "" where its test failed for it. Raises RuntimeError where nothing ran, or
    the control was said to fail."""
    tests = {CONTROL, *(row.test for row in cuts() if not only or row.rule in only)}
    undoing = Undoing(only=only)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:unraisableexception", f"--timeout={LONGEST}", "--tb=short"]
    code = pytest.main([*options, *sorted(tests), EACH_GATE], plugins=[undoing])
    outcomes = {name: said for name, said in undoing.outcomes.items() if not name.endswith(NOTHING)}
    if [said for name, said in undoing.outcomes.items() if name not in outcomes] != [UNHELD]:
        raise RuntimeError(f"the control was not seen to pass (exit code {code}): {undoing.outcomes}")
    return outcomes


def page() -> str:
    """docs/safeguards.md."""
    return str(beside("safeguards_page", HERE / "page.py").page([*silenced(), *cuts()]))


def main() -> int:
    """Answer 0 if every rule's test fails without it."""
    parser = argparse.ArgumentParser(description="Disable each rule, and see its test fail.")
    parser.add_argument("only", nargs="*", help="numbers of rules; all if none are given")
    parser.add_argument("--write", action="store_true", help="renew docs/safeguards.md (only when all hold)")
    asked = parser.parse_args()
    began = time.monotonic()
    outcomes = run(tuple(asked.only))
    bad = {name: said for name, said in outcomes.items() if said}
    for name, said in bad.items():
        sys.stdout.write(f"{name}: {said}\n")
    good = len(outcomes) - len(bad)
    sys.stdout.write(f"{good} of {len(outcomes)} fail without their rule, in {time.monotonic() - began:.0f} s.\n")
    if asked.write and not asked.only and not bad:
        PAGE.write_text(page(), "utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())

"""Every test can fail: it asserts something, and not only within a loop that may go through nothing.

And none fails because the machine was busy: no measured time is asserted to be short, and no process or answer is
waited for impatiently. Nor because a database gave its rows in another order: where the order of rows is asserted, it
is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
Function = ast.FunctionDef | ast.AsyncFunctionDef
RAISES = {"raises", "warns", "fail"}  # pytest's own
CLOCKS = {"monotonic", "perf_counter", "time"}  # not `process_time`: the CPU a test took is the same on a busy machine
WAITS = {
    "HTTPConnection", "acquire", "check_output", "communicate", "consent", "create_connection", "get", "open",
    "run", "wait",
}  # fmt: skip
PATIENT = 600  # seconds, at least; see support/patience.py
LOOPS = {"range", "at_least_one"}  # what a loop may go through and be known to go through something


def called(node: ast.AST) -> str:
    """The name of the function a call calls, "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class Asserting:
    """Which functions of the tests can fail, by name: those that assert, and those that call one that does."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self._names: set[str] = set()
        functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, Function)]
        calls = {each: {called(node) for node in ast.walk(each)} for each in functions}
        found = {each.name for each in functions if self.can_fail(each)}
        while found != self._names:
            self._names = found
            found = found | {each.name for each in functions if calls[each] & found}

    def can_fail(self, node: ast.AST) -> bool:
        return any(self._fails(each) for each in ast.walk(node))

    def _fails(self, node: ast.AST) -> bool:
        name = called(node)
        return isinstance(node, ast.Assert | ast.Raise) or name in RAISES | self._names or name.startswith("assert")

    def always(self, body: list[ast.stmt]) -> bool:
        """Whether something is asserted outside every loop that may go through nothing."""
        return any(self._always(statement) for statement in body)

    def _always(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.For):
            return _goes_through_something(statement.iter) and self.always(statement.body)
        if isinstance(statement, ast.With | ast.If | ast.While | ast.Try):
            if isinstance(statement, ast.With) and any(self.can_fail(item) for item in statement.items):
                return True
            more = [*getattr(statement, "orelse", []), *getattr(statement, "finalbody", [])]
            return self.always([*statement.body, *more])
        return self.can_fail(statement)


def _goes_through_something(things: ast.expr) -> bool:
    literal = isinstance(things, ast.Tuple | ast.List | ast.Set) and bool(things.elts)
    return literal or called(things) in LOOPS


def wanting(trees: dict[str, ast.Module]) -> Iterator[str]:
    """`file::test` of each test that cannot fail, or only if a loop goes through something."""
    asserting = Asserting(trees.values())
    for name, tree in trees.items():
        if Path(name).name.startswith("test_"):
            for node in ast.walk(tree):
                if isinstance(node, Function) and node.name.startswith("test_") and not asserting.always(node.body):
                    yield f"{name}::{node.name}"


def hurried(tree: ast.Module) -> Iterator[int]:
    """The line of each assertion that a measured time is at most something; the patience of a waiting loop is none."""
    for function in [node for node in ast.walk(tree) if isinstance(node, Function)]:
        measured = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and _reads_clock(node.value, set())
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        patience = {each for loop in ast.walk(function) if isinstance(loop, ast.While) for each in ast.walk(loop)}
        for statement in [each for each in ast.walk(function) if isinstance(each, ast.Assert) and each not in patience]:
            compared = [node for node in ast.walk(statement) if isinstance(node, ast.Compare)]
            if any(_reads_clock(side, measured) for each in compared for side in _smaller_sides(each)):
                yield statement.lineno


def _smaller_sides(comparison: ast.Compare) -> Iterator[ast.expr]:
    sides = [comparison.left, *comparison.comparators]
    for left, operator, right in zip(sides, comparison.ops, sides[1:], strict=False):
        if isinstance(operator, ast.Lt | ast.LtE):
            yield left
        if isinstance(operator, ast.Gt | ast.GtE):
            yield right


def _reads_clock(expression: ast.expr, measured: set[str]) -> bool:
    return any(
        called(node) in CLOCKS or (isinstance(node, ast.Name) and node.id in measured) for node in ast.walk(expression)
    )


def impatient(tree: ast.Module) -> Iterator[int]:
    """The line of each wait of less than ten minutes, given as a number, that fails the test once it is over.

    Not one within a loop, a `try` that handles it, or a `with` that expects it to end: there another follows, or its
    end is the point.
    """
    kept = {
        each
        for block in ast.walk(tree)
        if isinstance(block, ast.While)
        or (isinstance(block, ast.Try) and block.handlers)
        or (isinstance(block, ast.With) and _expects(block))
        for part in block.body
        for each in ast.walk(part)
    }
    for node in ast.walk(tree):
        if node in kept:
            continue
        if isinstance(node, ast.BinOp) and called(node.left) == "monotonic" and _short(node.right):
            yield node.lineno
        if called(node) in WAITS and any(each.arg == "timeout" and _short(each.value) for each in node.keywords):
            yield node.lineno


def _expects(block: ast.With) -> bool:
    return any(called(item.context_expr) in {*RAISES, "suppress"} for item in block.items)


def _short(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value < PATIENT


def unordered(tree: ast.Module) -> Iterator[int]:
    """The line of each assertion that rows are in an order which the query does not ask for."""
    for function in [node for node in ast.walk(tree) if isinstance(node, Function)]:
        queries = _names(function, _is_query_without_order)
        read = _names(function, partial(_rows_as_they_come, queries=queries))
        asserted = [part for node in ast.walk(function) if isinstance(node, ast.Assert) for part in ast.walk(node)]
        for comparison in [node for node in asserted if isinstance(node, ast.Compare)]:
            sides = [comparison.left, *comparison.comparators]
            in_order = [each for each in sides if _rows_as_they_come(each, queries) or getattr(each, "id", "") in read]
            equal = all(isinstance(operator, ast.Eq | ast.NotEq) for operator in comparison.ops)
            if in_order and equal and not any(isinstance(each, ast.List) and len(each.elts) < 2 for each in sides):
                yield comparison.lineno


def _names(function: ast.AST, chosen: Callable[[ast.expr], bool]) -> set[str]:
    """The variables that are given such a value."""
    given = [node for node in ast.walk(function) if isinstance(node, ast.Assign) and chosen(node.value)]
    return {target.id for node in given for target in node.targets if isinstance(target, ast.Name)}


def _rows_as_they_come(side: ast.expr, queries: set[str]) -> bool:
    if isinstance(side, ast.ListComp):
        read = [side.generators[0].iter]
    else:
        read = side.args if isinstance(side, ast.Call) and called(side) == "list" else []
    return any(_is_query_without_order(each) or getattr(each, "id", "") in queries for each in read)


def _is_query_without_order(expression: ast.expr) -> bool:
    names = set()
    while isinstance(expression, ast.Call | ast.Attribute | ast.Subscript):
        names.add(expression.attr if isinstance(expression, ast.Attribute) else "")
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return "objects" in names and not names & {"order_by", "get", "first", "latest"}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    found = {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}
    assert len(found) > 200
    return found


def test_every_test_asserts_something(trees: dict[str, ast.Module]) -> None:
    assert list(wanting(trees)) == []


def test_no_test_asserts_that_the_machine_was_quick(trees: dict[str, ast.Module]) -> None:
    assert [f"{name}:{line}" for name, tree in trees.items() for line in hurried(tree)] == []


def test_no_test_waits_impatiently(trees: dict[str, ast.Module]) -> None:
    assert [f"{name}:{line}" for name, tree in trees.items() for line in impatient(tree)] == []


def test_no_test_asserts_an_order_that_no_query_asked_for(trees: dict[str, ast.Module]) -> None:
    assert [f"{name}:{line}" for name, tree in trees.items() for line in unordered(tree)] == []


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("[each.act for each in Entry.objects.filter(act='a')] == ['a', 'b']", True),
        ("list(Entry.objects.values_list('act', flat=True)) == expected", True),
        ("list(Entry.objects.all()[:2]) == expected", True),
        ("list(Item.objects.get().tags) == ['a', 'b']", False),
        ("[each.act for each in Entry.objects.order_by('number').filter(act='a')] == ['a', 'b']", False),
        ("list(Entry.objects.values_list('act', flat=True)) == ['a']", False),
        ("sorted(Entry.objects.values_list('act', flat=True)) == ['a', 'b']", False),
        ("{each.act for each in Entry.objects.all()} == {'a', 'b'}", False),
    ],
)
def test_control_an_order_that_was_not_asked_for_is_found(expression: str, found: bool) -> None:
    assert bool(list(unordered(ast.parse(f"def test_it():\n    assert {expression}\n")))) is found
    left, _, right = expression.partition(" == ")
    assert bool(list(unordered(ast.parse(f"def test_it():\n    rows = {left}\n    assert rows == {right}\n")))) is found


def test_control_a_query_kept_in_a_variable_is_found() -> None:
    kept = (
        "def test_it():\n    acts = Entry.objects.values_list('act', flat=True)\n    assert list(acts) == ['a', 'b']\n"
    )
    assert list(unordered(ast.parse(kept))) == [3]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("assert time.monotonic() - began < 2", True),
        ("assert 2 >= perf_counter() - began", True),
        ("took = time.time() - began\n    assert 0 < took <= 20", True),
        ("assert time.monotonic() - began >= 0.2", False),  # a busy machine takes longer, never less
        ("took = time.monotonic() - began\n    assert each <= took", False),
        ("assert time.process_time() - began < 5", False),
        ("while not ready():\n        assert time.monotonic() < deadline", False),
    ],
)
def test_control_a_measured_time_is_found(body: str, found: bool) -> None:
    assert bool(list(hurried(ast.parse(f"def test_it():\n    {body}\n")))) is found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("do_it()", True),
        ("assert do_it()", False),
        ("with pytest.raises(ValueError):\n        do_it()", False),
        ("holds()", False),
        ("for each in ROWS:\n        assert each", True),
        ("for each in at_least_one(ROWS):\n        assert each", False),
        ("for each in (1, 2):\n        assert each", False),
        ("for each in ():\n        assert each", True),
        ("for each in ROWS:\n        assert each\n    assert ROWS", False),
    ],
)
def test_control_what_is_found(body: str, found: bool) -> None:
    text = f"def holds():\n    assert True\n\ndef test_it():\n    {body}\n"
    assert list(wanting({"test_it.py": ast.parse(text)})) == (["test_it.py::test_it"] if found else [])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("subprocess.run(command, timeout=240)", True),
        ("process.communicate(timeout=30)", True),
        ("deadline = time.monotonic() + 60", True),
        ("subprocess.run(command, timeout=PATIENCE)", False),
        ("process.communicate(timeout=1800)", False),
        ("while True:\n        heard.get(timeout=0.1)", False),
        ("with pytest.raises(TimeoutError):\n        consent(timeout=1)", False),
    ],
)
def test_control_an_impatient_wait_is_found(body: str, found: bool) -> None:
    assert bool(list(impatient(ast.parse(f"def test_it():\n    {body}\n")))) is found

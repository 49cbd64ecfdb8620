"""The list of traps is in order; that each test fails without its cure is `make traps`."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _mutate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", Path(__file__).with_name("mutate.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module
    spec.loader.exec_module(module)
    return module


MUTATE = _mutate()
ROWS = MUTATE.traps()


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_cure_is_in_its_place_once(row: object) -> None:
    changed = MUTATE.without(row, ROOT)
    ast.parse(changed)  # what is left is still Python


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_row_names_a_test_that_exists(row: object) -> None:
    path, _, name = row.test.partition("::")  # type: ignore[attr-defined]
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name.partition("[")[0] in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("at", "find", "says"),
    [
        ("publisher.no_such_module:run", "x", "there is no module publisher.no_such_module"),
        ("pressqueue.hours:no_such_function", "x", "there is no pressqueue.hours:no_such_function"),
        ("pressqueue.hours:is_late", "no such text", "pressqueue.hours:is_late holds it 0 times"),
        ("pressqueue.hours:is_late", "return", "pressqueue.hours:is_late holds it"),
    ],
)
def test_a_row_that_names_nothing_is_refused_in_words(at: str, find: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MUTATE.patching.patched(at, find, "", ROOT)


def test_a_text_is_looked_for_in_its_function_alone() -> None:
    whole = MUTATE.patching.file_of("pressqueue.hours", ROOT).read_text("utf-8")
    changed = MUTATE.patching.patched("pressqueue.hours:is_late", "return True", "return False", ROOT)
    differing = [new for old, new in zip(whole.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert differing == ["        return False"]


def test_the_page_lists_every_trap() -> None:
    assert MUTATE.PAGE.read_text("utf-8") == MUTATE.page(ROWS)

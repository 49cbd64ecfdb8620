"""The list of what is disabled is whole and in order; that each test fails without its rule is `make rules`."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pressqueue import hours, rules

HERE = Path(__file__).parent


def _mutate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate_rules", HERE / "mutate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate_rules"] = module
    spec.loader.exec_module(module)
    return module


MUTATE = _mutate()
CUTS = MUTATE.cuts()
PAGE = MUTATE.beside("safeguards_page", HERE / "page.py")
IN_CODE = [row for row in rules.listed() if not row.waits_for]
TEST_NAME = re.compile(r"\btests/|::test_")


@pytest.mark.parametrize("cut", CUTS, ids=[cut.id for cut in CUTS])
def test_each_cut_is_in_its_place_and_can_be_made(cut: object) -> None:
    with MUTATE.disabled(cut):
        pass


@pytest.mark.parametrize("row", IN_CODE, ids=[f"{row.number} {row.meaning[:40]}" for row in IN_CODE])
def test_every_rule_is_cut_and_a_test_is_to_fail_for_it(row: rules.Listed) -> None:
    mine = [cut for cut in [*MUTATE.silenced(), *CUTS] if PAGE.belongs(cut, row)]
    assert {cut.rule for cut in mine} == {row.number}
    assert row.kind != "gate" or len(mine) == 1


def test_each_test_that_is_to_fail_is_there() -> None:
    named = {cut.test.partition("[")[0] for cut in [*MUTATE.silenced(), *CUTS]}
    assert named
    assert {test for test in named if test.partition("::")[2] not in functions(test.partition("::")[0])} == set()


def functions(path: str) -> set[str]:
    tree = ast.parse((MUTATE.ROOT / path).read_text("utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_what_is_installed_names_no_test() -> None:
    modules = [path for part in ("publisher", "queue") for path in (MUTATE.ROOT / part).rglob("*.py")]
    assert len(modules) > 400
    assert [path for path in modules if TEST_NAME.search(path.read_text("utf-8"))] == []


def test_each_cut_has_a_name_of_its_own() -> None:
    names = [cut.id for cut in [*MUTATE.silenced(), *CUTS]]
    assert sorted(names) == sorted(set(names))


def test_each_cut_is_of_one_part_of_one_rule() -> None:
    parts = {cut.id: [row for row in IN_CODE if PAGE.belongs(cut, row)] for cut in CUTS}
    assert {name: rows for name, rows in parts.items() if len(rows) != 1} == {}


def test_the_page_says_what_the_code_says() -> None:
    assert MUTATE.PAGE.read_text("utf-8") == MUTATE.page(), "run: make rules ARGS=--write"


def test_code_is_changed_for_everybody_and_put_back() -> None:
    whole = MUTATE.patching.file_of("pressqueue.hours", MUTATE.ROOT).read_text("utf-8")
    held, before = hours.is_late, hours.is_late.__code__
    with MUTATE.swapping.swapped(
        "pressqueue.hours", whole, whole.replace("if now > booking.due_at", "if now < booking.due_at")
    ):
        assert held.__code__ is not before
    assert held.__code__ is before


def test_what_runs_only_at_import_is_refused() -> None:
    name = "pressqueue.moves.takedown"
    whole = MUTATE.patching.file_of(name, MUTATE.ROOT).read_text("utf-8")
    changed = whole.replace('BLOCKING = frozenset({"wrong_image", ', "BLOCKING = frozenset({")
    assert changed != whole
    with pytest.raises(ValueError, match="lies in no function"), MUTATE.swapping.swapped(name, whole, changed):
        raise AssertionError("it was taken for a change")

"""An exercise: one more check of a rule is added to a copy of the tree, and three files are all it takes.

Everything else that knows of it (the list, the page of safeguards, `publisher gates`, the links on the desk, what
silences it to see its test fail) finds it there.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TREE = ("publisher", "queue", "tests", "docs", "config")
MODULE = "queue/pressqueue/gates/camera.py"
EACH = "tests/pressqueue/gates/test_each.py"
PAGE = "docs/safeguards.md"
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
ALONE = "test_what_breaks_one_rule_alone_is_refused_by_it_at_each_of_its_steps"
COMPLETE = "test_every_rule_has_a_case_at_each_of_its_steps"
WHOLE = ("tests/pressqueue/rules/test_list.py", "tests/pressqueue/gates/test_found.py", "tests/rules/test_rules.py")

GATE = '''"""R18: whose camera it was."""

from __future__ import annotations

from pressqueue.gates.base import FROM_SUBMIT, Case, Gate, Settable


class CameraNamed(Gate):
    """R18: an appeal says whose camera the picture comes from."""

    number = "R18"
    steps = FROM_SUBMIT
    source = "an exercise"
    answers = ("source_detail",)
    settings = (Settable("[wanted] recent_image_days", "recent_image", "the camera is asked for within"),)

    def fault(self, case: Case) -> str:
        if case.is_appeal and not case.appeal.source_detail.strip():
            return "Say whose camera the picture comes from."
        return ""
'''
ROW = '    "nobody says whose camera": record(camera.CameraNamed, source_detail=""),\n'
WRITE = """
import importlib.util, sys
import django
django.setup()
spec = importlib.util.spec_from_file_location("mutate_rules", "tests/rules/mutate.py")
mutate = importlib.util.module_from_spec(spec)
sys.modules["mutate_rules"] = mutate
spec.loader.exec_module(mutate)
mutate.PAGE.write_text(mutate.page(), "utf-8")
"""
ASK = """
import json
from dataclasses import asdict
from datetime import datetime, timezone
import django
django.setup()
from pressqueue import gates, rules
from pressqueue.models import AppealRecord, Item
from publisher.cli.rules import _settings
from publisher.desk import missing
(row,) = (row for row in rules.listed() if row.where == ("pressqueue.gates.camera.CameraNamed",))
(gate,) = (gate for gate in gates.ALL if type(gate).__name__ == "CameraNamed")
case = gates.Case(gates.Step.SUBMIT, item := Item(kind="appeal", reference="EX-0001"), datetime.now(timezone.utc))
vars(case).update(people=(), appeal=(record := AppealRecord(item=item)))
links = [asdict(link) for link in missing._links(gate, case, record)]
print(json.dumps({"row": asdict(row), "set": _settings(row), "said": gate.fault(case), "links": links}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy with the check in it, and the page of safeguards written anew."""
    place = tmp_path_factory.mktemp("exercise")
    for part in TREE:
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / MODULE).write_text(GATE, "utf-8")
    table = (place / EACH).read_text("utf-8")
    table = table.replace("    blocked,\n", "    blocked,\n    camera,\n", 1)
    (place / EACH).write_text(table.replace("    # R19 to R24\n", f"{ROW}    # R19 to R24\n", 1), "utf-8")
    run(place, "-c", WRITE)
    return place


def run(place: Path, *arguments: str) -> str:
    """What it printed; it must not fail."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DATABASE_"))}
    paths = os.pathsep.join(str(place / each) for each in (".", "queue", "tests"))
    env = {**ours, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "publisher.settings"}
    said = subprocess.run(
        [sys.executable, "-B", *arguments], cwd=place, env=env, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def files(place: Path) -> set[str]:
    found = (each for part in TREE for each in (place / part).rglob("*") if "__pycache__" not in each.parts)
    return {str(each.relative_to(place)) for each in found if each.is_file()} | {"pyproject.toml"}


def differing(place: Path) -> set[str]:
    """Files of which the two trees have not the same."""
    here, there = files(ROOT), files(place)
    _, changed, unread = filecmp.cmpfiles(ROOT, place, sorted(here & there), shallow=False)
    assert unread == []
    return (here ^ there) | set(changed)


def test_three_files_are_all_it_takes(tree: Path) -> None:
    assert differing(tree) == {MODULE, EACH, PAGE}


def test_the_lists_and_the_page_hold_with_it(tree: Path) -> None:
    said = run(tree, *PYTEST, f"{EACH}::{ALONE}[nobody says whose camera]", f"{EACH}::{COMPLETE}", *WHOLE)
    assert " passed" in said and "failed" not in said


def test_it_is_shown_with_its_setting_and_led_to_by_its_field(tree: Path) -> None:
    told = json.loads(run(tree, "-c", ASK))
    assert told["said"] == "Say whose camera the picture comes from."
    assert told["links"] == [{"href": "/items/EX-0001/record/#id_source_detail", "words": "Whose it is"}]
    assert told["row"]["number"] == "R18" and told["row"]["kind"] == "gate"
    assert told["set"].startswith("[wanted] recent_image_days = ")


def test_the_page_tells_it_and_what_breaks_it(tree: Path) -> None:
    page = (tree / PAGE).read_text("utf-8")
    assert "**gate** An appeal says whose camera the picture comes from." in page
    assert "silenced, it fails “nobody says whose camera”" in " ".join(page.split())


def test_control_without_its_row_the_exercise_fails(tree: Path, tmp_path: Path) -> None:
    place = tmp_path / "without"
    shutil.copytree(tree, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place / EACH).write_text((place / EACH).read_text("utf-8").replace(ROW, ""), "utf-8")
    with pytest.raises(AssertionError, match="CameraNamed"):
        run(place, *PYTEST, f"{EACH}::{COMPLETE}")

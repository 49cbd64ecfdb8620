"""The template of a record asks for every answer, is itself no answer, and is submitted once it is filled in."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta

import pytest

from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS

from support.answer_files import NOW, Desk
from support.commands import answered


@pytest.mark.parametrize("kind", ["feature", "appeal", "wanted"])
def test_the_template_asks_for_every_answer_and_is_itself_no_answer(desk: Desk, kind: str) -> None:
    text = desk("record", "--template", kind).out
    groups = [FEATURE_GROUPS] if kind == "feature" else [APPEAL_GROUPS, PERSON_GROUPS]
    for name, asked in ((n, q) for each in groups for group in each.values() for n, q in group.items()):
        assert re.search(rf"^#(\[\[)?{name}(\]\]| = )", text, re.MULTILINE), name
        assert f"# {asked.label}. " in text, name
        for value in asked.choices:
            assert re.search(rf'^#   "?{value}"?: ', text, re.MULTILINE), (name, value)
    assert tomllib.loads(text) == ({} if kind == "feature" else {"person": {}})
    assert all(len(line) <= 120 for line in text.splitlines())
    if kind == "feature":
        assert "no_operation" in text, "the force's own safety questions are named"


@pytest.mark.parametrize("kind", ["feature", "appeal", "wanted"])
def test_the_template_left_as_it_is_or_with_its_own_examples_is_accepted(desk: Desk, kind: str) -> None:
    text = desk("record", "--template", kind).out
    assert desk.add(text, kind=kind).code == 0
    every = re.sub(r"^#(\[\[|[a-z])", r"\1", text, flags=re.MULTILINE)
    every = every.replace('means = ""', 'means = "A poster"')
    names = set(tomllib.loads(every)) - {"person"}
    assert names == {n for g in (FEATURE_GROUPS if kind == "feature" else APPEAL_GROUPS).values() for n in g}
    # An appeal's days have been; a feature's consent and rights have not run out.
    day = NOW + timedelta(days=60) if kind == "feature" else NOW - timedelta(days=1)
    people = [] if kind == "feature" else ["--new-subject"]
    said = desk.add(every.replace("2026-11-20", str(day.date())), *people, kind=kind)
    assert said.code == 0, said.err


def test_a_template_that_was_filled_in_is_submitted(desk: Desk) -> None:
    given = tomllib.loads(answered(NOW))
    text = desk("record", "--template", "appeal").out
    for name, written in re.findall(r"^(\w+) = (.*)$", answered(NOW), re.MULTILINE):
        text, count = re.subn(rf"^#{name} = .*$", f"{name} = {written}".replace("\\", r"\\"), text, flags=re.MULTILINE)
        assert count == 1, name
    text = text.replace("#[[means_tried]]", "[[means_tried]]")
    assert tomllib.loads(text) == given
    assert desk.made(text, "--new-subject", "--submit")["state"] == "submitted"


def test_the_template_says_its_kind_with_json_too(desk: Desk) -> None:
    said = desk("record", "--template", "wanted", "--json")
    assert said.object["template"].startswith("# The record of an appeal for a wanted person:")

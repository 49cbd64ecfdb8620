"""The list of rules is whole, and names nothing that is not there."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from pressqueue import gates, policy, rules

from support.loops import at_least_one

ROOT = Path(__file__).resolve().parents[3]
ROWS = rules.listed()
IN_CODE = [row for row in ROWS if not row.waits_for]


def name(row: rules.Listed) -> str:
    return f"{row.number} {row.meaning[:40]}"


def resolved(dotted: str) -> object:
    """A module, or what lies in one. Raises ModuleNotFoundError, AttributeError."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(dotted)


def test_every_rule_is_a_gate_a_duty_or_a_property() -> None:
    assert {number: bool(rows) for number, rows in rules.by_number()} == dict.fromkeys(rules.NUMBERS, True)
    assert {row.kind for row in ROWS} == {"gate", "duty", "property"}
    assert [row.number for row in ROWS if row.kind == "gate"] == sorted(
        (gate.number for gate in gates.ALL), key=rules.NUMBERS.index
    )


@pytest.mark.parametrize("row", IN_CODE, ids=name)
def test_what_enforces_a_rule_is_there(row: rules.Listed) -> None:
    assert row.where
    for dotted in row.where:
        resolved(dotted)


def test_what_is_left_to_later_work_names_no_code() -> None:
    left = [row for row in ROWS if row.waits_for]
    assert left
    assert [row for row in left if row.where] == []


def test_a_duty_says_what_begins_it_until_when_and_whose_it_is() -> None:
    duties = [row for row in ROWS if row.kind == "duty"]
    assert [row for row in duties if not (row.trigger and row.deadline and row.who)] == []
    assert [row for row in ROWS if row.kind != "duty" and (row.trigger or row.deadline or row.who)] == []


def test_every_rule_says_where_it_comes_from_and_what_it_means_in_a_sentence() -> None:
    for row in at_least_one(ROWS):
        assert row.source.strip()
        assert row.meaning[0].isupper() and row.meaning.endswith(".")


def test_deadlines_and_settings_are_the_force_s_own() -> None:
    force = policy.current()
    shorter = tuple((kind, span / 2) for kind, span in force.duties)
    (letter,) = (row for row in ROWS if "written to" in row.meaning)
    assert letter.deadline == "within 5 days"
    with policy.using(replace(force, duties=shorter, appeal_life=force.appeal_life * 2)):
        rows = rules.listed()
    assert next(row for row in rows if row.meaning == letter.meaning).deadline == "within 60 hours"
    lapses = next(row for row in rows if row.number == "R4" and row.kind == "gate")
    assert [(each.where, each.says) for each in lapses.settings] == [
        ("[approval] appeal_hours", "6 days"), ("[approval] feature_days", "30 days"),
    ]  # fmt: skip


def test_a_rule_that_is_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    alt = next(gate for gate in gates.ALL if gate.number == "R44")
    monkeypatch.setattr(type(alt), "may_be_off", True)
    with policy.using(replace(policy.current(), off=frozenset({"R44"}))):
        assert [row.number for row in rules.listed() if row.is_off] == ["R44"]
    assert [row for row in rules.listed() if row.is_off] == []


def test_a_setting_is_said_once_among_all_of_a_number_and_in_the_policy_s_order() -> None:
    says = {number: [each.where for each in rows[0].settings] for number, rows in rules.by_number()}
    assert {number: where for number, where in says.items() if len(where) != len(set(where))} == {}
    assert says["R2"] == ["[[authority]]", "[reach] own", "[approval] bar_hours"]
    looked_up = ("named_hours", "named_again_days", "unidentified_hours")
    assert says["R24"] == [f"[proceedings] {name}" for name in looked_up]
    assert says["R30"] == [f"[duties] {name}" for name in ("correction", "letter", "recall")]
    assert says["R47"] == ["[series] facet_spacing", "[series] backlog_days"]
    assert says["R56"] == []


def test_every_setting_that_is_named_is_in_the_policy_as_shipped() -> None:
    shipped = (ROOT / "config" / "policy.toml").read_text("utf-8")
    for each in at_least_one(setting for row in ROWS for setting in row.settings):
        section, _, setting = each.where.partition(" ")
        assert each.says and section in shipped and setting in shipped

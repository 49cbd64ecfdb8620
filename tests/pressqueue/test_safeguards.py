"""Whatever is done, in whatever order: nothing is revealed that two people did not approve as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pressqueue.gates import approval as two_people
from pressqueue.gates import checks
from pressqueue.gates import proceedings as lookups
from pressqueue.models import Item

from support import factories
from support.deciding_machine import Office, Unsafe, run


@pytest.fixture
def real(db: None) -> None:
    factories.office(exercise=False)


@pytest.mark.timeout(2400)  # patience with a busy machine, not a bound
@pytest.mark.parametrize("examples", [25, pytest.param(100, marks=pytest.mark.slow)])
def test_nothing_is_revealed_that_two_people_did_not_approve_as_it_stands(real: None, examples: int) -> None:
    Office.reveals = Office.amendments = 0
    run(examples)
    print(f"{Office.reveals} deciding commits and {Office.amendments} amendments, each as it ought to be")
    assert Office.reveals >= examples // 10 and Office.amendments >= examples // 20


def _nothing(*_: Any) -> Any:
    return ""


def _own_words(office: Office) -> None:
    office.edit(who="both", words="Thank you.")
    for _ in range(4):
        office.carry_on("both")


def _words_changed_unseen(office: Office) -> None:
    for _ in range(3):
        office.carry_on("bran")
    assert office.item.state == "approved"
    Item.objects.update(caption=f"{factories.CAPTION} Somebody else.")  # past every move
    office.item = Item.objects.get()
    office.reveal(everywhere=True)


def _reset_and_approving(office: Office) -> None:
    office.reset(who="bran")
    office.confirm(who="deputy")
    for _ in range(3):
        office.carry_on("bran")


def _not_looked_up(office: Office) -> None:
    office.wait(hours=50)
    for _ in range(3):
        office.carry_on("bran")
    office.wait(hours=30)
    office.reveal(everywhere=True)


def _looked_up_by_its_author(office: Office) -> None:
    office.wait(hours=50)
    for _ in range(3):
        office.carry_on("bran")
    office.wait(hours=30)
    office.looked_up_by("amara", "none")
    office.reveal(everywhere=True)


def _own_amendment(office: Office) -> None:
    for _ in range(4):
        office.carry_on("bran")
    office.amend(who="both", words="With thanks.")
    office.approve_amendment(who="both", verify_first=True)
    office.write()


CONTROLS = {
    "hands": (two_people, "hands", lambda case: set(), _own_words, "nobody but its authors approved it"),
    "hands of an amendment": (
        two_people,
        "hands",
        lambda case: set(),
        _own_amendment,
        "nobody but its authors approved it",
    ),
    "same digest": (two_people.SameDigest, "fault", _nothing, _words_changed_unseen, "not what it says now"),
    "bar": (two_people.FourEyes, "_person", _nothing, _reset_and_approving, "approved while barred"),
    "whose check": (checks, "hands_on", lambda person: set(), _looked_up_by_its_author, "nobody had looked up"),
    "proceedings": (lookups.CheckedLately, "fault", _nothing, _not_looked_up, "nobody had looked up"),
}


@pytest.mark.parametrize("cure", sorted(CONTROLS))
def test_control_the_machine_s_own_account_tells_what_each_rule_had_prevented(
    cure: str, real: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same steps with the rule and without it: only without it is there anything to tell."""
    where, name, instead, script, words = CONTROLS[cure]
    _played(script)
    monkeypatch.setattr(where, name, instead)
    with pytest.raises(Unsafe, match=words):
        _played(script)


def _played(script: Callable[[Office], None]) -> None:
    office = Office()
    office.found()
    try:
        script(office)
    finally:
        office.teardown()


@pytest.mark.timeout(2400)  # patience with a busy machine, not a bound
def test_control_chance_alone_finds_an_author_who_approves(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_people, "hands", lambda case: set())
    with pytest.raises(Unsafe, match=r"nobody but its authors|a second approver was needed"):
        run(100)

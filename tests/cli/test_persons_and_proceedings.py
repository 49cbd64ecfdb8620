"""A person's answers are shown and given from the shell, and what was looked up of proceedings is recorded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from support.answer_files import AS, NOW, Desk
from support.commands import answered


def test_a_person_s_answers_are_shown_and_given(desk: Desk) -> None:
    made = desk.made(answered(NOW), "--new-subject", "--submit")
    number = made["subjects"][0]
    said = desk("person", number, "--set", "appears_under_18=no", "--set", "vulnerable=yes", *AS, "--json")
    assert said.code == 0, said.err
    assert (said.object["answers"]["vulnerable"], said.object["missing_names"]) == (True, [])
    page = desk("person", made["reference"]).out
    assert re.search(r"Number\s+" + number, page)
    assert re.search(r"Vulnerable\s+vulnerable\s+Yes", page)
    assert re.search(r"Shown in\s+" + made["reference"], page)
    assert "nobody has looked them up yet" in page
    for typed, words in (("name=", ""), ("age=5", "A person has no “age”."), ("vulnerable=maybe", "true or false")):
        said = desk("person", number, "--set", typed, *AS)
        assert words in said.err
    assert desk("person", number, "--set", "category=witness").err.startswith("Who is acting?")


def test_an_approved_appeal_goes_back_when_its_person_is_described_anew(desk: Desk) -> None:
    reference, number = approved(desk)
    said = desk("person", number, "--set", "age_basis=A date of birth", *AS, "--json").object
    assert said["changed"] == [{"reference": reference, "state": "submitted"}]
    assert desk("person", number, "--json").object["changed"] == []


def test_a_check_is_recorded_with_its_time_and_source(desk: Desk) -> None:
    reference, number = approved(desk)
    hour = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M}+00:00"
    said = desk(
        "proceedings", number, "none", "--check", "Niche", "--at", hour, "--confirmed-by", "DS Holt", "--as", "bran"
    )
    assert (said.code, said.out) == (0, f"Noted for {number}. Nothing comes down.\n"), said.err
    told = desk("person", number, "--json").object
    assert (told["proceedings"], told["proceedings_at"]) == ("none", datetime.fromisoformat(hour).isoformat())
    ((check, by, whose),) = [(each["check"], each["by"], each["confirmed_by"]) for each in told["checks"]]
    assert (check, by, whose) == ("Niche", "bran", "DS Holt")
    assert "no proceedings, looked up" in desk("person", number).out
    assert desk("list", "--json").object
    assert state_of(desk, reference) == "approved"


def test_a_check_by_who_wrote_what_shows_the_person_is_a_note_and_says_whose_counts(desk: Desk) -> None:
    _, number = approved(desk)
    said = desk("proceedings", number, "none", "--check", "Niche", "--confirmed-by", "DS Holt", *AS)
    assert "It is a note and confirms nothing." in said.out and "the officer in the case, or from" in said.out
    ((note, by),) = [(each["note"], each["by"]) for each in desk("person", number, "--json").object["checks"]]
    assert (note, by) == (True, "amara")


def test_an_arrest_takes_down_what_shows_the_person_and_says_so(desk: Desk) -> None:
    reference, number = approved(desk)
    other, _ = approved(desk)
    said = desk("proceedings", number, "arrested", "--check", "PNC", "--as", "bran", "--json")
    assert said.object == {
        "number": number, "proceedings": "arrested", "items": [{"reference": reference, "coming_down": []}],
    }  # fmt: skip
    assert (state_of(desk, reference), state_of(desk, other)) == ("withdrawn", "approved")
    third, number = approved(desk)
    said = desk("proceedings", number, "charged", "--check", "PNC", *AS)
    assert said.out == f"{third} is withdrawn. Nothing of them is up.\n"


YET = f"{datetime.now(UTC).year + 1}-01-01T08:00"
CHECKS = [
    (["vanished"], "“vanished” is no state of proceedings. Known are: none, warrant_issued"),
    (["none", "--at", YET], f"--at {YET} is yet to come: it is "),
    (["none", "--at", "lately"], "--at lately is no time."),
    (["none", "--at", "2026-03-29T01:30"], "does not exist in Europe/London"),
]


@pytest.mark.parametrize(("arguments", "words"), CHECKS)
def test_a_check_that_cannot_be_is_a_sentence(desk: Desk, arguments: list[str], words: str) -> None:
    number = desk.made(None, "--new-subject")["subjects"][0]
    said = desk("proceedings", number, *arguments, "--check", "PNC", *AS)
    assert (said.code, words in said.err) == (1, True), said.err
    assert desk("person", number, "--json").object["checks"] == []


def test_a_check_needs_its_name_and_somebody_who_made_it(desk: Desk) -> None:
    number = desk.made(None, "--new-subject")["subjects"][0]
    assert desk("proceedings", number, "none", *AS).code == 2
    assert "the name of the check" in desk("proceedings", number, "none", "--check", " ", *AS).err
    assert desk("proceedings", number, "none", "--check", "PNC").err.startswith("Who is acting?")


def approved(desk: Desk) -> tuple[str, str]:
    """An approved appeal and whom it shows; approval, which no command gives, as straight into the database."""
    made = desk.made(answered(NOW), "--new-subject", "--submit")
    changed = "UPDATE pressqueue_item SET state = 'approved', approved_at = ? WHERE reference = ?"
    desk.office.sql(changed, str(datetime.now(UTC)), made["reference"])
    return made["reference"], made["subjects"][0]


def state_of(desk: Desk, reference: str) -> str:
    return str(desk("show", reference, "--json").object["state"])

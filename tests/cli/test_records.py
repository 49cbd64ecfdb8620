"""The record from the shell: answered from a file or typed, shown with what is missing, refused in one sentence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.answer_files import AS, NOW, Desk, shades
from support.commands import answered, appeal


def test_an_appeal_with_its_record_and_person_is_submitted_in_one_command(desk: Desk) -> None:
    made = desk.made(answered(NOW), "--new-subject", "--submit")
    assert made["state"] == "submitted"
    record = desk.shown(made["reference"])
    assert record["missing"] == []
    assert record["answers"]["offence"] == "a reported burglary"
    assert record["answers"]["anonymity"] is False
    assert datetime.fromisoformat(record["answers"]["incident_at"]) == NOW - timedelta(days=9)
    assert record["answers"]["means_tried"] == [
        {"on": str((NOW - timedelta(days=5)).date()), "means": "Internal circulation"}
    ]
    ((number, people),) = [(each["number"], each["answers"]) for each in record["people"]]
    assert number == made["subjects"][0]
    assert people == {
        "category": "suspect", "name": None, "appears_under_18": "no", "appears_under_10": None,
        "age_basis": "Build and dress", "vulnerable": False, "vulnerability": None,
    }  # fmt: skip


def test_one_record_answers_for_every_file_and_everybody_new(desk: Desk) -> None:
    more = desk.picture("b.jpg", colour=(next(shades), 1, 1))
    said = desk.add(answered(NOW), str(more), "--new-subject", "--submit", "--json")
    assert [each["state"] for each in said.object["items"]] == ["submitted", "submitted"], said.err
    one, two = (desk.shown(each["reference"]) for each in said.object["items"])
    assert one["answers"] == two["answers"]
    assert one["people"][0]["number"] != two["people"][0]["number"]
    assert one["people"][0]["answers"] == two["people"][0]["answers"]


def test_without_a_record_nothing_is_submitted_and_what_is_missing_is_named(desk: Desk) -> None:
    before = desk.count("item")
    said = desk.add(None, "--new-subject", "--submit")
    assert (said.code, said.out) == (1, "")
    for words in ("[R1] The record does not say: the offence", "[R7] Answer whether", "[R10]", "[R12]"):
        assert words in said.err
    assert desk.count("item") == before

    reference = desk.made(None, "--new-subject")["reference"]
    found = desk.shown(reference)
    assert {each["rule"] for each in found["missing"]} >= {"R1", "R7", "R9", "R10", "R11", "R12", "R14"}
    assert {"offence", "means_tried", "review_at"} <= set(found["missing_names"])
    page = desk("record", reference).out
    assert re.search(r"Offence\s+offence\s+not answered", page)
    assert re.search(r"Appears under 18\s+appears_under_18\s+not answered", page)
    assert re.search(r"R1\s+The record does not say: the offence", page)


def test_a_feature_says_what_its_record_lacks(desk: Desk) -> None:
    text = '\nbasis = "consent"\nchecklist = ["no_children"]\n'
    made = desk.add(text, "--json", kind="feature").object["items"][0]
    ((rule, words),) = [(each["rule"], each["words"]) for each in desk.shown(made["reference"])["missing"]]
    assert rule == "R43"
    assert "whose consent it is" in words and "No private address" in words and "No child" not in words
    assert "They consented" in desk("record", made["reference"]).out


def test_times_are_the_force_s_wall_clock_or_carry_an_offset(desk: Desk) -> None:
    text = "incident_at = 2026-07-01T21:40:00\nincident_until = 2026-07-01T23:10:00+02:00\n"
    found = desk.shown(desk.made(text)["reference"])["answers"]
    assert (found["incident_at"], found["incident_until"]) == (
        "2026-07-01T20:40:00+00:00", "2026-07-01T21:10:00+00:00",
    )  # fmt: skip


BAD = [
    ("offense = 'x'", "The record of an appeal has no “offense”. Did you mean offence?"),
    ("pelican = 'x'", "The record of an appeal has no “pelican”. It has: offence, crime_reference,"),
    ("basis = 'consent'", "The record of an appeal has no “basis”."),
    ("vulnerable = false", "“vulnerable” is an answer about the person: it belongs below [person]."),
    ("[person]\noffence = 'x'", "A person has no “offence”. It has: category, name,"),
    ("person = 'x'", "person must be a section: [person]"),
    ("offence = 7", "offence must be text in quotation marks, not 7."),
    ("anonymity = 'no'", "anonymity must be true or false, not 'no'."),
    ("clock_offset = '90'", "clock_offset must be a whole number of seconds, not '90'."),
    ("clock_offset = 1.5", "clock_offset must be a whole number of seconds, not 1.5."),
    ("clock_offset = true", "clock_offset must be a whole number of seconds, not True."),
    ("clock_offset = 99999999999999999999", "clock_offset must be a whole number of seconds"),
    ("incident_at = '2026-07-01T21:40:00'", "incident_at must be a date and a time, like 2026-11-30T08:00:00, not"),
    ("incident_at = 2026-07-01", "incident_at must be a date and a time"),
    ("image_taken_on = 2026-07-01T21:40:00", "image_taken_on must be a day, like 2026-11-30, without a time"),
    ("incident_at = 2026-03-29T01:30:00", "2026-03-29T01:30:00 does not exist in Europe/London"),
    ("incident_at = 2026-10-25T01:30:00", "2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00"),
    ("incident_at = 0001-01-01T00:00:00+14:00", "is no time that can be kept"),
    ("seriousness = 'grave'", "seriousness must be one of volume, serious, threat_to_life, not 'grave'."),
    ("exhibit = '" + "x" * 61 + "'", "exhibit has 61 characters; at most 60 are kept."),
    ("risk = '" + "x" * 10_001 + "'", "risk has 10001 characters; at most 10000 are kept."),
    ('risk = "a\\u0000b"', "risk holds a character that no text has"),
    ("means_tried = 'asked around'", "means_tried must be a list: for each [[means_tried]]"),
    ("means_tried = [{means = 'x'}]", "means_tried: on must be a day, like 2026-11-30, not None."),
    ("means_tried = [{on = 2026-07-01, means = ' '}]", "means_tried: means must say what was tried on 2026-07-01."),
    ("[[means_tried]]\non = 2026-07-01\nmeans = 'x'\nrisk = 'y'", "means_tried has no “risk”, only on and means."),
    ("investigator = 'nobody'", "investigator: there is no account nobody. Without one, give investigator_name"),
    ("investigator = 7", "investigator must be a user name in quotation marks, not 7."),
    ("offence = ", "is not valid TOML: "),
    ("offence = 'x'\noffence = 'y'", "is not valid TOML: "),
    ("a = " + "[" * 5000, "is not valid TOML: "),
    ("clock_offset = " + "9" * 5000, "is not valid TOML: "),
    (b"offence = '\xff'", "is not text in UTF-8."),
    ("#" * (1024 * 1024 + 1), "is no file of answers: it is larger than 1024 KB."),
    ("[person]\ncategory = 'suspect'", "[person] answers about somebody, and nobody is named: add --new-subject"),
]


@pytest.mark.first_row
@pytest.mark.parametrize(("text", "words"), BAD)
def test_a_bad_file_is_one_sentence_that_names_it_and_nothing_is_queued(desk: Desk, text: str, words: str) -> None:
    before = desk.count("item"), desk.count("subject"), desk.count("entry")
    said = desk.add(text)  # type: ignore[arg-type]
    assert (said.code, said.out) == (1, "")
    assert words in said.err
    assert "answers.toml" in said.err
    assert "Traceback" not in said.err and "fault of its own" not in said.err
    assert (desk.count("item"), desk.count("subject")) == before[:2]


BAD_FEATURE = [
    ("checklist = ['no_chidlren']", "checklist has no “no_chidlren”. This force's are: no_children, no_address"),
    ("checklist = 'no_children'", "checklist must be a list of the questions' names, not 'no_children'."),
    ("offence = 'x'", "The record of a feature has no “offence”."),
    ("[person]\ncategory = 'suspect'", "a feature shows nobody who is sought, so it has no [person]."),
]


@pytest.mark.parametrize(("text", "words"), BAD_FEATURE)
def test_a_feature_s_bad_file_is_one_sentence_too(desk: Desk, text: str, words: str) -> None:
    said = desk.add(text, kind="feature")
    assert (said.code, words in said.err, "answers.toml" in said.err) == (1, True, True), said.err


def test_a_file_that_is_not_there_and_a_folder_are_sentences(desk: Desk, tmp_path: Path) -> None:
    for file, words in ((tmp_path / "gone.toml", "gone.toml"), (tmp_path, "is a folder: name the file")):
        said = desk(*appeal(desk.picture()), "--record", str(file))
        assert (said.code, words in said.err, "Traceback" in said.err) == (1, True, False)


def test_a_name_is_not_given_to_several_people_at_once(desk: Desk) -> None:
    numbers = [desk.made(None, "--new-subject")["subjects"][0] for _ in range(2)]
    both = [part for number in numbers for part in ("--subject", number)]
    said = desk.add('[person]\nname = "Alex Doe"\n', *both)
    assert (said.code, "[person] gives one name, and 2 people are shown" in said.err) == (1, True)
    assert desk.add('[person]\ncategory = "witness"\n', *both).code == 0
    for number in numbers:
        assert desk("person", number, "--json").object["answers"]["category"] == "witness"


def test_a_record_is_answered_bit_by_bit_until_nothing_is_missing(desk: Desk) -> None:
    made = desk.made(None, "--new-subject")
    reference, number = made["reference"], made["subjects"][0]
    said = desk("record", reference, "--from", desk.file(answered(NOW, risk=None, review_at=None)), *AS, "--json")
    assert said.code == 0, said.err
    assert [each["rule"] for each in said.object["missing"]] == ["R1"]
    assert said.object["missing_names"] == ["risk", "review_at"]
    assert said.object["people"][0]["answers"]["category"] == "suspect"
    review = f"{NOW + timedelta(days=20):%Y-%m-%dT09:00}+00:00"
    typed = ["--set", "risk=Low.", "--set", f"review_at={review}", "--set", "do_not_approach=no"]
    typed += ["--set", "means_tried=2026-02-01: Asked the neighbours", "--set", "means_tried=2026-02-02: Poster"]
    done = desk("record", reference, *typed, *AS, "--json").object
    assert (done["missing"], done["answers"]["do_not_approach"]) == ([], False)
    assert [each["means"] for each in done["answers"]["means_tried"]] == ["Asked the neighbours", "Poster"]
    assert desk("submit", reference, *AS).code == 0
    assert desk("person", number, "--json").object["missing_names"] == []


def test_what_is_typed_goes_before_what_the_file_says(desk: Desk) -> None:
    reference = desk.made(None)["reference"]
    file = desk.file("risk = 'from the file'\nreach = 'from the file'\n")
    found = desk("record", reference, "--from", file, "--set", "risk=typed", *AS, "--json").object["answers"]
    assert (found["risk"], found["reach"]) == ("typed", "from the file")


def test_an_answer_may_be_taken_back(desk: Desk) -> None:
    reference = desk.made("risk = 'Low.'\nanonymity = true\ninvestigator = 'bran'\n")["reference"]
    assert desk.shown(reference)["answers"]["investigator"] == "bran"
    typed = ["--set", "risk=", "--set", "anonymity=", "--set", "investigator="]
    found = desk("record", reference, *typed, *AS, "--json").object["answers"]
    assert (found["risk"], found["anonymity"], found["investigator"]) == (None, None, None)


def test_whoever_changes_the_record_is_its_editor_and_the_same_answer_changes_nothing(desk: Desk) -> None:
    reference = desk.made("risk = 'Low.'\n")["reference"]
    ((item,),) = desk.office.sql("SELECT id FROM pressqueue_item WHERE reference = ?", reference)
    edits = "SELECT count(*) FROM pressqueue_edit WHERE item_id = ?"
    ((before,),) = desk.office.sql(edits, item)
    assert desk("record", reference, "--set", "risk=Low.", *AS).code == 0
    assert desk.office.sql(edits, item) == [(before,)]
    assert desk("record", reference, "--set", "risk=Higher.", *AS).code == 0
    assert desk.office.sql(edits, item) == [(before + 1,)]
    assert desk("record", reference, "--set", "risk=None.", "--as", "bran").code == 1
    assert desk("record", reference, "--set", "risk=None.").err.startswith("Who is acting?")


def test_what_waits_for_a_decision_loses_no_answer(desk: Desk) -> None:
    made = desk.made(answered(NOW), "--new-subject", "--submit")
    said = desk("record", made["reference"], "--set", "risk=", *AS)
    assert (said.code, "[R1] The record does not say: the risk assessment." in said.err) == (1, True)
    assert desk.shown(made["reference"])["answers"]["risk"] == "Low; nobody else is shown."


TYPED = [
    (["--set", "risk"], "--set risk: write name=value"),
    (["--set", "rissk=x"], "Did you mean risk?"),
    (["--set", "risk=x", "--set", "risk=y"], "--set risk is given twice"),
    (["--set", "anonymity=perhaps"], "anonymity must be true or false, not 'perhaps'."),
    (["--set", "review_at=2026-12-01"], "review_at must be a date and a time"),
    (["--set", "review_at=soon"], "review_at must be a date and a time"),
    (["--set", "image_taken_on=soon"], "image_taken_on must be a day"),
    (["--set", "clock_offset=fast"], "clock_offset must be a whole number of seconds"),
    (["--set", "means_tried=asked around"], "means_tried: on must be a day, like 2026-11-30, not 'asked around'."),
    (["--set", "appears_under_18=no"], "is an answer about the person"),
]


@pytest.mark.first_row
@pytest.mark.parametrize(("typed", "words"), TYPED)
def test_what_is_typed_wrongly_is_a_sentence(desk: Desk, typed: list[str], words: str) -> None:
    reference = desk.made(None)["reference"]
    said = desk("record", reference, *typed, *AS)
    assert (said.code, words in said.err) == (1, True), said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["record"], "Name one Item, or a kind with --template."),
        (["record", "WTN-0001", "--template", "appeal"], "Name one Item, or a kind with --template."),
        (["record", "--template", "poster"], "“poster” has no record: --template takes feature, appeal, wanted."),
        (["record", "--template", "appeal", "--set", "risk=x"], "--template prints a file and changes nothing"),
        (["record", "WTN-9999"], "There is no Item WTN-9999."),
        (["person", "WTN-9999"], "There is no person WTN-9999"),
    ],
)
def test_what_record_and_person_refuse(desk: Desk, arguments: list[str], words: str) -> None:
    said = desk(*arguments)
    assert (said.code, words in said.err) == (1, True), said.err

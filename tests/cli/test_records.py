"""The record from the shell: answered from a file or typed, shown with what is missing, refused in one sentence."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import Said, Typist, answered, appeal, feature

from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS

AS = ("--as", "amara")
NOW = datetime.now(UTC).replace(microsecond=0)
SOON = f"{NOW + timedelta(days=25):%Y-%m-%dT12:00}"
shades = itertools.count(10)


@dataclass
class Desk:
    """Files to hand in, and somebody who types."""

    office: Typist
    picture: Callable[..., Path]
    folder: Path

    def __call__(self, *arguments: str) -> Said:
        return self.office(*arguments)

    def file(self, text: str | bytes) -> str:
        path = self.folder / "answers.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def add(self, text: str | None, *more: str, kind: str = "appeal") -> Said:
        """An appeal with this file of answers, as a person adds it."""
        shown = self.picture(colour=(next(shades), 90, 60))
        command = feature(shown) if kind == "feature" else appeal(shown)
        if kind == "wanted":
            purpose = command.index("--purpose")
            command = ["add", "wanted", *command[2:purpose], *command[purpose + 2 :]]
        given = [] if text is None else ["--record", self.file(text)]
        return self(*command, "--expires", SOON, *given, *more)

    def made(self, text: str | None, *more: str) -> dict[str, Any]:
        said = self.add(text, "--json", *more)
        assert said.code == 0, said.err
        return dict(said.object["items"][0])

    def shown(self, reference: str) -> dict[str, Any]:
        return self("record", reference, "--json").object

    def count(self, table: str) -> int:
        return int(self.office.sql(f"SELECT count(*) FROM pressqueue_{table}")[0][0])


@pytest.fixture
def desk(exercise: Typist, picture: Callable[..., Path], tmp_path: Path) -> Iterator[Desk]:
    yield Desk(exercise, picture, tmp_path)


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


# ---- the template


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


# ---- a person, and proceedings


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

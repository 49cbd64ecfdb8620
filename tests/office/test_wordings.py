"""The lists of wording as files: a force's own beside the shipped ones, another language, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from pressqueue import wording
from publisher.configuration import policy_file, wording_files
from publisher.configuration.office_file import Misconfigured, Office, shipped_config

SHIPPED = shipped_config()[0] / "wording" / "en-GB"
PHRASE = """
[[phrase]]
rule = "R13"
words = ["snollygoster"]
why = "it is an insult."
better = "person"
source = "the force's own"
passes = ["person"]
fails = ["a snollygoster"]
"""


@dataclass(frozen=True)
class Folder:
    """As much of an office as is asked where its files lie."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "publisher.toml"

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def load(self) -> wording.Wording:
        return wording_files.load(cast("Office", self))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Folder]:
    yield Folder(tmp_path)


def found(made: wording.Wording, text: str) -> list[str]:
    return [each.written for each in made.check({"caption": text}, "suspect")]


def test_the_shipped_lists_do_as_their_examples_say_and_every_template_is_there(office: Folder) -> None:
    made = office.load()
    assert set(made.templates) == {"suspect", "witness", "property", "wanted", "withdrawal", "correction"}
    assert {each.rule for each in made.phrases} | {each.rule for each in made.lines} == {"R13", "R14", "R15"}
    assert all(each.source and each.why for each in made.phrases)


def test_a_file_of_the_forces_own_is_read_beside_the_shipped_ones(office: Folder) -> None:
    office.put("wording/en-GB/own.toml", PHRASE)
    assert found(office.load(), "a snollygoster and a thief") == ["snollygoster", "thief"]


def test_a_file_of_the_same_name_takes_the_shipped_ones_place(office: Folder) -> None:
    office.put("wording/en-GB/guilt.toml", PHRASE)
    assert found(office.load(), "a snollygoster and a thief") == ["snollygoster"]


def test_another_language_is_a_folder_and_a_word_in_the_policy(office: Folder) -> None:
    office.put("wording/cy/geiriau.toml", PHRASE.replace("snollygoster", "lleidr"))
    assert found(office.load(), "lleidr, thief") == ["thief"]
    office.put("policy.toml", '[wording]\nlanguages = ["en-GB", "cy"]\n')
    assert found(office.load(), "lleidr, thief") == ["lleidr", "thief"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("policy.toml", '[wording]\nlanguages = ["xx"]\n', r"no folder wording/xx with lists in it"),
        ("policy.toml", '[wording]\nlanguages = ["../../etc"]\n', r"lists at least one folder"),
        ("policy.toml", "[wording]\nlanguages = []\n", r"lists at least one folder"),
        ("wording/en-GB/own.toml", "[[phrase", r"own\.toml is not valid TOML"),
        ("wording/en-GB/own.toml", PHRASE.replace('"a snollygoster"', '"a person"'), r"“snollygoster” says that this"),
        ("wording/en-GB/own.toml", "[phrase]\nrule = 'R13'\n", r"must write \[\[phrase\]\] with two brackets"),
        ("wording/en-GB/templates.toml", '[[template]]\nname = "suspect"\nkind = "suspect"\ntitle = "{who}"\n'
         'caption = "x"\n', r"holds \{who\}, which nothing fills"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_sentence(office: Folder, name: str, text: str, says: str) -> None:
    office.put(name, text)
    with pytest.raises(Misconfigured, match=says):
        office.load()


def test_a_file_that_is_no_text_is_a_sentence(office: Folder) -> None:
    office.put("wording/en-GB/own.toml", "")
    (office.folder / "wording/en-GB/own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="cannot be read"):
        office.load()


def test_no_wording_read_is_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_in_force", [])
    with pytest.raises(wording.WordingMissing):
        wording.current()


def test_the_policy_says_english_where_nothing_else_is_said(office: Folder) -> None:
    assert policy_file.languages(cast("Office", office)) == ("en-GB",)


def test_the_page_s_own_example_is_a_list_that_can_be_used(office: Folder) -> None:
    page = (shipped_config()[0].parent / "docs" / "wording.md").read_text(encoding="utf-8")
    (example,) = [block for block in page.split("```toml\n")[1:] if "[[phrase]]" in block]
    office.put("wording/en-GB/own.toml", example.partition("```")[0])
    assert found(office.load(), "This tearaway, outside Tearaway Books") == ["tearaway"]

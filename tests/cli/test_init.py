"""Making an office: all of it or nothing, once."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from publisher.configuration.starter import Blank, configuration

from support.commands import Said, Typist, publisher

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_office_belongs_to_its_owner_alone(real: Typist) -> None:
    assert mode(real.folder) == 0o700
    assert {mode(real.folder / name) for name in ("media", "media/originals", "media/renditions", "mail")} == {0o700}
    files = ("publisher.toml", "secrets.toml", "publisher.sqlite3")
    assert {mode(real.folder / name) for name in files} == {0o600}


def test_an_office_brings_its_brand(real: Typist) -> None:
    assert (real.folder / "brand" / "crest.png").is_file()


def test_a_real_office_begins_with_two_administrators(real: Typist) -> None:
    users = real("user", "list", "--json").object["users"]
    assert [(each["user"], each["roles"]) for each in users] == [
        ("chief", ["administrator"]),
        ("deputy", ["administrator"]),
    ]


def test_an_office_is_never_made_twice(real: Typist) -> None:
    before = {path: path.read_bytes() for path in real.folder.glob("*.toml")}
    said = publisher("init", str(real.folder), "--admin", "eve", "--admin", "mal")
    assert said.code == 1
    assert said.err == f"There is an office at {real.folder} already. Nothing was changed.\n"
    assert {path: path.read_bytes() for path in real.folder.glob("*.toml")} == before


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"sea")
    said = publisher("init", str(tmp_path), "--exercise", "--admin", "chief")
    assert said.code == 1
    assert "not an empty folder" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


REFUSED = [
    (["--admin", "twin", "--admin", "twin"], "two different administrators"),
    (["--admin", "Chief Constable", "--admin", "deputy"], "is no user name"),
    ([], "Name two administrators with --admin NAME"),
    (["--admin", "a1", "--admin", "b2", "--sandbox", "http://127.0.0.1:1"], "does not speak to a sandbox"),
    (["--exercise", "--admin", "chief", "--sandbox", "https://api.flickr.com"], "this machine only"),
    (["--exercise", "--admin", "chief", "--sandbox-secret", "/no/such/file"], "No such file"),
]


@pytest.mark.first_row
@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_is_refused_leaves_nothing_behind(tmp_path: Path, arguments: list[str], words: str) -> None:
    said: Said = publisher("init", str(tmp_path / "office"), *arguments)
    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_codes_are_shown_once_and_kept_as_digests(tmp_path: Path) -> None:
    said = publisher("init", str(tmp_path / "office"), "--exercise", "--admin", "chief", "--json")
    code = said.object["codes"]["chief"]
    assert code.encode() not in (tmp_path / "office" / "publisher.sqlite3").read_bytes()
    assert said.err == ""


def test_the_example_is_what_a_new_office_begins_with() -> None:
    example = (ROOT / "config" / "publisher.example.toml").read_text(encoding="utf-8")
    assert example == configuration(Blank())


@pytest.mark.parametrize("name", ['Police "A"', "Back\\slash", "Heddlu\tGogledd", "Poileas na h-Alba"])
def test_any_name_survives_the_configuration(name: str) -> None:
    table = tomllib.loads(configuration(Blank(name=name, exercise=True)))
    assert table["office"]["name"] == name
    assert table["office"]["exercise"] is True

"""An office opens only if configuration, program and database agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.configuration.office_file import Misconfigured
from publisher.configuration.secret_store import SecretMissing
from publisher.setup import bootstrap

from support.commands import Typist, copied, publisher

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def office(exercise_folder: Path, tmp_path: Path) -> Path:
    return copied(exercise_folder, tmp_path)


@pytest.fixture
def real_office(real_folder: Path, tmp_path: Path) -> Path:
    return copied(real_folder, tmp_path)


def altered(folder: Path, *changes: tuple[str, str]) -> None:
    file = folder / "publisher.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def refused(folder: Path, *words: str) -> None:
    """By the command, which has opened the database to know."""
    said = publisher("--office", str(folder), "list")
    assert said.code == 1
    assert all(each in said.err for each in words), said.err
    assert "Traceback" not in said.err


def unreadable(folder: Path, *words: str) -> None:
    """From its files alone, before Django or the database are asked."""
    with pytest.raises((Misconfigured, SecretMissing)) as refusal:
        bootstrap.open_office(folder)
    assert all(each in str(refusal.value) for each in words), refusal.value


def test_an_exercise_office_never_becomes_a_real_one(office: Path) -> None:
    text = (office / "publisher.toml").read_text(encoding="utf-8")
    begin = text.index("[destinations.flickr]")
    altered(office, ("exercise = true ", "exercise = false"), (text[begin:], ""))
    refused(office, "its database was made for an exercise office, which it stays for ever")


def test_a_real_office_never_becomes_an_exercise(real_office: Path) -> None:
    altered(real_office, ("exercise = false", "exercise = true"))
    text = (real_office / "publisher.toml").read_text(encoding="utf-8")
    (real_office / "publisher.toml").write_text(text[: text.index("[destinations.flickr]")], encoding="utf-8")
    refused(real_office, "its database was made for a real office, which it stays for ever")


def test_an_exercise_office_refuses_a_real_host(office: Path) -> None:
    text = (office / "publisher.toml").read_text(encoding="utf-8")
    address = next(line for line in text.splitlines() if line.startswith("upload_url"))
    altered(office, (address, 'upload_url = "https://up.flickr.com/services/upload/"'))
    unreadable(office, "[destinations.flickr] upload_url", "this machine only")


def test_an_exercise_office_without_an_address_does_not_fall_back_to_the_real_one(office: Path) -> None:
    text = (office / "publisher.toml").read_text(encoding="utf-8")
    address = next(line for line in text.splitlines() if line.startswith("root_url"))
    altered(office, (address, ""))
    unreadable(office, "[destinations.youtube] needs root_url in an exercise office")


def test_a_real_office_refuses_the_sandbox(real_office: Path) -> None:
    altered(real_office, ("[destinations.flickr]", '[destinations.flickr]\napi_url = "https://127.0.0.1:8765/"'))
    unreadable(real_office, "is for exercise offices")


def test_unapplied_migrations_are_named_with_their_cure(office: Path) -> None:
    newest = max(path.stem for path in (ROOT / "queue/pressqueue/migrations").glob("0*.py"))
    with sqlite3.connect(office / "publisher.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'pressqueue' AND name = ?", [newest])
    database.close()
    refused(office, "run `publisher migrate`", f"pressqueue.{newest}")


def test_a_log_without_its_guards_is_refused_until_they_stand_again(office: Path) -> None:
    with sqlite3.connect(office / "publisher.sqlite3") as database:
        database.execute("DROP TRIGGER entry_update")
    database.close()
    refused(office, "The audit log is unguarded (entry_update).")
    assert publisher("--office", str(office), "migrate").code == 0
    assert publisher("--office", str(office), "audit", "verify").code == 0


BAD = [
    ('zone = "Europe/London"', 'zone = "Europe/Camelot"', "is not a time zone"),
    ("[office]", "[offices]", "unknown section [offices]"),
    ("[office]", "[office]\ncolour = 1", "has no setting “colour”"),
    ("[office]", "[office", "is not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "words"), BAD)
def test_a_bad_value_names_the_file_the_setting_and_the_way_out(office: Path, old: str, new: str, words: str) -> None:
    altered(office, (old, new))
    unreadable(office, str(office / "publisher.toml"), words)


def test_secrets_others_can_read_are_refused(office: Path) -> None:
    (office / "secrets.toml").chmod(0o644)
    unreadable(office, "can be read by others. Run: chmod 600")


def test_a_missing_key_is_named_with_the_places_for_it(office: Path) -> None:
    (office / "secrets.toml").unlink()
    unreadable(office, "The secret office_key is missing", "PUBLISHER_OFFICE_KEY_FILE")


def test_another_configuration_can_be_named(office: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    (office / "publisher.toml").rename(other)
    assert publisher("--office", str(office), "list").code == 1
    assert publisher("--office", str(office), "--config", str(other), "list").code == 0
    assert publisher("--office", str(office), "list", PUBLISHER_CONFIG=str(other)).code == 0


@pytest.fixture(scope="module")
def tampered(exercise_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    with Typist(copied(exercise_folder, tmp_path_factory.mktemp("tampered"))) as typist:
        yield typist


def test_a_log_line_changed_behind_our_back_is_found(tampered: Typist) -> None:
    assert tampered("audit", "verify", "--json").object["holds"] is True
    ((guard,),) = tampered.sql("SELECT sql FROM sqlite_master WHERE name = 'entry_update'")
    tampered.sql("DROP TRIGGER entry_update")
    tampered.sql("UPDATE pressqueue_entry SET actor = 'officer:99' WHERE number = 3")
    tampered.sql(guard)
    said = tampered("audit", "verify", "--json")
    assert (said.code, said.out) == (1, "")
    assert "Entry 3 was changed after it was written." in said.err

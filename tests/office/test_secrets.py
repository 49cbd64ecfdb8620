"""Keys from the environment, from a file the environment names, or from a file that belongs to the office alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from publisher.configuration import secret_store
from publisher.configuration.secret_store import SecretMissing

NAMES = ["office_key", "seal_key", "web_key"]


def refusal(folder: Path) -> str:
    with pytest.raises(SecretMissing) as refused:
        secret_store.load(folder)
    return str(refused.value)


def write(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def keys(digit: str = "a") -> str:
    return "".join(f'{name} = "{digit * 64}"\n' for name in NAMES)


def test_fresh_keys_belong_to_the_office_alone_and_are_all_different(folder: Path) -> None:
    secret_store.create(folder)
    made = secret_store.load(folder)
    assert stat.S_IMODE((folder / "secrets.toml").stat().st_mode) == 0o600
    assert made.integrity_key is not None
    keys_made = {made.office_key, made.seal_key, bytes.fromhex(made.web_key), made.integrity_key}
    assert len(keys_made) == 4
    assert {len(each) for each in keys_made} == {32}


def test_keys_are_never_overwritten(folder: Path) -> None:
    secret_store.create(folder)
    before = (folder / "secrets.toml").read_bytes()
    with pytest.raises(FileExistsError):
        secret_store.create(folder)
    assert (folder / "secrets.toml").read_bytes() == before


@pytest.mark.parametrize("value", ["plain", 'quo"te', "back\\slash", "tab\tand\nline", "ünïcode", "[x] = 'y'"])
def test_a_client_key_comes_back_as_it_was_given(folder: Path, value: str) -> None:
    secret_store.create(folder, {"flickr": {"key": value, "secret": "s"}})
    made = secret_store.load(folder)
    assert made.client("flickr") == {"key": value, "secret": "s"}
    assert made.client("youtube") == {}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_file_others_can_open_is_refused_with_its_cure(folder: Path, mode: int) -> None:
    file = write(folder / "secrets.toml", keys(), mode)
    assert refusal(folder) == f"{file} can be read by others. Run: chmod 600 {file}"
    file.chmod(0o600)
    assert secret_store.load(folder).office_key == b"\xaa" * 32


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", "a" * 63, "a" * 66, "a" * 32, "g" * 64, "passphrase"])
def test_a_bad_key_is_named_with_the_three_places_for_it_and_never_shown(folder: Path, name: str, value: str) -> None:
    write(folder / "secrets.toml", keys().replace(f'{name} = "{"a" * 64}"', f'{name} = "{value}"'))
    said = refusal(folder)
    variable = f"PUBLISHER_{name.upper()}"
    assert said.startswith(f"The secret {name} is missing or is not 64 hexadecimal digits.")
    assert all(place in said for place in (variable, f"{variable}_FILE", str(folder / "secrets.toml")))
    assert not value or value not in said.replace(variable, "").replace(name, "")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_named(folder: Path, name: str) -> None:
    write(folder / "secrets.toml", "\n".join(line for line in keys().splitlines() if not line.startswith(name)))
    assert refusal(folder).startswith(f"The secret {name} is missing")


def test_the_environment_comes_before_a_file_it_names_before_the_offices_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "secrets.toml", keys("a"))
    assert secret_store.load(folder).office_key == b"\xaa" * 32
    monkeypatch.setenv("PUBLISHER_OFFICE_KEY_FILE", str(write(tmp_path / "key", "b" * 64 + "\n")))
    assert secret_store.load(folder).office_key == b"\xbb" * 32
    monkeypatch.setenv("PUBLISHER_OFFICE_KEY", "c" * 64)
    assert secret_store.load(folder).office_key == b"\xcc" * 32
    assert secret_store.load(folder).seal_key == b"\xaa" * 32, "each key is looked for by itself"


def test_an_office_needs_no_file_where_the_environment_holds_every_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.setenv(f"PUBLISHER_{name.upper()}", "d" * 64)
    made = secret_store.load(folder)
    assert (made.office_key, made.web_key, made.clients) == (b"\xdd" * 32, "d" * 64, {})


def test_a_secrets_file_can_lie_elsewhere(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "secrets.toml", keys("a"))
    elsewhere = write(tmp_path / "mounted.toml", keys("e"))
    monkeypatch.setenv("PUBLISHER_SECRETS_FILE", str(elsewhere))
    assert secret_store.load(folder).office_key == b"\xee" * 32
    elsewhere.chmod(0o644)
    assert refusal(folder) == f"{elsewhere} can be read by others. Run: chmod 600 {elsewhere}"


def test_a_file_that_was_named_and_is_not_there_is_not_replaced_by_another(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "secrets.toml", keys())
    monkeypatch.setenv("PUBLISHER_SECRETS_FILE", str(tmp_path / "missing.toml"))
    assert refusal(folder) == f"The secrets cannot be read from {tmp_path / 'missing.toml'}: No such file or directory."
    monkeypatch.delenv("PUBLISHER_SECRETS_FILE")
    monkeypatch.setenv("PUBLISHER_SEAL_KEY_FILE", str(tmp_path / "missing"))
    said = refusal(folder)
    assert said.startswith(f"PUBLISHER_SEAL_KEY_FILE names {tmp_path / 'missing'}, which cannot be read:")


# What a careless hand leaves in the file; none of it may be quoted back, since part of it is a secret.
DAMAGED = [
    (f'office_key = "{"f" * 64}"\nseal_key = "hush" "hush"\n'.encode(), "is not valid TOML (at line 2, column"),
    (b'office_key = "hush\n', "is not valid TOML (at line 1, column"),
    (b'office_key = "hush\xff"\n', "is not a text file in UTF-8"),
    (b"office_key = " + b"9" * 5000, "is not valid TOML."),
    (b"clients = 'hush'\n", "[clients.NAME] must hold texts"),
    (b"[clients]\nflickr = 'hush'\n", "[clients.NAME] must hold texts"),
]


@pytest.mark.parametrize(("content", "words"), DAMAGED)
def test_a_damaged_file_is_named_by_its_place_and_never_quoted(folder: Path, content: bytes, words: str) -> None:
    file = folder / "secrets.toml"
    file.write_bytes(content)
    file.chmod(0o600)
    said = refusal(folder)
    assert str(file) in said
    assert words in said
    assert "hush" not in said


def test_a_key_file_that_is_no_text_is_a_bad_key(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "secrets.toml", keys())
    (tmp_path / "key").write_bytes(b"\xff" * 64)
    monkeypatch.setenv("PUBLISHER_OFFICE_KEY_FILE", str(tmp_path / "key"))
    assert "The secret office_key is missing or is not" in refusal(folder)


def test_an_office_opens_without_its_integrity_key_because_taking_down_must_not_need_it(folder: Path) -> None:
    write(folder / "secrets.toml", keys())
    assert secret_store.load(folder).integrity_key is None


@pytest.mark.parametrize("place", ["file", "variable", "file named by a variable"])
def test_the_integrity_key_may_lie_where_the_others_may(
    folder: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = keys() + (f'integrity_key = "{"b" * 64}"\n' if place == "file" else "")
    write(folder / "secrets.toml", table)
    if place == "variable":
        monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY", "b" * 64)
    if place == "file named by a variable":
        monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY_FILE", str(write(folder / "key", "b" * 64 + "\n")))
    assert secret_store.load(folder).integrity_key == b"\xbb" * 32


@pytest.mark.parametrize("value", ["", "b" * 63, "not hexadecimal"])
def test_an_integrity_key_that_is_none_is_named(folder: Path, value: str) -> None:
    write(folder / "secrets.toml", keys() + f'integrity_key = "{value}"\n')
    assert "integrity_key is missing or is not 64 hexadecimal digits" in refusal(folder)


def test_an_older_office_is_given_its_integrity_key_beside_the_others(folder: Path) -> None:
    write(folder / "secrets.toml", keys() + '\n[clients.flickr]\nkey = "k"\nsecret = "s"\n')
    made = secret_store.add_integrity_key(folder)
    after = secret_store.load(folder)
    assert after.integrity_key == made
    assert (after.office_key, after.client("flickr")) == (b"\xaa" * 32, {"key": "k", "secret": "s"})
    assert stat.S_IMODE((folder / "secrets.toml").stat().st_mode) == 0o600


def test_where_secrets_are_kept_elsewhere_the_missing_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = write(folder / "kept.toml", keys())
    monkeypatch.setenv("PUBLISHER_SECRETS_FILE", str(elsewhere))
    with pytest.raises(SecretMissing, match="PUBLISHER_INTEGRITY_KEY"):
        secret_store.add_integrity_key(folder)
    assert elsewhere.read_text() == keys()

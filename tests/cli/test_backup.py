"""`backup` and `restore` as somebody types them: refused in a sentence, or whole; never half."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from publisher.backup import manifest
from publisher.backup.sealed import CHUNK, MAGIC, SALT_BYTES, TAG_BYTES, Opener
from publisher.configuration.secret_store import NAMES

from support.commands import CLEAN, Said, Typist, appeal, copied, publisher

KEY = "5a" * 32
HEADER, SEALED = len(MAGIC) + SALT_BYTES, CHUNK + TAG_BYTES
Picture = Callable[..., Path]


def typed(office: Path, *arguments: str, **env: str) -> Said:
    return publisher("--office", str(office), *arguments, **{"PUBLISHER_BACKUP_KEY": KEY, **env})


def restore(file: Path, folder: Path, office: Path, *more: str, **env: str) -> Said:
    keys = ("--secrets", str(office / "secrets.toml"))
    return publisher("restore", str(file), str(folder), *keys, *more, **{"PUBLISHER_BACKUP_KEY": KEY, **env})


@pytest.fixture(scope="module")
def office(exercise_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that has worked a round, with a picture in it."""
    place = tmp_path_factory.mktemp("backed-up")
    folder = copied(exercise_folder, place)
    from PIL import Image

    Image.effect_noise((1600, 1200), 100).convert("RGB").save(place / "noise.jpg", "JPEG", quality=98)
    with Typist(folder) as typist:
        assert typist(*appeal(place / "noise.jpg")).code == 0
        assert typist("tick", "--only", "clock").code == 0
    return folder


@pytest.fixture(scope="module")
def backup(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, of several chunks."""
    file = tmp_path_factory.mktemp("backup") / "office.backup"
    said = typed(office, "backup", str(file), "--json")
    assert said.code == 0, said.err
    assert said.object["missing"] == []
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size == said.object["bytes"] > HEADER + 2 * SEALED
    return file


@pytest.fixture
def register(office: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A copy of its register: the office itself goes on with its own."""
    copy = shutil.copytree(office.parent / "office-register", tmp_path_factory.mktemp("register") / "copy")
    return "--register", str(copy / "withdrawals.jsonl")


def test_a_backup_is_proved_without_being_restored(backup: Path, tmp_path: Path) -> None:
    said = publisher("restore", "--check", str(backup), "--json", cwd=tmp_path, PUBLISHER_BACKUP_KEY=KEY)
    assert said.code == 0, said.err
    assert said.object["entries"] == said.object["head"] > 5
    assert said.object["media"] == "inside"
    assert list(tmp_path.iterdir()) == []


def test_a_restored_office_is_the_office_it_was(
    office: Path, backup: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    said = restore(backup, tmp_path / "again", office, *register)
    assert said.code == 0, said.err
    again = tmp_path / "again"
    for kind in ("originals", "renditions"):
        assert bytes_below(again / "media" / kind) == bytes_below(office / "media" / kind)
    assert bytes_below(again / "brand") == bytes_below(office / "brand")
    assert again.stat().st_mode & 0o777 == 0o700
    assert not [path for path in again.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert [path.name for path in tmp_path.iterdir()] == ["again"]
    shown = [each["reference"] for each in typed(again, "list", "--json").object["items"]]
    assert shown == [each["reference"] for each in typed(office, "list", "--json").object["items"]]
    assert typed(again, "audit", "verify").code == 0


def bytes_below(folder: Path) -> dict[str, bytes]:
    """What is stored there; a dotted file is a lock or a copy that is being looked at, and no part of it."""
    stored = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): path.read_bytes() for path in stored}


def flipped(place: int) -> Callable[[bytes], bytes]:
    def flip(file: bytes) -> bytes:
        spoilt = bytearray(file)
        spoilt[place] ^= 1
        return bytes(spoilt)

    return flip


def swapped(file: bytes) -> bytes:
    first, second = (file[HEADER + at * SEALED : HEADER + (at + 1) * SEALED] for at in (0, 1))
    return file[:HEADER] + second + first + file[HEADER + 2 * SEALED :]


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a byte of the magic": (flipped(3), "This is no backup of Publisher"),
    "a byte of the salt": (flipped(HEADER - 1), "the key is another one, or the file was changed"),
    "a byte of the first chunk": (flipped(HEADER + 5), "the key is another one, or the file was changed"),
    "a byte of the second chunk": (flipped(HEADER + SEALED + 5), "part 2 does not hold"),
    "the last byte": (flipped(-1), "does not hold"),
    "cut short in a chunk": (lambda file: file[:-100], "does not hold"),
    "cut short between two": (lambda file: file[: HEADER + 2 * SEALED], "part 2 does not hold"),
    "two chunks swapped": (swapped, "the key is another one, or the file was changed"),
    "nothing": (lambda file: b"", "This is no backup of Publisher"),
}


@pytest.mark.first_row
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_backup_is_refused_in_words_and_writes_nothing(
    how: str, office: Path, backup: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    spoil, words = SPOILT[how]
    file = tmp_path / "spoilt"
    file.write_bytes(spoil(backup.read_bytes()))
    said = restore(file, tmp_path / "again", office, *register)
    assert (said.code, said.out) == (1, "")
    assert words in said.err
    assert "Traceback" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["spoilt"]


def test_another_key_and_none_are_refused(
    office: Path, backup: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    said = restore(backup, tmp_path / "again", office, *register, PUBLISHER_BACKUP_KEY="6b" * 32)
    assert (said.code, "the key is another one" in said.err) == (1, True)
    said = publisher("restore", "--check", str(backup))
    assert said.code == 1
    assert "Put it in PUBLISHER_BACKUP_KEY or in a file named by PUBLISHER_BACKUP_KEY_FILE." in said.err
    named = tmp_path / "key"
    named.write_text(KEY + "\n")
    assert publisher("restore", "--check", str(backup), PUBLISHER_BACKUP_KEY_FILE=str(named)).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_keys_are_not_in_it_and_must_be_the_right_ones(
    office: Path, backup: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    said = publisher(
        "restore", str(backup), str(tmp_path / "again"), *register, PUBLISHER_BACKUP_KEY=KEY
    )  # fmt: skip
    assert (said.code, "Keys are not in a backup: name the kept secrets.toml" in said.err) == (1, True)
    secrets = tmp_path / "secrets.toml"
    line = next(line for line in (office / "secrets.toml").read_text().splitlines() if line.startswith("office_key"))
    secrets.write_text((office / "secrets.toml").read_text().replace(line, f'office_key = "{"0" * 64}"'))
    said = publisher(
        "restore", str(backup), str(tmp_path / "again"), *register, "--secrets", str(secrets),
        PUBLISHER_BACKUP_KEY=KEY,
    )  # fmt: skip
    assert (said.code, "would be sent twice" in said.err) == (1, True)
    assert not (tmp_path / "again").exists()


def test_no_key_of_the_office_is_anywhere_in_it(office: Path, backup: Path, tmp_path: Path) -> None:
    keys = tomllib.loads((office / "secrets.toml").read_text("utf-8"))
    named = {name: keys[name] for name in NAMES} | {
        f"{client} {name}": value for client, each in keys["clients"].items() for name, value in each.items()
    }
    assert len(named) >= len(NAMES) + 4
    with backup.open("rb") as body:
        opener = Opener(body, bytes.fromhex(KEY))
        listed = manifest.read(opener)
        manifest.read_bodies(opener, listed, lambda entry: tmp_path / f"{listed.files.index(entry)}")
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + repr(listed).encode()
    assert b"Northshire Police" in held and b"SQLite format 3" in held  # the control: it was opened and read
    forms = {name: (key.encode(), _bytes_of(key)) for name, key in named.items()}
    assert [name for name, (text, binary) in forms.items() if text in held or binary in held] == []


def _bytes_of(key: str) -> bytes:
    return bytes.fromhex(key) if re.fullmatch(r"(?:[0-9a-f]{2})+", key) else key.encode()


@pytest.mark.slow
def test_without_its_integrity_key_an_office_is_restored_and_says_what_it_lacks(
    office: Path, backup: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    kept = [line for line in (office / "secrets.toml").read_text().splitlines() if not line.startswith("integrity_key")]
    keyless = tmp_path / "keyless"
    keyless.mkdir()
    (keyless / "secrets.toml").write_text("\n".join(kept) + "\n")
    said = restore(backup, tmp_path / "restored", keyless, *register)
    assert said.code == 0, said.err
    assert "The integrity key is in no backup and was not given" in said.out + said.err
    found = publisher("--office", str(tmp_path / "restored"), "check", "--offline")
    assert "The integrity key is missing" in " ".join(found.out.split())


@pytest.mark.slow
def test_media_by_reference_must_be_there(office: Path, tmp_path: Path, register: tuple[str, str]) -> None:
    file, kept = tmp_path / "small.backup", tmp_path / "kept"
    said = typed(office, "backup", str(file), "--media", "reference")
    assert said.code == 0, said.err
    said = restore(file, tmp_path / "again", office, *register)
    assert (said.code, "--media DIR" in said.err) == (1, True)
    shutil.copytree(office / "media", kept)
    said = restore(file, tmp_path / "again", office, *register, "--media", str(kept))
    assert said.code == 0, said.err
    assert bytes_below(tmp_path / "again" / "media") == bytes_below(kept)
    victim = kept / "originals" / next(iter(bytes_below(kept / "originals")))
    victim.unlink()
    said = restore(file, tmp_path / "third", office, *register, "--media", str(kept))
    assert (said.code, "does not hold originals/" in said.err) == (1, True)
    assert not (tmp_path / "third").exists()


def test_media_that_is_gone_is_named_and_stops_no_backup(office: Path, tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(office, tmp_path / "office"))
    victim = damaged / "media" / "originals" / next(iter(bytes_below(damaged / "media" / "originals")))
    victim.unlink()
    said = typed(damaged, "backup", str(tmp_path / "b"))
    assert said.code == 1
    assert f"1 stored files were gone or damaged and are not in it: originals/{victim.name[:14]}" in said.err
    assert publisher("restore", "--check", str(tmp_path / "b"), PUBLISHER_BACKUP_KEY=KEY).code == 0


def test_a_file_that_is_there_is_not_written_over(office: Path, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"yesterday's")
    said = typed(office, "backup", str(tmp_path / "b"))
    assert (said.code, (tmp_path / "b").read_bytes()) == (1, b"yesterday's")
    assert "There is a file" in said.err


def test_an_office_that_is_there_is_not_restored_over(office: Path, backup: Path, register: tuple[str, str]) -> None:
    before = (office / "publisher.sqlite3").read_bytes()
    said = restore(backup, office, office, *register)
    assert said.err == f"There is an office at {office} already. Nothing was changed.\n"
    assert (office / "publisher.sqlite3").read_bytes() == before


@pytest.mark.first_row
@pytest.mark.parametrize("kibibytes", [64, 1500])
def test_a_full_disk_leaves_no_half_backup(kibibytes: int, office: Path, tmp_path: Path) -> None:
    """`ulimit -f`: no file may grow larger. First the snapshot does not fit, then the backup."""
    command = f'ulimit -f {kibibytes}; exec "$0" -m publisher --office "$1" backup "$2"'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, str(office), str(tmp_path / "b")],
        env=CLEAN | {"PUBLISHER_BACKUP_KEY": KEY}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "could not be made" in done.stderr
    assert "Nothing was kept of it." in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert not list(office.glob(".backup-*"))


@pytest.mark.slow
def test_a_backup_waits_for_no_writer_and_holds_what_was_committed(
    office: Path, tmp_path: Path, register: tuple[str, str]
) -> None:
    with closing(sqlite3.connect(office / "publisher.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE pressqueue_campaign SET title = 'half done'")
        said = typed(office, "backup", str(tmp_path / "b"))
        writer.execute("ROLLBACK")
    assert said.code == 0, said.err
    assert restore(tmp_path / "b", tmp_path / "again", office, *register).code == 0
    titles = [each["title"] for each in typed(tmp_path / "again", "campaign", "list", "--json").object["campaigns"]]
    assert "half done" not in titles


@pytest.mark.slow
def test_without_its_register_two_people_must_say_so(office: Path, backup: Path, tmp_path: Path) -> None:
    gone = ("--register", str(tmp_path / "nowhere" / "withdrawals.jsonl"))
    again = tmp_path / "again"
    said = restore(backup, again, office, *gone)
    assert said.code == 1
    assert "There is no withdrawal register" in said.err
    assert "two people may say so" in said.err
    for first, second, words in (
        ("chief", "", "Two different people"),
        ("chief", "chief", "Two different people"),
        ("chief", "nobody", "There is no account nobody"),
    ):
        said = restore(
            backup, again, office, *gone, "--without-register", "--as-first", first, "--as-second", second
        )  # fmt: skip
        assert (said.code, words in said.err) == (1, True), said.err
        assert not again.exists()
    said = restore(backup, again, office, *gone, "--without-register", "--as-first", "chief", "--as-second", "amara")
    assert said.code == 0, said.err
    with closing(sqlite3.connect(again / "publisher.sqlite3")) as database:
        ((about,),) = database.execute("SELECT about FROM pressqueue_entry WHERE act = 'restored'").fetchall()
    assert '"without_register":1' in about
    assert '"first":1' in about


def test_in_a_real_office_the_two_show_their_tokens(real_folder: Path, tmp_path: Path) -> None:
    folder = copied(real_folder, tmp_path)
    with Typist(folder) as typist:
        first, second = typist.token("chief"), typist.token("deputy")
    file = tmp_path / "b"
    assert typed(folder, "backup", str(file)).code == 0
    shutil.rmtree(tmp_path / "office-register")
    two = ("--without-register", "--as-first", "chief", "--as-second", "deputy")
    tokens = {"PUBLISHER_TOKEN_FIRST": first, "PUBLISHER_TOKEN_SECOND": first}
    said = restore(file, tmp_path / "again", folder, *two, **tokens)
    assert (said.code, said.err) == (1, "The token in PUBLISHER_TOKEN_SECOND is not deputy's.\n")
    assert not (tmp_path / "again").exists()
    tokens["PUBLISHER_TOKEN_SECOND"] = second
    said = restore(file, tmp_path / "again", folder, *two, **tokens)
    assert said.code == 0, said.err
    # What was valid before the restore is not after it.
    said = typed(tmp_path / "again", "user", "disable", "deputy", PUBLISHER_TOKEN=first)
    assert (said.code, "was revoked" in said.err) == (1, True)


@pytest.mark.slow
def test_a_drill_with_a_copy_of_the_register_leaves_the_office_alone(
    office: Path, backup: Path, tmp_path: Path
) -> None:
    live = Path(shutil.copytree(office.parent, tmp_path / "live")) / "office"
    before = bytes_below(live.parent / "office-register")
    copy = Path(shutil.copytree(live.parent / "office-register", tmp_path / "drill-register"))
    said = restore(backup, tmp_path / "drill", office, "--register", str(copy / "withdrawals.jsonl"))
    assert said.code == 0, said.err
    assert typed(tmp_path / "drill", "tick", "--only", "clock").code == 0
    assert bytes_below(live.parent / "office-register") == before
    check = typed(live, "check", "--offline", "--json").object["findings"]
    assert {each["what"]: each["right"] for each in check}["high water"] is True


def test_a_configured_register_gives_way_to_the_one_that_is_named(office: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(office, tmp_path / "office"))
    text = (folder / "publisher.toml").read_text()
    (folder / "publisher.toml").write_text(
        f'{text}\n[register]\npath = "{tmp_path}/one/w.jsonl"\n\n[pace]\ntick = 4.0\n'
    )
    assert typed(folder, "backup", str(tmp_path / "b")).code == 0
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    said = restore(tmp_path / "b", tmp_path / "again", folder, "--register", str(tmp_path / "two" / "w.jsonl"))
    assert said.code == 0, said.err
    restored = (tmp_path / "again" / "publisher.toml").read_text()
    assert f'path = "{tmp_path}/two/w.jsonl"' in restored
    assert "tick = 4.0" in restored


def test_restore_is_told_where_or_only_to_check(backup: Path, tmp_path: Path) -> None:
    for arguments in ((str(backup),), (str(backup), str(tmp_path / "again"), "--check")):
        said = publisher("restore", *arguments, PUBLISHER_BACKUP_KEY=KEY)
        assert (said.code, said.err) == (
            1, "Name the folder to restore into, or say --check and name none.\n",
        )  # fmt: skip

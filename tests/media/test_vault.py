"""The vault: whole or not at all, once, read-only, and never trusted without hashing again."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.media.errors import BadMedia, Damaged
from publisher.media.vault import Vault

BODY = b"exhibit" * 300_000  # more than one chunk


@pytest.fixture
def source(tmp_path: Path) -> Path:
    place = tmp_path / "CAM-12.jpg"
    place.write_bytes(BODY)
    return place


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def files(vault: Vault) -> list[Path]:
    return [place for place in vault.root.rglob("*") if place.is_file()]


def test_a_file_is_stored_under_its_hash_and_the_source_stays(vault: Vault, source: Path) -> None:
    stored = vault.take_in(source)
    assert stored.sha256 == hashlib.sha256(BODY).hexdigest()
    assert stored.size == len(BODY)
    assert stored.path == vault.path(stored.sha256)
    assert stored.path.read_bytes() == BODY == source.read_bytes()


def test_what_is_stored_is_for_its_owner_only_and_read_only(vault: Vault, source: Path) -> None:
    stored = vault.take_in(source)
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o400
    for folder in (vault.root, stored.path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_taking_in_the_same_bytes_twice_stores_them_once(vault: Vault, source: Path) -> None:
    first = vault.take_in(source)
    before = first.path.stat()
    assert vault.take_in(source) == first
    assert files(vault) == [first.path]
    assert first.path.stat().st_ino == before.st_ino


def test_a_changed_byte_is_found_before_the_file_is_used(vault: Vault, source: Path) -> None:
    stored = vault.take_in(source)
    stored.path.chmod(0o600)
    with stored.path.open("r+b") as body:
        body.seek(1000)
        body.write(b"X")
    with pytest.raises(Damaged, match="no longer what was taken in"):
        vault.open_verified(stored.sha256)


def test_a_missing_file_is_damage_too(vault: Vault, source: Path) -> None:
    stored = vault.take_in(source)
    stored.path.unlink()
    with pytest.raises(Damaged, match="Restore it from the backup"):
        vault.verify(stored.sha256)


def test_taking_in_the_right_bytes_again_mends_a_damaged_file(vault: Vault, source: Path) -> None:
    stored = vault.take_in(source)
    stored.path.chmod(0o600)
    stored.path.write_bytes(b"rot")
    assert vault.take_in(source) == stored
    assert vault.open_verified(stored.sha256).read_bytes() == BODY


@pytest.mark.parametrize("name", ["", "abc", "../../etc/passwd", "A" * 64, "g" * 64])
def test_only_a_hash_names_a_file(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        vault.path(name)


def test_a_source_that_is_gone_is_said_in_words(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match=r"gone\.jpg cannot be read"):
        vault.take_in(tmp_path / "gone.jpg")


def test_a_file_in_the_folder_s_place_is_said_in_words(source: Path, tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("in the way")
    with pytest.raises(BadMedia, match="Nothing was stored"):
        Vault(tmp_path / "vault").take_in(source)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "photo.jpg").write_bytes(BODY)
        (folder / "photo.jpg").chmod(0o644)
        (folder / "vault").mkdir()
        yield folder


def take_in_elsewhere(folder: Path, before: str) -> str:
    """Take `photo.jpg` in, in a process that first does `before`; answers the words of the refusal."""
    script = (
        "import os, resource, signal\nfrom pathlib import Path\n"
        "from publisher.media.vault import Vault\nfrom publisher.media.errors import BadMedia\n"
        f"{before}\n"
        f"try:\n    Vault(Path({str(folder / 'vault')!r})).take_in(Path({str(folder / 'photo.jpg')!r}))\n"
        "except BadMedia as error:\n    print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_full_disk_leaves_nothing_half_stored(open_folder: Path) -> None:
    # A limit on file size makes write() fail midway exactly as a full disk does.
    limit = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (500_000,) * 2)"
    words = take_in_elsewhere(open_folder, limit)
    assert "no room left" in words and str(open_folder / "vault") in words and "Free some space" in words
    assert files(Vault(open_folder / "vault")) == []


def test_a_read_only_folder_is_named_with_the_way_out(open_folder: Path) -> None:
    (open_folder / "vault").chmod(0o555)
    # The superuser may write anywhere, so become somebody else.
    words = take_in_elsewhere(open_folder, "os.setuid(65534)" if os.geteuid() == 0 else "")
    assert "cannot be written to" in words and str(open_folder / "vault") in words and "permission" in words
    assert files(Vault(open_folder / "vault")) == []


def test_a_file_is_taken_out_once_and_again_without_harm(tmp_path: Path) -> None:
    source, vault = tmp_path / "source", Vault(tmp_path / "vault")
    source.write_bytes(b"to be purged")
    stored = vault.take_in(source)
    for _ in range(2):
        vault.remove(stored.sha256)
        assert not stored.path.exists()
    assert vault.take_in(source) == stored

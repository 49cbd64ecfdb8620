"""Stored bytes are checked as they are handed on, whatever a writer of the file sets back afterwards."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from publisher.media.errors import Damaged
from publisher.media.pieces import BLOCK
from publisher.media.vault import Stored, Vault

CONTENT = os.urandom(1024) * (3 * BLOCK // 1024) + b"the end"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def stored(vault: Vault, tmp_path: Path) -> Stored:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    return vault.take_in(source)


def change(stored: Stored, at: int, byte: bytes = b"\x00") -> None:
    """In place, the same size, and with its times put back: as an attacker did."""
    before = stored.path.stat()
    stored.path.chmod(0o600)
    with stored.path.open("r+b") as file:
        file.seek(at)
        here = file.read(1)
        file.seek(at)
        file.write(byte if here != byte else b"\x01")
    os.utime(stored.path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_it_reads_as_a_plain_file(vault: Vault, stored: Stored) -> None:
    with vault.open(stored.sha256) as file:
        assert file.read(BLOCK + 10) == CONTENT[: BLOCK + 10]  # not short at a block's end
        assert file.read() == CONTENT[BLOCK + 10 :]
        assert file.read(1) == b""
        file.seek(-7, io.SEEK_END)
        assert file.read() == b"the end"
        assert b"".join(file.parts(BLOCK - 3, BLOCK + 3)) == CONTENT[BLOCK - 3 : BLOCK + 4]


@pytest.mark.parametrize("at", [0, BLOCK, 2 * BLOCK + 17, 3 * BLOCK + 3])
def test_no_changed_block_leaves_and_those_before_it_do(vault: Vault, stored: Stored, at: int) -> None:
    with vault.open(stored.sha256) as file:  # verified once, as a whole
        assert file.size == len(CONTENT)
    change(stored, at)
    left = b""
    with pytest.raises(Damaged), vault.open(stored.sha256) as file:
        for block in file.parts(0, len(CONTENT) - 1):
            left += block
    assert left == CONTENT[: at // BLOCK * BLOCK]


def test_a_change_while_it_is_open_is_seen(vault: Vault, stored: Stored) -> None:
    with vault.open(stored.sha256) as file:
        parts = file.parts(0, len(CONTENT) - 1)
        next(parts)
        change(stored, 2 * BLOCK)
        assert next(parts) == CONTENT[BLOCK : 2 * BLOCK]
        with pytest.raises(Damaged):
            next(parts)


@pytest.mark.parametrize("length", [0, BLOCK, len(CONTENT) - 1])
def test_what_was_cut_is_seen(vault: Vault, stored: Stored, length: int) -> None:
    vault.open(stored.sha256).close()
    stored.path.chmod(0o600)
    os.truncate(stored.path, length)
    with pytest.raises(Damaged), vault.open(stored.sha256) as file:
        file.read()


def test_what_is_not_there_is_said(vault: Vault) -> None:
    with pytest.raises(Damaged, match="is missing"):
        vault.open("0" * 64)

"""Every door through which stored bytes leave: what was changed in place, its times put back, leaves by none."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from publisher.backup import making, manifest
from publisher.backup.sealed import Sealer
from publisher.destinations.errors import UploadInterrupted
from publisher.disclosure import press_packs
from publisher.evidence import packing
from publisher.media import previews
from publisher.media.errors import Damaged
from publisher.media.pieces import BLOCK
from publisher.media.vault import Vault
from publisher.workers.lease_check import LeaseCheckedFile

CONTENT = os.urandom(1024) * (2 * BLOCK // 1024)
Door = Callable[[Vault, str], object]


def to_a_platform(vault: Vault, sha256: str) -> object:
    with LeaseCheckedFile(vault.open(sha256), lambda: None) as body:
        return body.read()


def into_a_press_pack(vault: Vault, sha256: str) -> object:
    return press_packs._write(io.BytesIO(), "X", [press_packs.Entry("a.jpg", sha256, len(CONTENT))], vault)


def into_an_evidence_pack(vault: Vault, sha256: str) -> object:
    with ExitStack() as stack:
        return [file.read() for _, file, _ in packing._opened({"a": packing.Kept(vault, sha256)}, stack)]


def into_a_backup(vault: Vault, sha256: str) -> object:
    listed = manifest.Listed("media/renditions/a", len(CONTENT), sha256, inside=True)
    with vault.path(sha256).open("rb") as body:  # hashed as it is written
        try:
            return manifest.write_body(Sealer(io.BytesIO(), bytes(32)), listed, body)
        except making.BackupRefused as error:
            raise Damaged(str(error)) from error


def as_a_small_picture(vault: Vault, sha256: str) -> object:
    with vault.open(sha256) as file:
        return previews.preview(file, sha256, 480)


DOORS: list[Door] = [to_a_platform, into_a_press_pack, into_an_evidence_pack, into_a_backup, as_a_small_picture]


@pytest.mark.parametrize("door", DOORS)
def test_it_leaves_by_none_of_them(door: Door, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(CONTENT)
    vault = Vault(tmp_path / "vault")
    stored = vault.take_in(tmp_path / "source")
    vault.open(stored.sha256).close()  # it was right when it was looked at first
    before = stored.path.stat()
    stored.path.chmod(0o600)
    with stored.path.open("r+b") as file:
        file.write(b"!!")
    os.utime(stored.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(Damaged):
        door(vault, stored.sha256)


def test_a_lease_that_ended_is_still_what_a_body_says_first(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(CONTENT)
    vault = Vault(tmp_path / "vault")
    stored = vault.take_in(tmp_path / "source")

    def beat() -> None:
        raise UploadInterrupted("over")

    with LeaseCheckedFile(vault.open(stored.sha256), beat) as body, pytest.raises(UploadInterrupted):
        body.read(10)

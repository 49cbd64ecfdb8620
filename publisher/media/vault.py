"""The store of Originals and Renditions: every file under its own SHA-256, written once, read-only.

A file is either wholly in the vault or not at all: it is copied to a temporary name beside its place,
flushed to the disk, checked and only then renamed. What is read back is hashed again before use, since a
derivation from changed bytes would be evidence of nothing.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from publisher.media import pieces
from publisher.media.errors import NO_ROOM, BadMedia, Damaged, NoRoom

CHUNK = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_INCOMING, _UNRECORDED = ".incoming-", ".unrecorded-"
_NO_LEAVE = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the vault: its SHA-256 (64 lower-case hex digits), size in bytes and place."""

    sha256: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Vault:
    """A content-addressed store below `root`: `root/ab/ab12...`, folders 0700, files 0400."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Returns where the file with this SHA-256 is, or would be. Raises ValueError for anything but a SHA-256."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.root / sha256[:2] / sha256

    def take_in(self, source: Path) -> Stored:
        """Copy `source` into the vault, durably; `source` itself stays as it is. Repeatable.

        Raises BadMedia where the source cannot be read or the vault cannot be written to, NoRoom where the disk is
        full; it leaves no partial file behind.
        """
        with self.held(source) as held:
            return self.settle(held)

    @contextlib.contextmanager
    def held(self, source: Path) -> Iterator[Stored]:
        """Yields a copy of `source` beside the vault's files, which is removed at the end unless it was settled.

        Raises as `take_in` does.
        """
        with self._open_source(source) as body, self._in_words(self.root):
            self._folder(self.root)
            temporary, sha256, size = self._copy(body)
        try:
            yield Stored(sha256, size, temporary)
        finally:
            temporary.unlink(missing_ok=True)

    def settle(self, held: Stored) -> Stored:
        """Move a held copy to its place in the vault, durably. Raises BadMedia, or NoRoom where the disk is full."""
        with self._in_words(self.root):
            return self._settle(held.path, held.sha256, held.size)

    def mark_unrecorded(self, sha256: str) -> Path:
        """Leave a mark that no record of this file exists yet; the caller settles the file, then removes the mark.

        A process killed between the two leaves the mark, so that the file is found again.
        """
        with self._in_words(self.root):
            descriptor, name = tempfile.mkstemp(prefix=f"{_UNRECORDED}{sha256}-", dir=self.root)
            os.close(descriptor)
            _flush_folder(self.root)
        return Path(name)

    def left_over(self, before: float) -> Iterator[tuple[Path, str]]:
        """Yields the place and SHA-256 of each file that a killed process left behind.

        Only of files last written before that time (seconds since 1970). The SHA-256 is of a file that may be in the
        vault without a record, or "" for a mere copy. The caller removes the place afterwards.
        """
        for place in self.root.glob(".*") if self.root.is_dir() else ():
            if not place.name.startswith((_INCOMING, _UNRECORDED)):
                continue
            with contextlib.suppress(FileNotFoundError):  # its process has just removed it
                if place.stat().st_mtime < before:
                    yield place, place.name.removeprefix(_UNRECORDED)[:64] if _UNRECORDED in place.name else ""

    def remove(self, sha256: str) -> None:
        """Remove a file from the vault, durably. Does nothing where there is none. Raises OSError."""
        place = self.path(sha256)
        if place.exists():
            place.unlink(missing_ok=True)
            _flush_folder(place.parent)

    def verify(self, sha256: str) -> None:
        """Hash the stored file again. Raises Damaged where it is missing or differs."""
        self.open_verified(sha256)

    def open_verified(self, sha256: str) -> Path:
        """Hash the stored file again and return its place. Raises Damaged where it is missing or differs."""
        path = self.path(sha256)
        try:
            found = digest(path)
        except FileNotFoundError:
            raise Damaged(
                f"The stored file {sha256[:12]} is missing from {self.root}. Restore it from the backup."
            ) from None
        except OSError as error:
            raise Damaged(f"The stored file {path} cannot be read ({error.strerror}).") from error
        if found != sha256:
            raise Damaged(
                f"The stored file {sha256[:12]} in {self.root} is no longer what was taken in. "
                "It must not be used; restore it from the backup."
            )
        return path

    def open(self, sha256: str, on_damage: pieces.OnDamage | None = None) -> pieces.Checked:
        """Open the stored file, of which only bytes with the right hash can be read. Raises Damaged, then and later."""
        return pieces.Checked(self.path(sha256), sha256, on_damage)

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        place = self.path(sha256)
        if not (place.exists() and digest(place) == sha256):
            self._folder(place.parent)
            temporary.replace(place)
            _flush_folder(place.parent)
        return Stored(sha256, size, place)

    def _copy(self, body: BinaryIO) -> tuple[Path, str, int]:
        descriptor, name = tempfile.mkstemp(prefix=_INCOMING, dir=self.root)
        temporary, hashing, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(descriptor, "wb") as target:
                while chunk := body.read(CHUNK):
                    hashing.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fchmod(target.fileno(), 0o400)
                os.fsync(target.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary, hashing.hexdigest(), size

    def _folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _flush_folder(folder.parent)

    @staticmethod
    def _open_source(source: Path) -> BinaryIO:
        try:
            return source.open("rb")
        except OSError as error:
            raise BadMedia(f"{source.name} cannot be read ({error.strerror}).") from error

    @staticmethod
    @contextlib.contextmanager
    def _in_words(root: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            kind = NoRoom if error.errno in NO_ROOM else BadMedia
            raise kind(_words(root, error)) from error


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, as 64 lower-case hex digits. Raises OSError where it cannot be read."""
    with path.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _flush_folder(folder: Path) -> None:
    """A rename is durable only once the folder that names it has been flushed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(root: Path, error: OSError) -> str:
    if error.errno in NO_ROOM:
        return f"There is no room left in {root}. Free some space there; nothing was stored, so add the file again."
    if error.errno in _NO_LEAVE:
        return (
            f"The folder {root} cannot be written to. Give Publisher's account write permission there; "
            "nothing was stored, so add the file again."
        )
    return f"The folder {root} cannot be used ({error.strerror}). Nothing was stored; mend it and add the file again."

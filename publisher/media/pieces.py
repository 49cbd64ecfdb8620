"""Stored bytes, checked as they are handed on: none leaves that is not the byte that was hashed.

A file's SHA-256 is compared once; from then on each block is, with what it was in that very reading. Which blocks a
SHA-256 has depends on nothing a writer of the file can set (no time, no size, no inode), so they may be remembered.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from publisher.media.errors import Damaged

BLOCK = 256 * 1024  # bytes
OnDamage = Callable[[Damaged], None]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The size of what has this SHA-256, and the SHA-256 of each of its blocks."""

    size: int
    digests: tuple[bytes, ...]


class _Wrong(Exception):
    """The file's bytes have another SHA-256."""


@lru_cache(maxsize=256)
def _blocks(sha256: str, path: Path) -> Blocks:
    """Read the whole file once. Raises _Wrong, which is not remembered, and OSError."""
    whole, digests, size = hashlib.sha256(), [], 0
    with path.open("rb") as body:
        while block := body.read(BLOCK):
            whole.update(block)
            digests.append(hashlib.sha256(block).digest())
            size += len(block)
    if whole.hexdigest() != sha256:
        raise _Wrong
    return Blocks(size, tuple(digests))


class Checked(io.RawIOBase):
    """A stored file, open for reading; whatever is read of it was checked first. Raises Damaged, then and later; `told`
    hears of it first. The constructor reads a file of a SHA-256 that is new here once as a whole.
    """

    def __init__(self, path: Path, sha256: str, on_damage: OnDamage | None = None) -> None:
        self._on_damage = on_damage
        self._sha256, self._at, self._held = sha256, 0, (-1, b"")
        try:
            self._blocks = _blocks(sha256, path)
            self._file = path.open("rb", buffering=0)
        except FileNotFoundError:
            words = f"The stored file {sha256[:12]} is missing from {path.parent.parent}. Restore it from the backup."
            raise self._damaged(words) from None
        except OSError as error:
            raise self._damaged(f"The stored file {path} cannot be read ({error.strerror}).") from error
        except _Wrong:
            raise self._damaged() from None

    @property
    def size(self) -> int:
        """The size in bytes of the file with this SHA-256."""
        return self._blocks.size

    def parts(self, first: int, last: int) -> Iterator[bytes]:
        """Yields the bytes from `first` to `last`, inclusive, block by block. Raises Damaged."""
        for number in range(first // BLOCK, last // BLOCK + 1):
            begins = number * BLOCK
            yield self._block(number)[max(0, first - begins) : last + 1 - begins]

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` from the position, block by checked block; returns the number of bytes. Raises Damaged."""
        wanted = memoryview(buffer)  # type: ignore[arg-type]  # typeshed has no public Buffer before 3.12
        filled = 0
        while filled < len(wanted) and self._at < self.size:  # as a plain file: short only at the end
            number, within = divmod(self._at, BLOCK)
            given = self._block(number)[within : within + len(wanted) - filled]
            wanted[filled : filled + len(given)] = given
            filled, self._at = filled + len(given), self._at + len(given)
        return filled

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; one before the beginning becomes 0. Returns the new position in bytes."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence])
        return self._at

    def tell(self) -> int:
        """Returns the position in bytes from the beginning."""
        return self._at

    def readable(self) -> bool:
        """Returns True: a stored file is always open for reading."""
        return True

    def seekable(self) -> bool:
        """Returns True: every block can be checked by itself."""
        return True

    def close(self) -> None:
        """Close the file on disk."""
        self._file.close()
        super().close()

    def _block(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(number * BLOCK)
            found = b""
            while len(found) < BLOCK and (more := self._file.read(BLOCK - len(found))):
                found += more
            if hashlib.sha256(found).digest() != self._blocks.digests[number]:
                raise self._damaged()
            self._held = (number, found)
        return self._held[1]

    def _damaged(self, message: str = "") -> Damaged:
        damage = Damaged(
            message
            or f"The stored file {self._sha256[:12]} is no longer what was taken in. "
            "It must not be used; restore it from the backup."
        )
        if self._on_damage is not None:
            self._on_damage(damage)
        return damage

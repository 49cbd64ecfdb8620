"""A file sealed in chunks: STREAM over AES-256-GCM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), keyed as Tink does.

    header  = magic, salt (32 random bytes)
    key, prefix = HKDF-SHA256(backup key, salt, info = magic): 32 and 7 bytes, of this file alone
    chunk i = AES-GCM(key, nonce = prefix | i (4 bytes) | last (1 byte), associated = header)

Each chunk is authenticated with its number and with whether it is the last: what is cut short, put in another order,
lengthened or changed in any byte is refused, and nothing larger than a chunk is ever in memory.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from publisher import PublisherError

MAGIC = b"PUBLISHER-BACKUP\x00\x01"
SALT_BYTES = 32
PREFIX_BYTES = 7
TAG_BYTES = 16
CHUNK = 1024 * 1024  # bytes of content in each chunk but the last
MOST_CHUNKS = 2**32  # 4 PiB: the counter never comes round


class BackupRefused(PublisherError):
    """No backup, or no restore; the text is a sentence."""


class Sealer:
    """Writes a sealed file. `close` writes the last chunk; without it the file cannot be opened."""

    def __init__(self, file: BinaryIO, key: bytes, chunk: int = CHUNK) -> None:
        self._file, self._chunk, self._number = file, chunk, 0
        self._header = MAGIC + os.urandom(SALT_BYTES)
        self._box, self._prefix = _keyed(key, self._header)
        self._pending = bytearray()
        file.write(self._header)

    def write(self, content: bytes) -> None:
        """Add some bytes, as many as there are."""
        self._pending += content
        while len(self._pending) > self._chunk:  # the last chunk is never written before it is known to be the last
            self._put(bytes(self._pending[: self._chunk]), last=False)
            del self._pending[: self._chunk]

    def close(self) -> None:
        """Write the last chunk; it may be empty."""
        self._put(bytes(self._pending), last=True)
        self._pending.clear()

    def _put(self, content: bytes, *, last: bool) -> None:
        self._file.write(self._box.encrypt(_nonce(self._prefix, self._number, last), content, self._header))
        self._number += 1


class Opener:
    """Reads a sealed file from its beginning. Every byte it answers has been authenticated."""

    def __init__(self, file: BinaryIO, key: bytes, chunk: int = CHUNK) -> None:
        self._file, self._size, self._number, self._ended = file, chunk + TAG_BYTES, 0, False
        self._header = file.read(len(MAGIC) + SALT_BYTES)
        if not self._header.startswith(MAGIC) or len(self._header) != len(MAGIC) + SALT_BYTES:
            raise BackupRefused("This is no backup of Publisher, or its beginning was changed. Nothing was restored.")
        self._box, self._prefix = _keyed(key, self._header)
        self._next = file.read(self._size)
        self._open = bytearray()

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises BackupRefused where there are fewer, or where any was changed."""
        while len(self._open) < count:
            if self._ended:
                raise BackupRefused("The backup ends too early: it was not made whole. Nothing was restored.")
            self._open += self._take()
        content = bytes(self._open[:count])
        del self._open[:count]
        return content

    def finish(self) -> None:
        """Demand that everything has been read and that nothing follows. Raises BackupRefused."""
        while not self._ended:
            self._open += self._take()
        if self._open:
            raise BackupRefused("The backup holds more than its list says. Nothing was restored.")

    def _take(self) -> bytes:
        sealed, self._next = self._next, self._file.read(self._size)
        self._ended = not self._next
        try:
            content = self._box.decrypt(_nonce(self._prefix, self._number, self._ended), sealed, self._header)
        except (InvalidTag, ValueError):
            raise BackupRefused(self._why()) from None
        self._number += 1
        return content

    def _why(self) -> str:
        if self._number == 0:
            return "The backup cannot be opened: the key is another one, or the file was changed. Nothing was restored."
        return (
            f"The backup was changed or cut short (part {self._number + 1} does not hold). Nothing was restored; take "
            "another copy of it."
        )


def _keyed(key: bytes, header: bytes) -> tuple[AESGCM, bytes]:
    """A key and a nonce's prefix of this file alone, so that no nonce is ever used twice under one key."""
    made = HKDF(algorithm=SHA256(), length=32 + PREFIX_BYTES, salt=header[len(MAGIC) :], info=MAGIC).derive(key)
    return AESGCM(made[:32]), made[32:]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    if number >= MOST_CHUNKS:
        raise BackupRefused("This is too much for one backup.")
    return prefix + number.to_bytes(4, "big") + bytes([last])

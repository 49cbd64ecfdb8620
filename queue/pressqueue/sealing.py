"""The integrity key: what binds rows, log head, register and high-water file to this office.

It lies outside the database and outside every backup, so that whoever can write the database cannot make what is
believed. Each purpose has a key of its own (HKDF, RFC 5869), so that a value made for one counts for no other.
Without the key nothing is published; taking down never asks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pressqueue.hashing import canonical

KEY_BYTES = 32
PURPOSES = ("row", "head", "register", "high-water")


class KeyMissing(Exception):
    """The integrity key is not there: nothing may be published, or believed to be sealed."""


@dataclass(slots=True)
class Port:
    """Who holds the key: set when the service starts. None where the office has none, or it is lost."""

    key: bytes | None = None
    derived: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    newer: Callable[[], bytes | None] | None = None  # the key that follows ours, where the office has one by now
    before: bytes | None = None  # the key that was taken over from, until the files beside the database are seen to


port = Port()
_here = threading.local()  # the key of `under`: other threads go on with the one in force


def has_key() -> bool:
    """Whether this process can make and check seals."""
    return port.key is not None


def mac(purpose: str, parts: Sequence[object]) -> str:
    """Returns HMAC-SHA256 over the parts as canonical JSON, with the key of this purpose: 64 hex digits.

    Raises KeyMissing without a key, ValueError for an unknown purpose.
    """
    return hmac.new(_key_of(purpose), canonical(list(parts)).encode(), hashlib.sha256).hexdigest()


def same(purpose: str, parts: Sequence[object], found: str) -> bool:
    """Whether `found` is the MAC of these parts, compared in constant time. Raises KeyMissing."""
    return hmac.compare_digest(mac(purpose, parts).encode(), found.encode(errors="replace"))  # of any text at all


@contextmanager
def under(key: bytes | None) -> Iterator[None]:
    """Within the block, this thread makes and checks everything with this key; None: with the one in force."""
    before = getattr(_here, "key", None)
    _here.key = key
    try:
        yield
    finally:
        _here.key = before


def newer() -> bytes | None:
    """Returns the key that follows the one in force, or None."""
    found = port.newer() if port.newer is not None else None
    return None if found == port.key else found


def identity(key: bytes) -> str:
    """Returns a name for a key, 16 hex digits, which reveals nothing of it."""
    return hmac.new(_derive(key, "head"), b"name", hashlib.sha256).hexdigest()[:16]


def _key_of(purpose: str) -> bytes:
    if purpose not in PURPOSES:
        raise ValueError(f"“{purpose}” is no purpose of the integrity key: {', '.join(PURPOSES)}.")
    key: bytes | None = getattr(_here, "key", None) or port.key
    if key is None:
        raise KeyMissing("The integrity key is missing.")
    found = port.derived.get((key, purpose))
    if found is None:
        found = port.derived[key, purpose] = _derive(key, purpose)
    return found


def _derive(key: bytes, purpose: str) -> bytes:
    """HKDF with SHA-256 (RFC 5869), without a salt: extract, then one block of expand."""
    extracted = hmac.new(bytes(KEY_BYTES), key, hashlib.sha256).digest()
    return hmac.new(extracted, f"publisher {purpose}".encode() + b"\x01", hashlib.sha256).digest()

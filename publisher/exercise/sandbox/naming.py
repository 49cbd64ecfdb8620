"""Ids as the platforms make them: digits at Flickr, base64 letters at YouTube."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_letters + string.digits + "-_"


def numeric_id(prefix: str, length: int) -> str:
    """Digits, `length` in all, starting with `prefix`."""
    return prefix + "".join(secrets.choice(string.digits) for _ in range(length - len(prefix)))


def letters(length: int, prefix: str = "") -> str:
    """Letters of YouTube's alphabet, `length` of them after the prefix."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))

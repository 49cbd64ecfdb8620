"""Which passwords are tried first, whatever their length: a list of bad ones for passwords of twelve and more.

No list of leaked passwords is long enough for that, so it is derived: what a guesser makes a long password of
(known words, names, rows of keys, counting, years, repeats) counts for little, everything else by the character.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

ENOUGH = 8  # characters that nobody can foretell, at least
TOO_EASY = (
    "This password is easy to guess: it is made of what is tried first (common words, names, rows of keys, counting, "
    "years, repeats). Put together several words that have nothing to do with each other."
)
_KEYS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm")
_ROWS = tuple(row * 2 for row in (*_KEYS, "abcdefghijklmnopqrstuvwxyz", "0123456789"))
_WALKS = _ROWS + tuple(row[::-1] for row in _ROWS)
_LOOKS = str.maketrans("013457@$!", "oleastasi")  # p@ssw0rd
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORTEST_WORD, _SHORTEST_PIECE = 4, 3


class Foreseeable:
    """Django's interface of a password validator."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError where too little of it cannot be foretold."""
        if unforeseen(password, _names(user)) < ENOUGH:
            raise ValidationError(TOO_EASY, code="password_foreseeable")

    def get_help_text(self) -> str:
        return "Choose words that have nothing to do with each other, with the office or with you."


def unforeseen(password: str, names: frozenset[str] = frozenset()) -> int:
    """How much of it a guesser cannot foretell: a character counts one, a whole piece of a known kind one or two."""
    text, at, found = password.casefold(), 0, 0
    while at < len(text):
        length, worth = max(_pieces(text, at, names), default=(1, 1), key=lambda piece: piece[0])
        at, found = at + length, found + worth
    return found


def _pieces(text: str, at: int, names: frozenset[str]) -> list[tuple[int, int]]:
    """(characters, what they count) of each foreseeable piece that begins here."""
    found = [(length, 1) for length in (_walk(text, at), _same(text, at), _again(text, at)) if length]
    if _YEAR.match(text, at):
        found.append((4, 1))
    plain = text.translate(_LOOKS)
    for end in range(len(text), at + _SHORTEST_PIECE - 1, -1):
        tried = {text[at:end], plain[at:end]}
        if tried & names:
            found.append((end - at, 1))
        if end - at >= _SHORTEST_WORD and not tried.isdisjoint(_words()):
            found.append((end - at, 2))
    return found


def _walk(text: str, at: int) -> int:
    """Along a row of keys or the alphabet, either way: its length, or 0."""
    best = 0
    for end in range(at + _SHORTEST_PIECE, len(text) + 1):
        if not any(text[at:end] in walk for walk in _WALKS):
            break
        best = end - at
    return best


def _same(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] == text[at]:
        end += 1
    return end - at if end - at >= _SHORTEST_PIECE else 0


def _again(text: str, at: int) -> int:
    """What came before, once more: its length, or 0."""
    best = 0
    for end in range(at + 2, len(text) + 1):
        if text.find(text[at:end], 0, at) < 0:
            break
        best = end - at
    return best


def _names(user: Any) -> frozenset[str]:
    """The office's and the person's: they stand on every page and in every mail."""
    office = settings.OFFICE
    said = [office.identity.name, office.brand.handle, "publisher", "police"] if office else ["publisher", "police"]
    said += [str(getattr(user, each, "") or "") for each in ("username", "name", "email")]
    parts = {part for each in said for part in re.split(r"[^a-z0-9]+", each.casefold())}
    return frozenset(part for part in parts if len(part) >= _SHORTEST_PIECE)


@cache
def _words() -> frozenset[str]:
    """Django's list of what people choose, which are words and names as well."""
    return frozenset(password for password in CommonPasswordValidator().passwords if not password.isdigit())

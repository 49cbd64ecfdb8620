"""A text as its words, in the one form that phrases are compared in, each with its place in the text as written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters that look like Latin ones and pass unseen in a caption: the common rows of Unicode's confusables table
# (Unicode Technical Standard 39), in lower case. What NFKD already takes apart (full-width letters, ligatures,
# accents) is not in it.
_LOOKALIKES = str.maketrans(
    "аеорсухіїјѕһкԁԛԝмтвнοανρτυκιβεηχɑɡıⅼӏ" + "ł" + "ø" + "đ",
    "aeopcyxiijshkdqwmtbhoavptukibenxagill" + "l" + "o" + "d",
)
_APOSTROPHES = frozenset("'’‘ʼ`´＇ʹ′")


@dataclass(frozen=True, slots=True)
class Token:
    """One word in its compared form; `start` and `end` are places in the text it was read from."""

    form: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """The character without case, accent or disguise; "" for what nobody sees; " " for what parts two words."""
    if unicodedata.category(character) == "Cf":  # soft hyphen, zero-width space and joiners, direction marks
        return ""
    if character in _APOSTROPHES:
        return " "
    parts = unicodedata.normalize("NFKD", character.casefold())
    kept = "".join(part for part in parts if not unicodedata.combining(part) and unicodedata.category(part) != "Cf")
    kept = kept.casefold().translate(_LOOKALIKES)
    if not kept:
        return ""
    return "".join(part if part.isalnum() else " " for part in kept)


def tokens(text: str) -> list[Token]:
    """Returns every run of letters and digits, in one pass.

    Hyphens, apostrophes and other punctuation separate words.
    """
    found: list[Token] = []
    form: list[str] = []
    start = end = 0
    for place, character in enumerate(text):
        for part in _folded(character):
            if part == " ":
                if form:
                    found.append(Token("".join(form), start, end))
                    form = []
                continue
            if not form:
                start = place
            form.append(part)
            end = place + 1
    if form:
        found.append(Token("".join(form), start, end))
    return found


def forms(text: str) -> tuple[str, ...]:
    """Returns the words alone: a listed phrase is kept in this form."""
    return tuple(token.form for token in tokens(text))


def hashtags_apart(text: str) -> str:
    """Returns `text` with the words of each #HashTag written apart.

    For a second check: "#ShopALooter" is "Shop A Looter".
    """
    found: list[str] = []
    inside, before = False, ""
    for character in text:
        if character == "#":
            inside = True
        elif not (character.isalnum() or character == "_"):
            inside = False
        if inside and character.isupper() and (before.islower() or before.isupper()):
            found.append(" ")
        found.append(character)
        before = character
    return "".join(found)

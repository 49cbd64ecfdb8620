"""Comparing a text that was sent with the text a platform reads back."""

from __future__ import annotations

import html
import re

from publisher.destinations.base import readable

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """The words of `text` alone, so that what was sent and what is read back can be compared.

    Flickr makes links of bare addresses (`<a href=".." rel="noreferrer nofollow">`) and answers with
    `&quot;` and `&#039;` (recorded replies), so entities are undone, tags dropped and white space made
    single, and what cannot be written down (a control character that somebody typed) is one sign on both sides.
    Apply it to both sides; it changes nothing a second time.
    """
    plain = _unescaped(readable(text))
    while (bare := _TAG.sub("", plain)) != plain:
        plain = _unescaped(bare)
    return _SPACE.sub(" ", plain).strip()


def _unescaped(text: str) -> str:
    while (plain := html.unescape(text)) != text:
        text = plain
    return text

"""Comparing a text that was sent with the text a platform reads back."""

from __future__ import annotations

import html
import re

from publisher.destinations.base import readable

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Returns the plain text of `text`, so that what was sent and what is read back can be compared.

    Flickr makes links of bare addresses (`<a href=".." rel="noreferrer nofollow">`) and answers with `&quot;` and
    `&#039;` (recorded replies), so entities are undone, tags dropped, white space made single, and each character that
    cannot be stored (a control character that somebody typed) replaced by the same sign. Apply it to both sides; a
    second application changes nothing.
    """
    plain = _unescaped(readable(text))
    while (bare := _TAG.sub("", plain)) != plain:
        plain = _unescaped(bare)
    return _SPACE.sub(" ", plain).strip()


def _unescaped(text: str) -> str:
    while (plain := html.unescape(text)) != text:
        text = plain
    return text

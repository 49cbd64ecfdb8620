"""Flickr's way of writing tags, and the Mark among them."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Namespace and predicate begin with a letter; the value survives Flickr's normalisation (lower case,
# no punctuation: recorded replies) only because it is lower-case hexadecimal.
MARK_TAG = "publisher:mark="
_MARK = re.compile(r"publisher:mark=([0-9a-f]{32})")


def tag_line(mark: str, tags: Iterable[str]) -> str:
    """Returns all tags as one argument: separated by spaces, quoted where a tag has more than one word.

    The Mark comes first, so that it survives if Flickr cuts the line. Flickr has no way to write a double quote inside
    a tag, so it is left out.
    """
    plain = (" ".join(tag.replace('"', "").split()) for tag in tags)
    return " ".join([MARK_TAG + mark, *(_quoted(tag) for tag in plain if tag)])


def mark_in(tags: Iterable[str]) -> str | None:
    """Returns the Mark among `tags` as Flickr gives them, raw or normalised; None where there is none."""
    for tag in tags:
        found = _MARK.fullmatch(tag.strip().strip('"').lower())
        if found:
            return found[1]
    return None


def forges_a_mark(tags: Iterable[str]) -> bool:
    """Whether Flickr would show one of the officer's own tags as a Mark."""
    return any(re.sub(r'[\s"]', "", tag).lower().startswith(MARK_TAG) for tag in tags)


def _quoted(tag: str) -> str:
    return tag if re.fullmatch(r"[\w-]+", tag) else f'"{tag}"'

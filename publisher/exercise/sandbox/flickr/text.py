"""What Flickr does to texts: tags are normalised, descriptions become HTML and are escaped on reading.

Both are why what is read back never equals what was sent, and why a tag's `raw` must be asked for.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r'"([^"]*)"|(\S+)')
_MACHINE = re.compile(r"^([A-Za-z][A-Za-z0-9_]*):([A-Za-z][A-Za-z0-9_]*)=(.+)$", re.DOTALL)
_DROPPED = re.compile(r"[^\w]|_")
# A link a person wrote stays one; a bare address becomes one, with the recorded rel.
_LINK = re.compile(r"<a\s[^>]*>.*?</a>|https?://[^\s<>\"]+", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"</?(?:a|b|i|em|strong|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_ANY_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")


def split_tags(text: str) -> list[str]:
    """The tags of a request: separated by spaces, several words within quotes. A machine tag's value may
    be quoted on its own (`ns:pred="two words"`)."""
    glued = re.sub(r'(\S+=)"([^"]*)"', r'"\1\2"', text)
    return [quoted or bare for quoted, bare in _TAG.findall(glued) if quoted or bare]


def machine_parts(raw: str) -> tuple[str, str, str] | None:
    """(namespace, predicate, value) of a machine tag, None for any other."""
    found = _MACHINE.match(raw)
    return (found[1], found[2], found[3]) if found else None


def normalised(raw: str) -> str:
    """The tag as Flickr stores and searches it: lower case, no spaces, no punctuation (recorded:
    `dc:identifier=https://x.org/page/33` became `dc:identifier=httpsxorgpage33`)."""
    parts = machine_parts(raw)
    if parts:
        return f"{parts[0].lower()}:{parts[1].lower()}={_DROPPED.sub('', parts[2]).lower()}"
    return _DROPPED.sub("", raw).lower()


def unique_tags(tags: list[str]) -> list[str]:
    """The first of every group of tags that normalise to the same; those that come to nothing fall away."""
    kept: dict[str, str] = {}
    for raw in tags:
        if normalised(raw):
            kept.setdefault(normalised(raw), raw)
    return list(kept.values())


def as_read(description: str) -> str:
    """The description as getInfo gives it back: bare addresses linked, markup outside the allowed subset
    gone, everything else HTML-escaped with the entities of the recordings (`&quot;`, `&#039;`)."""
    text = description.replace("\r\n", "\n").strip()
    out, at = [], 0
    for found in _LINK.finditer(text):
        out.append(_escaped(text[at : found.start()]))
        out.append(found[0] if found[0].startswith("<") else _linked(found[0]))
        at = found.end()
    return "".join([*out, _escaped(text[at:])])


def _linked(address: str) -> str:
    bare = address.rstrip(".,;:!?)")
    shown = html.escape(bare)
    return f'<a href="{shown}" rel="noreferrer nofollow">{shown}</a>{_escaped(address[len(bare) :])}'


def _escaped(text: str) -> str:
    out, at = [], 0
    for found in _ANY_MARKUP.finditer(text):
        out.append(_entities(text[at : found.start()]))
        if _MARKUP.fullmatch(found[0]):
            out.append(found[0])
        at = found.end()
    return "".join([*out, _entities(text[at:])])


def _entities(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#039;")

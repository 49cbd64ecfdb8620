"""Flickr's answers: the XML with its exact whitespace, and the same tree as JSON.

The shapes and the whitespace are those of the recorded replies: an XML declaration with a space before
`?>`, children of `rsp` not indented, theirs by one tab, a newline after `</rsp>`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from publisher.exercise.sandbox.wire import Reply

_HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'
_QUOTES = {'"': "&quot;"}


class FlickrError(Exception):
    """An API error: Flickr's code and message. It travels with HTTP 200."""

    def __init__(self, code: int, message: str, extra: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.extra = code, message, extra or {}


@dataclass(slots=True)
class Node:
    """One element. Attributes keep their Python type, because JSON answers are inconsistent on purpose:
    `photos.search` gives its total as a string, `photosets.getList` as a number (both recorded)."""

    name: str
    attributes: dict[str, str | int | float] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str | None = None
    many: str | None = None  # the children of this name are a JSON list, also when there are none

    def xml(self, depth: int = 0) -> str:
        """The element, indented by `depth` tabs."""
        tabs = "\t" * depth
        opening = f"{tabs}<{self.name}" + "".join(
            f' {name}="{escape(str(value), _QUOTES)}"' for name, value in self.attributes.items()
        )
        if self.children:
            inner = "".join(child.xml(depth + 1) for child in self.children)
            return f"{opening}>\n{inner}{tabs}</{self.name}>\n"
        if self.text:
            return f"{opening}>{escape(self.text, _QUOTES)}</{self.name}>\n"
        return f"{opening} />\n"

    def json(self) -> Any:
        """The element as Flickr's JSON: attributes as keys, text as `_content`."""
        body: dict[str, Any] = dict(self.attributes)
        if self.text is not None:
            body["_content"] = self.text
        if self.many:
            body[self.many] = [child.json() for child in self.children if child.name == self.many]
        body.update({child.name: child.json() for child in self.children if child.name != self.many})
        return body


def answered(answer: Node | list[Node] | None, fields: Mapping[str, str]) -> Reply:
    """A success: what is under `rsp`; None is the empty success of most setters."""
    if fields.get("format") == "json":
        if isinstance(answer, list):
            body = {answer[0].name: [node.json() for node in answer]} if answer else {}
        else:
            body = {answer.name: answer.json()} if answer else {}
        return _json({**body, "stat": "ok"}, fields, "ok")
    nodes = answer if isinstance(answer, list) else [answer] if answer else []
    inner = "".join(node.xml() for node in nodes)
    return _xml(f'<rsp stat="ok">\n{inner}</rsp>\n', "ok")


def failed(code: int, message: str, fields: Mapping[str, str], extra: Mapping[str, str] | None = None) -> Reply:
    """A failure. It travels with HTTP 200, as every API error of Flickr does."""
    outcome = f"fail {code}"
    if fields.get("format") == "json":
        return _json({"stat": "fail", "code": code, "message": message, **(extra or {})}, fields, outcome)
    more = "".join(f"\t<{name}>{escape(value)}</{name}>\n" for name, value in (extra or {}).items())
    error = f'\t<err code="{code}" msg="{escape(message, _QUOTES)}" />\n'
    return _xml(f'<rsp stat="fail">\n{error}{more}</rsp>\n', outcome)


def _xml(rsp: str, outcome: str) -> Reply:
    return Reply(200, (_HEAD + rsp).encode(), "text/xml; charset=utf-8", outcome=outcome)


def _json(body: Any, fields: Mapping[str, str], outcome: str) -> Reply:
    text = json.dumps(body)
    if fields.get("nojsoncallback") != "1":
        text = f"{fields.get('jsoncallback', 'jsonFlickrApi')}({text})"
    return Reply(200, text.encode(), "application/json", outcome=outcome)

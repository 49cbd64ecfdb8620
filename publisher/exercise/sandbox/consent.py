"""The consent pages' common frame: a question, who asks, and one button."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from publisher.exercise.sandbox.page_frame import framed
from publisher.exercise.sandbox.wire import Reply


def asked(title: str, words: str, action: str, hidden: Mapping[str, str]) -> Reply:
    """A page that asks for consent and posts `hidden` to `action` when it is given."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    form = f'<form method="post" action="{escape(action)}">{kept}<button type="submit">Allow</button></form>'
    return framed(title, f"<h1>{escape(title)}</h1><p>{escape(words)}</p>{form}")


def shown(title: str, words: str, value: str) -> Reply:
    """A page that shows a code to be typed elsewhere."""
    return framed(title, f"<h1>{escape(title)}</h1><p>{escape(words)}</p><p><code>{escape(value)}</code></p>")

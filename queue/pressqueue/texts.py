"""The words of an Item: which placeholders they may hold, and what they become."""

from __future__ import annotations

import re

PLACEHOLDERS = ("day", "reference")
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


def unknown_placeholders(text: str) -> list[str]:
    """Returns every brace in `text` that is not {day} or {reference}."""
    return [found.group(0) for found in _BRACES.finditer(text) if found.group(1) not in PLACEHOLDERS]


def wants_day(*texts: str) -> bool:
    """Whether any of these texts holds {day}, which only a Slot of a campaign fills."""
    return any("{day}" in text for text in texts)


def fill(text: str, *, reference: str, day: int | None) -> str:
    """Returns `text` with its placeholders filled.

    Raises ValueError for a {day} without a day number, which is a programming error.
    """
    if "{day}" in text and day is None:
        raise ValueError("a day number is wanted and none was allotted")
    return text.replace("{reference}", reference).replace("{day}", str(day))


def day_in(template: str, *, reference: str, filled: str) -> int | None:
    """Returns the day number with which `template` became `filled`; None where it cannot be read.

    Spaces do not count: platforms join several into one.
    """
    words = template.replace("{reference}", reference).split()
    pattern = r"\s+".join(re.escape(word).replace(r"\{day\}", r"(\d{1,6})") for word in words)
    found = re.fullmatch(pattern, filled.strip())
    days = set(found.groups()) if found else set()
    return int(days.pop()) if len(days) == 1 else None

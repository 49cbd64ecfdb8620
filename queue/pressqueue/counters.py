"""The numbers that are never given twice: references, Subjects' numbers, day numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pressqueue.models import Campaign, Item

Least = dict[str, tuple[int, int]]  # by a campaign's prefix: the least next number, and the least next day
_REFERENCE = re.compile(r"\b([A-Z]{2,8})-(\d{1,9})\b")


def of_office() -> Least:
    """Returns the next number and the next day of every campaign."""
    rows = Campaign.objects.values_list("prefix", "next_number", "next_day")
    return {prefix: (number, day) for prefix, number, day in rows}


def above(references: Iterable[str]) -> Least:
    """Returns the least next numbers that repeat none of these references, nor of the references in these texts."""
    found: Least = {}
    for reference in references:
        for prefix, number in _REFERENCE.findall(reference):
            found = highest(found, {prefix: (int(number) + 1, 1)})
    return found


def above_days(titles: Iterable[str]) -> Least:
    """Returns the least next days that repeat none of the day numbers in these titles, as platforms show them.

    The text before {day} in each campaign's Items tells which: "Day 57 - ..." matches "Day {day} - ...".
    """
    shown, found = list(titles), dict[str, tuple[int, int]]()
    with_day = Item.objects.filter(title__contains="{day}").values_list("campaign__prefix", "title")
    ways = {(prefix, title.partition("{day}")[0]) for prefix, title in with_day}
    for prefix, before in sorted(ways):
        way = re.compile(re.escape(before).replace(re.escape("{reference}"), r"\S+") + r"(\d{1,6})\b")
        days = [int(match.group(1)) for title in shown if (match := way.match(title))]
        if days:
            found = highest(found, {prefix: (1, max(days) + 1)})
    return found


def highest(one: Mapping[str, tuple[int, int]], other: Mapping[str, tuple[int, int]]) -> Least:
    """Returns for each prefix the higher number and the higher day of the two."""
    nothing = (1, 1)
    return {
        prefix: (
            max(one.get(prefix, nothing)[0], other.get(prefix, nothing)[0]),
            max(one.get(prefix, nothing)[1], other.get(prefix, nothing)[1]),
        )
        for prefix in sorted({*one, *other})
    }

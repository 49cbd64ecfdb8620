"""The ledger held against the sandbox's own record, once everything has run out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from torture.ground import Ground, moment

Thing = dict[str, Any]
_POSTS = """SELECT p.id, p.destination, p.state, p.mark, p.remote_id, p.take_down_asked_at, p.revealing_at,
p.removed_at, p.parked_at, i.state FROM pressqueue_post p JOIN pressqueue_item i ON i.id = p.item_id ORDER BY p.id"""
_DECISIONS = """SELECT number, act, about FROM pressqueue_entry
WHERE act IN ('post_begin_reveal', 'post_take_down', 'post_cancel', 'take_down_asked') ORDER BY number"""


@dataclass(frozen=True, slots=True)
class Row:
    """One Post as the ledger has it; times in seconds since the epoch."""

    id: int
    platform: str
    state: str
    mark: str
    remote_id: str | None
    asked_down: float | None
    revealing: float | None
    removed: float | None
    parked: float | None
    item: str
    decided: int = 0  # the chain's number of its last deciding commit, and of the first that asked it down; 0: none
    ended: int = 0

    @property
    def wanted(self) -> bool:
        return self.asked_down is None and self.item == "approved"


@dataclass
class Findings:
    """The numbers of each Post that is not as it must be, by what is wrong with it."""

    posts: int
    states: Counter[str]
    lost: list[int] = field(default_factory=list)  # approved, wanted, and not to be seen
    doubled: list[int] = field(default_factory=list)  # two copies stood at the platform at once
    shown_twice: list[int] = field(default_factory=list)  # two copies were public, at any time
    left_up: list[int] = field(default_factory=list)  # public after its removal was confirmed
    left_behind: list[int] = field(default_factory=list)  # a copy stands, unseen, of what counts as removed
    shown_unwanted: list[int] = field(default_factory=list)  # made public without, or against, the deciding commit
    parked: list[int] = field(default_factory=list)
    restless: list[int] = field(default_factory=list)  # in no state that is an end

    def violations(self) -> dict[str, int]:
        names = ("lost", "doubled", "shown_twice", "left_up", "left_behind", "shown_unwanted", "parked", "restless")
        return {name: len(getattr(self, name)) for name in names}


def reckon(ground: Ground) -> Findings:
    """Everything the platforms were ever given, by Mark, against every Post."""
    decided, ended = _in_the_chain(ground)
    rows = [_row(decided, ended, *values) for values in ground.sql(_POSTS)]
    things = _by_mark(ground.control.things())
    found = Findings(len(rows), Counter(row.state for row in rows))
    for row in rows:
        for name, wrong in _JUDGED.items():
            if wrong(row, things.get(row.mark, [])):
                getattr(found, name).append(row.id)
    return found


def _row(decided: dict[int, int], ended: dict[int, int], *values: Any) -> Row:
    head, times, item = values[:5], values[5:9], values[9]
    moments = (None if at is None else moment(at).timestamp() for at in times)
    return Row(*head, *moments, item, decided.get(head[0], 0), ended.get(head[0], 0))


def _in_the_chain(ground: Ground) -> tuple[dict[int, int], dict[int, int]]:
    """By Post: the number of its last deciding commit, and of the first commit that asked it down.

    Which of two came first is the chain's to say: each took its time of day before it waited for the other's lock.
    """
    decided: dict[int, int] = {}
    ended: dict[int, int] = {}
    for number, act, about in ground.sql(_DECISIONS):
        post = json.loads(about)["post"]
        if act == "post_begin_reveal":
            decided[post] = number
        else:
            ended.setdefault(post, number)
    return decided, ended


def _by_mark(things: list[Thing]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in things:
        for tag in thing["tags"]:
            found.setdefault(tag.removeprefix("publisher:mark=").strip('"')[-32:], []).append(thing)
    return found


def _until(end: float | None) -> float:
    return float("inf") if end is None else end


def _lost(row: Row, things: list[Thing]) -> bool:
    mine = [one for one in things if one["id"] == row.remote_id and one["deleted"] is None]
    return row.wanted and not (row.state == "live" and mine and mine[0]["visibility"] == "public")


def _doubled(_: Row, things: list[Thing]) -> bool:
    stood = sorted((one["created"], _until(one["deleted"])) for one in things)
    return any(later[0] < earlier[1] for earlier, later in pairwise(stood))


def _shown_twice(_: Row, things: list[Thing]) -> bool:
    return sum(bool(one["public"]) for one in things) > 1


def _left_up(row: Row, things: list[Thing]) -> bool:
    if row.state not in ("removed", "cancelled"):
        return False
    ends = [_until(end) for one in things for _, end in one["public"]]
    return any(end > (row.removed or 0.0) for end in ends)


def _left_behind(row: Row, things: list[Thing]) -> bool:
    return row.state in ("removed", "cancelled") and any(one["deleted"] is None for one in things)


def shown_unwanted(row: Row, things: list[Thing]) -> bool:
    begins = [begin for one in things for begin, _ in one["public"]]
    if not begins:
        return False
    if row.revealing is None or row.revealing > min(begins):
        return True
    return bool(row.ended) and row.decided > row.ended


_JUDGED = {
    "lost": _lost,
    "doubled": _doubled,
    "shown_twice": _shown_twice,
    "left_up": _left_up,
    "left_behind": _left_behind,
    "shown_unwanted": shown_unwanted,
    "parked": lambda row, _: row.parked is not None,
    "restless": lambda row, _: row.state not in ("live", "removed", "cancelled"),
}

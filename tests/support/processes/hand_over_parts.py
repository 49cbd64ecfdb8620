"""Hands parts of the same files over to one session, in a process of its own: `seed`, `hand`, `whole`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import django
from django.core.management import call_command
from django.db import IntegrityError

django.setup()

from pressqueue.models import Item, Viewing
from pressqueue.moves import viewing

from support import factories
from support.processes.starting import wait_for_the_others

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SESSION, PART = "5e" * 32, 1000  # bytes


def seed() -> dict[str, object]:
    call_command("migrate", verbosity=0)
    factories.office()
    factories.approver()
    factories.appeal()
    return {}


def hand(number: int, of: int, turns: int) -> dict[str, object]:
    """Part `number` of each of so many files. All processes begin each turn at the same instant."""
    item, who = Item.objects.get(), factories.approver()
    wait_for_the_others()
    begins = (time.time() // 2 + 1) * 2  # the next even second: the same for all who read the line within it
    part, refused = (number * PART, (number + 1) * PART), 0
    for turn in range(turns):
        time.sleep(max(0.0, begins + turn * 0.05 - time.time()))
        try:
            viewing.handed_over(who, SESSION, item, f"{turn:064x}", part, size=of * PART, began_at=NOW, now=NOW)
        except IntegrityError:
            refused += 1
    return {"refused": refused}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["seed", "hand", "whole"])
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--of", type=int, default=4)
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--unlocked", action="store_true", help="the control: nobody locks the Item")
    given = parser.parse_args()
    if given.unlocked:
        # Where the lock would be waited for there is time for the others to come, however busy the machine is.
        unlocked = SimpleNamespace(select_for_update=lambda **_: SimpleNamespace(get=lambda **_: time.sleep(0.1)))
        viewing.Item = SimpleNamespace(objects=unlocked)  # type: ignore[misc, assignment]
    if given.what == "seed":
        result = seed()
    elif given.what == "hand":
        result = hand(given.number, given.of, given.turns)
    else:
        result = {"rows": Viewing.objects.count(), "whole": Viewing.objects.filter(whole_at__isnull=False).count()}
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()

"""Asks one resting account's breaker in a process of its own; prints how often it was to make the probe."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime, timedelta

import django
from django.core.management import call_command

django.setup()

from pressqueue.models import Account
from pressqueue.moves import circuit_breaker

from support.processes.starting import wait_for_the_others

REST = circuit_breaker.Rest(after=5, first=5.0, most=300.0, probe=120.0)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
APART = timedelta(seconds=200)  # longer than a probe's lease: in each turn one probe is due


def by_update(now: datetime) -> bool:
    leave = circuit_breaker.ask("flickr", REST, now=now)
    return leave.granted and leave.until is not None


def by_saving(now: datetime) -> bool:
    """The wrong way, as a control: read, change, save."""
    account = Account.objects.get()
    if account.broken_until is None or account.broken_until > now:
        return False
    account.broken_until = now + timedelta(seconds=REST.probe)
    account.save(update_fields=["broken_until"])
    return True


def ask(how: str, turns: int, apart: float) -> dict[str, object]:
    """The turns in which the probe was ours. All processes begin each turn at the same instant."""
    wait_for_the_others()
    begins = (time.time() // 2 + 1) * 2  # the next even second: the same for all who read the line within it
    won, late = [], 0
    for turn in range(turns):
        wait = begins + turn * apart - time.time()
        late += wait < 0
        time.sleep(max(0.0, wait))
        if (by_update if how == "update" else by_saving)(NOW + turn * APART):
            won.append(turn)
    return {"won": won, "late": late}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["seed", "ask"])
    parser.add_argument("--how", default="update")
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--apart", type=float, default=0.05)
    given = parser.parse_args()
    if given.what == "seed":
        call_command("migrate", verbosity=0)
        Account.objects.create(destination="flickr", failures=5, broken_at=NOW, broken_until=NOW)
        result: dict[str, object] = {}
    else:
        result = ask(given.how, given.turns, given.apart)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()

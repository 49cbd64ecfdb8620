"""Spends one bucket as fast as it can, in a process of its own; prints how many units it was given."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime

import django
from django.core.management import call_command

django.setup()

from pressqueue.models import Spend
from pressqueue.moves import quota

from support.processes.starting import wait_for_the_others

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def by_update(rule: quota.Rule, withdrawing: bool) -> bool:
    return quota.spend("flickr", rule, 1, withdrawing=withdrawing, now=NOW) is None


def by_saving(rule: quota.Rule, withdrawing: bool) -> bool:
    """The wrong way, as a control: read, change, save."""
    row, _ = Spend.objects.get_or_create(destination="flickr", bucket=rule.bucket, window=rule.began(NOW))
    if row.used + 1 > rule.units - (0 if withdrawing else rule.reserve):
        return False
    row.used += 1
    row.save(update_fields=["used"])
    return True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["migrate", "spend", "used"])
    parser.add_argument("--tries", type=int, default=0)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--reserve", type=int, default=0)
    parser.add_argument("--withdrawing", action="store_true")
    parser.add_argument("--how", default="update")
    given = parser.parse_args()
    rule = quota.Rule("calls", given.limit, "hour", reserve=given.reserve)
    if given.what == "migrate":
        call_command("migrate", verbosity=0)
        result = {}
    elif given.what == "used":
        result = {"rows": list(Spend.objects.values_list("used", flat=True))}
    else:
        take = by_update if given.how == "update" else by_saving
        wait_for_the_others()
        result = {"given": sum(take(rule, given.withdrawing) for _ in range(given.tries))}
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()

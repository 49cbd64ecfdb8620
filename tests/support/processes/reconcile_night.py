"""One scheduler's night, in a process of its own: reckons the accounts that are due; prints which it reckoned."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from pressqueue.models import Account, ReconciliationRun, UnmanagedMedia
from pressqueue.moves import reconciliation
from publisher.reconciliation import nightly

from support import factories, office_folder
from support.factories import Clock
from support.processes.starting import wait_for_the_others

NIGHT = factories.NOW + timedelta(days=1)


def seed(count: int) -> None:
    """So many accounts with a past; nothing stands at any of them any more."""
    call_command("migrate", verbosity=0)
    factories.office()
    for number in range(count):
        Account.objects.create(destination=f"gallery{number}")
        UnmanagedMedia.objects.create(
            destination=f"gallery{number}",
            remote_id="1",
            visibility="public",
            found_at=factories.NOW - timedelta(days=1),
        )


def by_saving(destination: str, owner: str, until: datetime, now: datetime) -> bool:
    """The wrong way, as a control: read, change, save."""
    account = Account.objects.get(pk=destination)
    if account.reckoning_until is not None and account.reckoning_until > now:
        return False
    account.reckoning_by, account.reckoning_until = owner, until
    account.save()
    return True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["seed", "night"])
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--name", default="")
    parser.add_argument("--how", default="update")
    given = parser.parse_args()
    if given.what == "seed":
        seed(given.count)
        json.dump({}, sys.stdout)
        print()
        return
    with tempfile.TemporaryDirectory() as folder:
        worker = office_folder.worker(Path(folder), Clock(NIGHT), name=given.name)
        (gallery,) = worker.destinations.values()
        worker.destinations = {f"gallery{number}": gallery for number in range(given.count)}
        if given.how == "save":
            reconciliation.claim_account = by_saving
        wait_for_the_others()
        done = nightly.run_round(worker)
    json.dump({"reckoned": done, "rows": ReconciliationRun.objects.count()}, sys.stdout)
    print()


if __name__ == "__main__":
    main()

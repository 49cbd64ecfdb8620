"""The upgraded office goes on working: its rounds are rung at a given hour, in a process of its own.

goes_on.py '{"item": reference, ...}' HOUR    prints what stands where afterwards
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import django

django.setup()

from pressqueue import packages
from pressqueue.models import Attempt, Item, Package
from pressqueue.moves import subjects
from publisher.scheduling import scheduler
from publisher.setup import bootstrap
from publisher.workers.worker import open_worker

from support import factories

FOLDER = Path(os.environ["PUBLISHER_OFFICE"])


def main(named: dict[str, str], hour: datetime) -> None:
    office, secrets = bootstrap.open_office(FOLDER)
    clock = factories.Clock(hour)
    worker = open_worker(office, secrets, "now", clock=clock)
    appeal = Item.objects.get(reference=named["approved appeal"])
    subjects.record_check(factories.investigator(), appeal.subjects.get(), "none", name="PNC", at=hour, now=hour)
    tried = set(Attempt.objects.values_list("post__item__reference", flat=True))
    for _ in range(3):
        scheduler.round(worker)
        clock.on(seconds=30)
    since = Attempt.objects.filter(began_at__gte=hour).values_list("post__item__reference", flat=True)
    items = Item.objects.filter(reference__in=named.values())
    told = {
        "states": {item.reference: [str(post.state) for post in item.posts.order_by("pk")] for item in items},
        "sent": sorted(since),
        "tried before": sorted(tried),
        "digests hold": all(packages.digest(each.content) == each.digest for each in Package.objects.all()),
        "still described": all(
            packages.still_describes(item.package, item) for item in items.filter(state__in=["approved", "in_review"])
        ),
        "asked": [hour.isoformat(), (hour + timedelta(minutes=2)).isoformat()],
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))

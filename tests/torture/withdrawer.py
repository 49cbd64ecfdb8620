"""An officer who withdraws one Post for each line read ("standing" or "sending"), and says which, and when it began."""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from pressqueue.models import Post
from pressqueue.moves import leases, takedown

from support import factories

STATES = {"standing": ["concealed", "live"], "sending": ["sending"]}


def withdraw(which: str) -> dict[str, object]:
    found = Post.objects.filter(state__in=STATES[which], take_down_asked_at__isnull=True).select_related("item")
    post = found.order_by("?").first()
    if post is None:
        return {}
    at = time.time()
    takedown.withdraw(factories.approver(), post.item, "eliminated", now=leases.database_now())
    # As the command itself met it: what was being sent may have arrived since it was chosen.
    post.refresh_from_db()
    return {"post": post.pk, "at": at, "state": "standing" if post.state == "removing" else "sending"}


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(withdraw(line.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Queue approved appeals in the office of PUBLISHER_OFFICE: queue_posts.py TOKENS_JSON COUNT SIZE.

Migrates, connects, and queues COUNT appeals at each destination, each file SIZE bytes longer than small.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management import call_command
from django.db import transaction

django.setup()

from pressqueue.models import Account, Office
from publisher.configuration import office_file, secret_store
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import build_destinations

from support import approved_posts, factories


def main() -> None:
    folder = Path(os.environ["PUBLISHER_OFFICE"])
    tokens, count, size = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    office, secrets = office_file.load(folder), secret_store.load(folder)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        now = datetime.now(UTC)
        Office.objects.create(exercise=True, made_at=now)
        for name, token in tokens.items():
            TokenStore(secrets.seal_key).save(name, token)
        Account.objects.create(destination="youtube", comments_closed_at=now)
        factories.operation(album_title="Operation Larch", album_description="Do you know these people?")
        destinations = build_destinations(office, secrets)
        queued = [
            approved_posts.queue(folder, name, number, now, secrets.office_key, size)
            for name in destinations
            for number in range(count)
        ]
    json.dump({"posts": queued}, sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

"""furnish.py TOKENS_JSON COUNT: an office with COUNT approved appeals, stills and footage, their Posts waiting."""

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
from publisher.configuration import secret_store
from publisher.workers.token_store import TokenStore

from support import approved_posts, factories

AT_ONCE = 100  # Items a transaction


def main() -> None:
    folder, tokens, count = Path(os.environ["PUBLISHER_OFFICE"]), json.loads(sys.argv[1]), int(sys.argv[2])
    secrets, now = secret_store.load(folder), datetime.now(UTC)
    approved_posts.body = body  # type: ignore[assignment]  # as its own, but no two alike however many there are
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        Office.objects.create(exercise=True, made_at=now)
        for name, token in tokens.items():
            TokenStore(secrets.seal_key).save(name, token)
        Account.objects.create(destination="youtube", comments_closed_at=now)
        factories.operation(album_title="Operation Larch", album_description="Do you know these people?")
    for begin in range(0, count, AT_ONCE):
        with transaction.atomic():
            for number in range(begin, min(begin + AT_ONCE, count)):
                approved_posts.queue(folder, ("flickr", "youtube")[number % 2], number, now, secrets.office_key)
    sys.stdout.write(json.dumps({"posts": count}) + "\n")


def body(video: bool, number: int) -> bytes:
    """A real JPEG, or what begins like an MP4 and fills two chunks; a number of its own in each.

    The same bytes under two Items are refused by Flickr's own check, and rightly.
    """
    return (_MP4 if video else _jpeg()) + number.to_bytes(4, "big")


def _jpeg() -> bytes:
    import io

    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (160, 120), (40, 80, 120)).save(picture, "JPEG")
    return picture.getvalue()


_MP4 = b"\x00\x00\x00\x20ftypisom" + b"\x2a" * (300 * 1024)

if __name__ == "__main__":
    main()

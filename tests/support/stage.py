"""An office on disk with approved Items, for processes that are killed and started again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import transaction

django.setup()

import world  # noqa: E402

from pressqueue.models import Account, Item, Office, Post, Rendition  # noqa: E402
from pressqueue.moves import items, posting  # noqa: E402
from publisher.configuration import office_file, secret_store  # noqa: E402
from publisher.workers.token_store import TokenStore  # noqa: E402
from publisher.workers.worker import build_destinations  # noqa: E402


def main() -> None:
    """stage.py TOKENS_JSON COUNT SIZE: migrate, connect, and queue COUNT approved appeals at each destination, each
    file SIZE bytes longer than small.
    """
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
        world.operation(album_title="Operation Larch", album_description="Do you know these people?")
        destinations = build_destinations(office, secrets)
        queued = [
            queue(folder, name, number, now, secrets.office_key, size)
            for name in destinations
            for number in range(count)
        ]
    json.dump({"posts": queued}, sys.stdout)
    sys.stdout.write("\n")


def queue(folder: Path, destination: str, number: int, now: datetime, key: bytes, size: int = 0, **changes: Any) -> int:
    """One approved appeal with small but real bytes, its Post waiting. `changes`: its texts, where they matter."""
    video = destination == "youtube"
    item = world.appeal(
        now=now,
        destinations=[destination],
        publish_from=now - timedelta(seconds=1),
        publish_until=now + timedelta(hours=12),
        original=world.original(f"{destination} {number}".encode(), kind="footage" if video else "still"),
        **changes,
    )
    main = keep(folder, item, "main", body(video, number) + bytes(size), "video/mp4" if video else "image/jpeg", now)
    thumbnail = keep(folder, item, "thumbnail", body(False, number), "image/jpeg", now) if video else None
    items.submit(world.author(), item, now=now)
    ready = Item.objects.get(pk=item.pk)
    package = items.rendered(ready, main, thumbnail, now=now)
    assert package is not None
    world.verified(ready, now=now)
    items.approve(world.approver(), ready, package.digest, deciding=world.viewed(ready, now=now), now=now)
    posting.open_posts(ready, key=key, conceals={destination: True}, due_at=now, now=now)
    return Post.objects.get(item=item).pk


def body(video: bool, number: int) -> bytes:
    """Bytes a platform accepts: a real JPEG, or something as long as two chunks that begins like an MP4."""
    if video:
        return b"\x00\x00\x00\x20ftypisom" + bytes([number % 256]) * (600 * 1024)
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (320, 240), (number * 7 % 256, 80, 120)).save(picture, "JPEG")
    return picture.getvalue()


def keep(folder: Path, item: Item, role: str, content: bytes, media_type: str, now: datetime) -> Rendition:
    sha256 = hashlib.sha256(content).hexdigest()
    place = folder / "media" / "renditions" / sha256[:2] / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.write_bytes(content)
    return Rendition.objects.create(
        item=item, role=role, sha256=sha256, size=len(content), media_type=media_type, recipe="{}",
        width=320, height=240, made_at=now,
    )  # fmt: skip


if __name__ == "__main__":
    main()

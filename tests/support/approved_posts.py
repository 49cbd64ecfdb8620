"""Approved Items with small but real files in an office on disk, their Posts waiting."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pressqueue.models import Item, Post, Rendition
from pressqueue.moves import items, posting

from support import factories


def queue(
    folder: Path, destination: str, number: int, now: datetime, key: bytes, size: int = 0, *,
    alt_text_field: bool = False, **changes: Any,
) -> int:  # fmt: skip
    """One approved appeal with small but real bytes, its Post waiting. `changes`: its texts, where they matter."""
    video = destination == "youtube"
    item = factories.appeal(
        now=now,
        destinations=[destination],
        publish_from=now - timedelta(seconds=1),
        publish_until=now + timedelta(hours=12),
        original=factories.original(f"{destination} {number}".encode(), kind="footage" if video else "still"),
        **changes,
    )
    main = keep(folder, item, "main", body(video, number) + bytes(size), "video/mp4" if video else "image/jpeg", now)
    thumbnail = keep(folder, item, "thumbnail", body(False, number), "image/jpeg", now) if video else None
    items.submit(factories.author(), item, now=now)
    ready = Item.objects.get(pk=item.pk)
    fields = [destination] if alt_text_field else []
    package = items.rendered(ready, main, thumbnail, alt_text_fields=fields, now=now)
    assert package is not None
    factories.verified(ready, now=now)
    items.approve(factories.approver(), ready, package.digest, deciding=factories.viewed(ready, now=now), now=now)
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

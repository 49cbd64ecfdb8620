"""Albums and playlists: rows of ours, each made once at its platform, under a lease."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.db.models import Q

from pressqueue.models import Album, Post
from publisher.worker import Worker


def lease(post: Post, worker: Worker, now: datetime) -> Album | None:
    """The album of this Post's campaign at its destination, held by this worker; None while another has it."""
    key = post.item.campaign.slug
    album, _ = Album.objects.get_or_create(
        account=post.destination, key=key, defaults={"mark": _mark(worker.key, post.destination, key)}
    )
    free = Q(until__isnull=True) | Q(until__lte=now)
    taken = Album.objects.filter(free, pk=album.pk).update(owner=worker.name, until=now + worker.lease)
    return album if taken else None


def _mark(key: bytes, destination: str, album: str) -> str:
    return hmac.new(key, f"album\n{destination}\n{album}".encode(), hashlib.sha256).hexdigest()[:32]
